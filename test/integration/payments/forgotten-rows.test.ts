/** Rows of a backup, or of a log that was cut: what they forgot is not charged again. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServiceError } from '../../../packages/server/src/errors.ts'
import { APP, aCaller, aPayment, aServer, openTill, type Till } from './open-till.ts'

const HOUR = 3_600_000

let till: Till
beforeEach(async () => {
  till = await openTill()
})
afterEach(() => till.close())

const intentsOf = async (orderId: string) =>
  (await till.stripe.paymentIntents.list({ limit: 100 })).data.filter(
    ({ metadata }) => metadata['order_id'] === orderId,
  )

async function paidAndForgotten(): Promise<string> {
  const { intent } = await till.open().pay(aCaller(), aPayment({ orderId: 'o1' }))
  till.restore()
  return intent.id
}

describe('within the day for which Stripe keeps keys, without a word that rows are missing,', () => {
  test('the same request is told of the same payment', async () => {
    const paid = await paidAndForgotten()
    await till.advance(20 * HOUR)
    const { intent } = await till.open().pay(aCaller(), aPayment({ orderId: 'o1' }))
    expect([intent.id, await till.succeeded()]).toEqual([paid, 1])
    expect(await till.attempts.findOrder(APP, '', 'o1')).toMatchObject({ paymentIntentId: paid })
  })

  test('another card hears that the order is paid, where it is known whose it is', async () => {
    const paid = await paidAndForgotten()
    const other = aPayment({ orderId: 'o1', card: 'tok_mastercard' })
    // Who began it was in the rows, so a page needs what outlives them: a token, the client secret, a quote.
    await expect(till.open().pay(aCaller(), other)).rejects.toMatchObject({ code: 'proof_required' })
    const told = await till.open().pay(aServer(), other)
    expect([told.intent.id, await till.succeeded()]).toEqual([paid, 1])
    const { client_secret: clientSecret } = told.intent
    const payer = { ...aCaller(), shown: { ...aCaller().shown, clientSecret } }
    expect((await till.open().pay(payer, other)).intent.id).toBe(paid)
    expect(await till.succeeded()).toBe(1)
  })

  test('another amount is refused', async () => {
    const paid = await paidAndForgotten()
    const other = aPayment({
      orderId: 'o1',
      asked: { amount: 5000, currency: 'usd', items: null, quote: null },
    })
    await expect(till.open().pay(aServer(), other)).rejects.toMatchObject({
      code: 'order_already_paid',
      details: { payment: paid },
    })
    expect(await till.succeeded()).toBe(1)
  })

  test('a payment that still waited is canceled before the order gets another', async () => {
    const challenged = aPayment({ orderId: 'o1', card: 'tok_threeDSecure2Required' })
    const { intent: waiting } = await till.open().pay(aCaller(), challenged)
    till.restore()
    const { intent } = await till.open().pay(aCaller(), aPayment({ orderId: 'o1' }))
    expect(intent.status).toBe('succeeded')
    const all = await intentsOf('o1')
    expect(all.map(({ id, status }) => [id, status])).toEqual([
      [intent.id, 'succeeded'],
      [waiting.id, 'canceled'],
    ])
  })

  test('a payment and a refund of a part under a key are the same ones', async () => {
    const pay = () => till.open().pay(aCaller('key-1'), aPayment({ card: 'pm_card_visa' }))
    const { intent } = await pay()
    const refund = {
      operation: 'refund',
      paymentIntentId: intent.id,
      params: { amount: 500 },
      card: null,
    } as const
    const { refundId } = await till.open().change(aCaller('key-2'), refund)
    till.restore()
    expect((await pay()).intent.id).toBe(intent.id)
    expect((await till.open().change(aCaller('key-2'), refund)).refundId).toBe(refundId)
    expect(await till.succeeded()).toBe(1)
  })

  test('a key that came with other content is refused', async () => {
    await till.open().pay(aCaller('key-1'), aPayment({ card: 'pm_card_visa' }))
    till.restore()
    const other = till.open().pay(aCaller('key-1'), aPayment({ card: 'pm_card_mastercard' }))
    await expect(other).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    expect(await till.succeeded()).toBe(1)
  })
})

describe('days later, where it is known that rows may be missing,', () => {
  test('Stripe is asked once, and what it has counts', async () => {
    const since = Math.floor(till.now() / 1000)
    const paid = await paidAndForgotten()
    await till.advance(72 * HOUR)
    till.rowsAreBehind(since)
    const payments = till.open()
    till.proxy.reset()
    const { intent } = await payments.pay(aServer(), aPayment({ orderId: 'o1' }))
    await payments.pay(aCaller(), aPayment({ orderId: 'o2' }))
    expect([intent.id, await till.succeeded()]).toEqual([paid, 2])
    const lists = till.proxy.requests.filter(({ path }) => path.startsWith('/v1/payment_intents?'))
    expect(lists).toHaveLength(1)
  })

  test('nothing is charged while Stripe cannot be asked, and nothing stays locked', async () => {
    const since = Math.floor(till.now() / 1000)
    await paidAndForgotten()
    await till.advance(72 * HOUR)
    till.rowsAreBehind(since)
    const payments = till.open()
    till.proxy.decideWith(({ method }) =>
      method === 'GET' ? { kind: 'status', status: 500, when: 'before' } : null,
    )
    const error = await payments
      .pay(aServer(), aPayment({ orderId: 'o1' }))
      .catch((failed: ServiceError) => failed)
    expect(error).toMatchObject({ row: { type: 'upstream_error' } })
    till.proxy.decideWith(null)
    expect((await payments.pay(aServer(), aPayment({ orderId: 'o1' }))).intent.status).toBe('succeeded')
    expect(await till.succeeded()).toBe(1)
  })
})
