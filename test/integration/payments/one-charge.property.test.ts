/** Whatever is tried for one order, in whatever order, through whatever failures: it is charged at most once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Payments } from '../../../packages/server/src/payments/create-payments.ts'
import { EVERY_FAULT, type Fault } from '../../support/fault.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

type Step =
  | { readonly kind: 'pay'; readonly card: string; readonly key: string | null; readonly process: number }
  | { readonly kind: 'fail'; readonly fault: Fault }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'settle' }

const cards = fc.constantFrom('tok_visa', 'tok_mastercard', 'tok_chargeDeclined', 'pm_card_visa')
const faults = fc.constantFrom(
  ...EVERY_FAULT.filter(({ kind }) => kind !== 'delay'),
  { kind: 'status', status: 429, when: 'after' } as const,
  { kind: 'status', status: 401, when: 'after' } as const,
)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('pay' as const),
        card: cards,
        key: fc.constantFrom(null, null, 'key-1', 'key-2'),
        process: fc.nat(1),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('fail' as const), fault: faults }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.constantFrom(1_000, 700_000, 90_000_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
  ),
  { minLength: 1, maxLength: 12 },
)

async function play(till: Till, orderId: string, plan: readonly Step[]): Promise<void> {
  const processes: [Payments, Payments] = [till.open(), till.open()]
  const before = await till.succeeded()
  const asked: Promise<unknown>[] = []
  for (const step of plan) {
    if (step.kind === 'fail') till.proxy.failNext(step.fault)
    else if (step.kind === 'settle') await Promise.all(asked)
    else if (step.kind === 'wait') {
      // However slow Stripe is, it does not take minutes.
      if (step.ms > 60_000) await Promise.all(asked).then(() => till.proxy.idle())
      await till.advance(step.ms)
    } else {
      const caller = aCaller(step.key === null ? null : `${orderId}-${step.key}`)
      const payment = aPayment({ orderId, card: step.card })
      const payments = processes[step.process % 2] ?? processes[0]
      asked.push(payments.pay(caller, payment).catch((error: { code?: string }) => error.code))
      // Some overlap: the next step comes while this one is under way.
      await new Promise(setImmediate)
    }
  }
  const outcomes = await Promise.all(asked)
  expect(outcomes).not.toContain(undefined)
  await till.proxy.idle()
  till.proxy.reset()
  await till.recover(processes[0])
  expect(await till.attempts.nextDueAt()).toBeNull()
  const charged = (await till.succeeded()) - before
  expect(charged).toBeLessThanOrEqual(1)

  const order = await till.attempts.findOrder(APP, '', orderId)
  const intents = await till.stripe.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  const ofOrder = intents.filter(({ metadata }) => metadata['order_id'] === orderId)
  expect(ofOrder.length).toBeLessThanOrEqual(1)
  expect(order?.paymentIntentId ?? null).toBe(ofOrder[0]?.id ?? null)
  // Known, and so refundable: the product finds what Stripe charged.
  if (charged === 1) expect(ofOrder[0]?.status).toBe('succeeded')
}

test('any interleaving of attempts at one order ends known, with at most one charge', {
  timeout: 120_000,
  retry: 0,
}, async () => {
  const till = await openTill({ timeoutMs: 60 })
  let orders = 0
  try {
    await fc.assert(
      fc.asyncProperty(steps, (plan) => play(till, `o${orders++}`, plan)),
      { numRuns: 60 },
    )
  } finally {
    await till.close()
  }
})
