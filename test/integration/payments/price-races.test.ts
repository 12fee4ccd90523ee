/** Prices that change while cards are tried, answers that are lost, processes that die: nobody is charged what they did not see. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServiceError } from '../../../packages/server/src/errors.ts'
import type { Payments } from '../../../packages/server/src/payments/create-payments.ts'
import type { AskedPrice } from '../../../packages/server/src/payments/terms/payment-input.ts'
import { EVERY_FAULT, type Fault } from '../../support/fault.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

let till: Till
beforeEach(async () => {
  till = await openTill()
})
afterEach(() => till.close())

const asked = (amount: number): AskedPrice => ({ amount, currency: null, items: null, quote: null })
/** On a busy machine Stripe may be too slow for the short time-out even here; repeating is safe, and makes it known. */
async function begin(payments: Payments, orderId: string | null, tries = 20): Promise<string> {
  try {
    return (await payments.pay(aCaller(), aPayment({ orderId, card: null }))).intent.id
  } catch (error) {
    if (tries === 0 || (error as ServiceError).code !== 'stripe_timeout') throw error
    await till.recover(payments)
    return begin(payments, orderId, tries - 1)
  }
}
const codeOf = (error: ServiceError) => error.code ?? String(error)

function confirm(payments: Payments, id: string, amount: number, card: string, key: string | null = null) {
  return payments.change(aCaller(key), {
    operation: 'confirm',
    paymentIntentId: id,
    params: { payment_method: card, use_stripe_sdk: true, expand: ['latest_charge'] },
    card,
    shown: { amount, currency: 'usd' },
  })
}

/** What was charged, if anything: the amounts of all charges that went through. */
async function chargedOf(id: string): Promise<number[]> {
  const { data } = await till.stripe.charges.list({ payment_intent: id, limit: 100 })
  return data.flatMap(({ status, amount }) => (status === 'succeeded' ? [amount] : []))
}

const priceInRows = async (orderId: string) =>
  (await till.attempts.findOrder(APP, '', orderId))?.terms['amount']

describe('twenty changes and twenty confirmations at once', () => {
  test.each(['o1', null])('charge one of the prices that were shown (order %s)', async (orderId) => {
    const processes = [till.open(), till.open()] as const
    const id = await begin(processes[0], orderId)
    const accepted: number[] = []
    const refused: string[] = []
    const prices = Array.from({ length: 20 }, (_, n) => 2000 + n)
    await Promise.all(
      prices.flatMap((amount, n) => {
        const payments = processes[n % 2] ?? processes[0]
        return [
          payments.changePrice(aCaller(), { paymentIntentId: id, asked: asked(amount) }),
          confirm(payments, id, amount, 'pm_card_visa', `k${n}`).then(() => accepted.push(amount)),
        ].map((work) => work.catch((error: ServiceError) => refused.push(codeOf(error))))
      }),
    )
    const shown = (await till.stripe.paymentIntents.retrieve(id)).amount
    if ((await chargedOf(id)).length === 0) await confirm(processes[0], id, shown, 'pm_card_visa', 'last')
    const charged = await chargedOf(id)
    expect(charged).toEqual([shown])
    expect(new Set([...accepted, shown])).toEqual(new Set(charged))
    if (orderId !== null) expect(await priceInRows(orderId)).toBe(shown)
    const known = new Set([
      'price_mismatch',
      'price_change_refused',
      'idempotency_key_in_use',
      'stripe_rejected',
    ])
    expect(refused.filter((code) => !known.has(code))).toEqual([])
  })

  test('and cards for the order at a price: the order is charged what the request named', async () => {
    const payments = till.open()
    const id = await begin(payments, 'o1')
    const accepted: (number | undefined)[] = []
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => 2000 + n).flatMap((amount) => [
        payments
          .changePrice(aCaller(), { paymentIntentId: id, asked: asked(amount) })
          .catch((error: ServiceError) => codeOf(error)),
        payments
          .pay(aCaller(), aPayment({ orderId: 'o1', asked: { ...asked(amount), currency: 'usd' } }))
          .then(({ intent }) => accepted.push(amount === intent.amount ? amount : undefined))
          .catch((error: ServiceError) => codeOf(error)),
      ]),
    )
    const charged = await chargedOf(id)
    expect(charged.length).toBeLessThanOrEqual(1)
    expect(new Set(accepted)).toEqual(new Set(charged))
  })
})

describe('a change whose answer is lost', () => {
  const lost: readonly Fault[] = [{ kind: 'reset_before' }, { kind: 'reset_after' }, { kind: 'half_body' }]
  const isUpdate = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && /\/payment_intents\/pi_\w+$/.test(path)

  /** The process dies between its row and the end of its call. */
  async function crash(id: string, amount: number, fault: Fault): Promise<void> {
    till.proxy.decideWith((request) => (isUpdate(request) ? fault : null))
    const error = await till
      .open()
      .changePrice(aCaller(), { paymentIntentId: id, asked: asked(amount) })
      .then(
        () => null,
        (failure: ServiceError) => failure,
      )
    expect(error?.row.type).toBe('upstream_error')
    till.proxy.decideWith(null)
  }

  test.each([...lost, { kind: 'status', status: 500, when: 'after' } as const])(
    'is made within the same request (%o)',
    async (fault) => {
      const payments = till.open()
      const id = await begin(payments, 'o1')
      let left = 1
      till.proxy.decideWith((request) => (isUpdate(request) && left-- > 0 ? fault : null))
      const { intent } = await payments.changePrice(aCaller(), { paymentIntentId: id, asked: asked(2500) })
      expect(intent.amount).toBe(2500)
      expect(await priceInRows('o1')).toBe(2500)
      const keys = till.proxy.requests.filter(isUpdate).map(({ headers }) => headers['idempotency-key'])
      expect(keys).toHaveLength(2)
      expect(new Set(keys).size).toBe(1)
    },
  )

  test.each(lost)('is ended by another process, with the order’s price (%o)', async (fault) => {
    const id = await begin(till.open(), 'o1')
    await crash(id, 2500, fault)
    expect(await priceInRows('o1')).toBe(1999)
    const payments = till.open()
    await till.recover(payments)
    expect(await till.attempts.nextDueAt()).toBeNull()
    expect(await priceInRows('o1')).toBe(2500)
    expect((await till.stripe.paymentIntents.retrieve(id)).amount).toBe(2500)
    await expect(confirm(payments, id, 1999, 'pm_card_visa')).rejects.toMatchObject({
      code: 'price_mismatch',
    })
    expect((await confirm(payments, id, 2500, 'pm_card_visa')).intent.status).toBe('succeeded')
  })

  test('is settled by a confirmation before a card is tried', async () => {
    const id = await begin(till.open(), 'o1')
    await crash(id, 2500, { kind: 'reset_after' })
    const payments = till.open()
    const old = aPayment({ orderId: 'o1' })
    await expect(confirm(payments, id, 1999, 'pm_card_visa')).rejects.toMatchObject({
      code: 'price_mismatch',
    })
    await expect(payments.pay(aCaller(), old)).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    expect(await till.succeeded()).toBe(0)
    expect(await priceInRows('o1')).toBe(2500)
  })

  test.each<[Fault, number]>([
    [{ kind: 'reset_before' }, 1999],
    [{ kind: 'reset_after' }, 2500],
  ])('is looked up when Stripe was away for long (%o)', async (fault, amount) => {
    const id = await begin(till.open(), 'o1')
    await crash(id, 2500, fault)
    const payments = till.open()
    await till.advance(49 * 3_600_000)
    await till.recover(payments)
    expect(await till.attempts.nextDueAt()).toBeNull()
    expect(await priceInRows('o1')).toBe(amount)
    // The same words set it again, whatever has been since.
    await payments.changePrice(aCaller(), { paymentIntentId: id, asked: asked(3000) })
    const { intent } = await payments.changePrice(aCaller(), { paymentIntentId: id, asked: asked(2500) })
    expect([intent.amount, await priceInRows('o1')]).toEqual([2500, 2500])
  })
})

test('a confirmation that never reached Stripe does not charge a price that came after it', async () => {
  const payments = till.open()
  const id = await begin(payments, 'o1')
  till.proxy.decideWith(({ method }) => (method === 'POST' ? { kind: 'reset_before' } : null))
  await expect(confirm(payments, id, 1999, 'pm_card_visa', 'k1')).rejects.toMatchObject({
    code: 'stripe_unreachable',
  })
  till.proxy.decideWith(null)
  await till.advance(11 * 60_000)
  await till.recover(payments)
  await payments.changePrice(aCaller(), { paymentIntentId: id, asked: asked(2500) })
  await expect(confirm(payments, id, 1999, 'pm_card_visa', 'k1')).rejects.toMatchObject({
    code: 'price_mismatch',
  })
  expect(await till.succeeded()).toBe(0)
})

type Step =
  | { readonly kind: 'price'; readonly amount: number; readonly process: number }
  | {
      readonly kind: 'confirm' | 'pay'
      readonly amount: number
      readonly card: string
      readonly process: number
    }
  | { readonly kind: 'fail'; readonly fault: Fault }
  | { readonly kind: 'wait'; readonly ms: number }

const amounts = fc.constantFrom(1999, 2500, 3000)
const cards = fc.constantFrom('pm_card_visa', 'pm_card_chargeDeclined')
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('price' as const), amount: amounts, process: fc.nat(1) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('confirm' as const, 'pay' as const),
        amount: amounts,
        card: cards,
        process: fc.nat(1),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('fail' as const),
        fault: fc.constantFrom(...EVERY_FAULT.filter(({ kind }) => kind !== 'delay')),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 700_000) }),
    },
  ),
  { minLength: 2, maxLength: 12 },
)

async function play(orderId: string, plan: readonly Step[]): Promise<void> {
  const processes = [till.open(), till.open()] as const
  const id = await begin(processes[0], orderId)
  const shown = new Set<number>()
  const under: Promise<unknown>[] = []
  for (const [n, step] of plan.entries()) {
    if (step.kind === 'fail') till.proxy.failNext(step.fault)
    else if (step.kind === 'wait') {
      await Promise.all(under).then(() => till.proxy.idle())
      await till.advance(step.ms)
    } else {
      const payments = processes[step.process % 2] ?? processes[0]
      if (step.kind !== 'price') shown.add(step.amount)
      const work =
        step.kind === 'price'
          ? payments.changePrice(aCaller(), { paymentIntentId: id, asked: asked(step.amount) })
          : step.kind === 'confirm'
            ? confirm(payments, id, step.amount, step.card, `${orderId}-${n}`)
            : payments.pay(
                aCaller(`${orderId}-${n}`),
                aPayment({ orderId, card: step.card, asked: { ...asked(step.amount), currency: 'usd' } }),
              )
      under.push(
        work.then(
          ({ intent }) => {
            if (step.kind !== 'price' && intent.status === 'succeeded') {
              expect(intent.amount_received).toBe(step.amount)
            }
            return 'done'
          },
          (error: ServiceError) => error.code,
        ),
      )
      await new Promise(setImmediate)
    }
  }
  expect(await Promise.all(under)).not.toContain(undefined)
  await till.proxy.idle()
  till.proxy.reset()
  await till.recover(processes[0])
  expect(await till.attempts.nextDueAt()).toBeNull()
  const charged = await chargedOf(id)
  expect(charged.length).toBeLessThanOrEqual(1)
  for (const amount of charged) expect(shown).toContain(amount)
  expect((await till.stripe.paymentIntents.retrieve(id)).amount).toBe(await priceInRows(orderId))
}

test('any interleaving ends known, with the rows and Stripe at one price, and charges only a price that was shown', {
  timeout: 120_000,
  retry: 0,
}, async () => {
  let orders = 0
  await till.close()
  till = await openTill({ timeoutMs: 60 })
  await fc.assert(
    fc.asyncProperty(steps, (plan) => play(`p${orders++}`, plan)),
    { numRuns: 60 },
  )
})
