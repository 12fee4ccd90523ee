/** Whatever is tried for one order, in whatever order, through whatever failures of network, clock, disk and rows: it is charged at most once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Payments } from '../../../packages/server/src/payments/create-payments.ts'
import { EVERY_FAULT, type Fault } from '../../support/fault.ts'
import { rounds } from '../../support/rounds.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

type Step =
  | { readonly kind: 'pay'; readonly card: string; readonly key: string | null; readonly process: number }
  | { readonly kind: 'fail'; readonly fault: Fault }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'settle' }
  /** Our clock is set; steady time and Stripe's go on. */
  | { readonly kind: 'step'; readonly ms: number }
  /** The disk is full from here, or has room again. */
  | { readonly kind: 'disk'; readonly isFull: boolean }
  /** The processes die, and rows of before the order are put back; that they are is known, or not. */
  | { readonly kind: 'restore'; readonly isKnown: boolean }

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
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('step' as const),
        ms: fc.constantFrom(3_600_000, -3_600_000, 864_000_000, -864_000_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('disk' as const), isFull: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), isKnown: fc.boolean() }) },
  ),
  { minLength: 1, maxLength: 12 },
)

/** Who waits for another's attempt that nobody could give back waits by a clock that stands, unless it is moved. */
async function ended(till: Till, asked: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const all = Promise.all(asked)
  const isOver = () =>
    Promise.race([all.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, 100, false))])
  while (!(await isOver())) await till.advance(5_000)
  return all
}

async function play(till: Till, orderId: string, plan: readonly Step[]): Promise<void> {
  let processes: [Payments, Payments] = [till.open(), till.open()]
  const begun = till.stripeNow()
  let isForgotten = false
  let isBehind = false
  till.rowsAreBehind(null)
  const before = await till.succeeded()
  const asked: Promise<unknown>[] = []
  for (const step of plan) {
    if (step.kind === 'fail') till.proxy.failNext(step.fault)
    else if (step.kind === 'settle') await ended(till, asked)
    else if (step.kind === 'step') till.stepWall(step.ms)
    else if (step.kind === 'disk') till.diskIsFull(step.isFull)
    else if (step.kind === 'restore') {
      await ended(till, asked).then(() => till.proxy.idle())
      till.restore()
      processes = [till.open(), till.open()]
      isForgotten = true
      // Stripe has forgotten the keys of an older order: then only who knows of the restore can know.
      isBehind ||= step.isKnown || till.stripeNow() - begun > 20 * 3_600_000
      till.rowsAreBehind(isBehind ? Math.floor(begun / 1000) : null)
    } else if (step.kind === 'wait') {
      // Rows that nobody knows to be old are safe for as long as Stripe keeps keys.
      if (isForgotten && !isBehind && step.ms > 60_000_000) continue
      // However slow Stripe is, it does not take minutes.
      if (step.ms > 60_000) await ended(till, asked).then(() => till.proxy.idle())
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
  const outcomes = await ended(till, asked)
  expect(outcomes).not.toContain(undefined)
  await till.proxy.idle()
  till.proxy.reset()
  till.diskIsFull(false)
  for (const payments of processes) await till.recover(payments)
  expect(await till.attempts.nextDueAt()).toBeNull()
  const charged = (await till.succeeded()) - before
  expect(charged).toBeLessThanOrEqual(1)

  const order = await till.attempts.findOrder(APP, '', orderId)
  const intents = await till.stripe.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  const ofOrder = intents.filter(({ metadata }) => metadata['order_id'] === orderId)
  if (isForgotten) return
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
      { numRuns: rounds(60) },
    )
  } finally {
    await till.close()
  }
})
