/** A request that charges has an identity: its order, its key, its single-use token, and without these its content. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServiceError } from '../../../packages/server/src/errors.ts'
import type { Payments } from '../../../packages/server/src/payments/create-payments.ts'
import { EVERY_FAULT, nameOfFault } from '../../support/fault.ts'
import { aCaller, aPayment, openTill, type Till } from './open-till.ts'

const MINUTE = 60_000

let till: Till
let payments: Payments
beforeEach(async () => {
  till = await openTill()
  payments = till.open()
})
afterEach(() => till.close())

const plain = aPayment({ card: 'pm_card_visa' })

describe('an equal request without order and key', () => {
  test.each(EVERY_FAULT.map((fault) => [nameOfFault(fault), fault] as const))(
    'after %s, for as long as it takes, is one charge, and its repeat hears of it',
    async (_name, fault) => {
      till.proxy.decideWith(({ method }) => (method === 'POST' ? fault : null))
      const first = await payments.pay(aCaller(), plain).catch((error: ServiceError) => error)
      await till.proxy.idle()
      till.proxy.decideWith(null)
      if ('code' in first) expect(first.row.type).not.toBe('card_error')
      const again = await payments.pay(aCaller(), plain)
      expect(again.intent.status).toBe('succeeded')
      expect(await till.succeeded()).toBe(1)
    },
  )

  test('is told the outcome for ten minutes, and then is a purchase of its own', async () => {
    const first = await payments.pay(aCaller(), plain)
    await till.advance(9 * MINUTE)
    const again = await till.open().pay(aCaller(), plain)
    expect([again.intent.id, first.isRepeat, again.isRepeat]).toEqual([first.intent.id, false, true])
    await till.advance(2 * MINUTE)
    const later = await payments.pay(aCaller(), plain)
    expect(later.intent.id).not.toBe(first.intent.id)
    expect(await till.succeeded()).toBe(2)
  })

  test('that was declined tries again at once', async () => {
    const declined = aPayment({ card: 'pm_card_chargeDeclined' })
    for (const _ of [1, 2]) {
      await expect(payments.pay(aCaller(), declined)).rejects.toMatchObject({ code: 'card_declined' })
    }
    expect((await till.stripe.charges.list({ limit: 10 })).data).toHaveLength(2)
  })

  test('is one of many at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => payments.pay(aCaller(), plain)))
    expect(new Set(all.map(({ intent }) => intent.id)).size).toBe(1)
    expect(await till.succeeded()).toBe(1)
  })

  test('but with another word is another purchase', async () => {
    await payments.pay(aCaller(), plain)
    await payments.pay(aCaller(), { ...plain, description: 'The second coffee' })
    expect(await till.succeeded()).toBe(2)
  })

  test('and without a card begins a payment each time: nobody is charged by it', async () => {
    const cart = aPayment({ card: null })
    const [a, b] = [await payments.pay(aCaller(), cart), await payments.pay(aCaller(), cart)]
    expect(a.intent.id).not.toBe(b.intent.id)
  })
})

describe('an equal request of a client that repeats by itself', () => {
  const java = { ...aCaller(null, null), repeatsItself: true }
  const coffee = aPayment({ card: 'tok_visa' })

  test('is one charge for ten minutes, although its token stands for a new card each time', async () => {
    const first = await payments.pay(java, coffee)
    const again = await till.open().pay(java, coffee)
    expect([again.intent.id, again.isRepeat, again.isAskers]).toEqual([first.intent.id, true, false])
    await till.advance(11 * MINUTE)
    const later = await payments.pay(java, coffee)
    expect(later.intent.id).not.toBe(first.intent.id)
    expect(await till.succeeded()).toBe(2)
  })

  test('for an order hears how it ended, without a proof that the first had not either', async () => {
    const order = { ...coffee, orderId: 'cart-1' }
    const first = await payments.pay(java, order)
    const again = await payments.pay(java, order)
    expect([again.intent.id, again.isRepeat, again.isAskers]).toEqual([first.intent.id, true, false])
    // Any other request for it is not that repeat.
    await expect(payments.pay(java, { ...order, card: 'tok_mastercard' })).rejects.toMatchObject({
      code: 'proof_required',
    })
    await expect(payments.pay(aCaller(null, null), order)).rejects.toMatchObject({ code: 'proof_required' })
    await till.advance(11 * MINUTE)
    await expect(payments.pay(java, order)).rejects.toMatchObject({ code: 'proof_required' })
    expect(await till.succeeded()).toBe(1)
  })

  test('for an order that was declined hears so, and its payer tries again', async () => {
    const declined = aPayment({ card: 'tok_chargeDeclined', orderId: 'cart-4' })
    for (const _ of [1, 2])
      await expect(payments.pay(java, declined)).rejects.toMatchObject({ code: 'card_declined' })
    expect((await till.stripe.charges.list({ limit: 10 })).data).toHaveLength(1)

    const known = { ...aCaller(), repeatsItself: true }
    const other = { ...declined, orderId: 'cart-5' }
    for (const _ of [1, 2])
      await expect(payments.pay(known, other)).rejects.toMatchObject({ code: 'card_declined' })
    expect((await till.stripe.charges.list({ limit: 10 })).data).toHaveLength(3)
  })

  test.each([null, 'cart-2'])('is one of many at the same time (order %s)', async (orderId) => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => payments.pay(java, { ...coffee, orderId })),
    )
    expect(new Set(all.map(({ intent }) => intent.id)).size).toBe(1)
    expect(await till.succeeded()).toBe(1)
  })

  test.each(EVERY_FAULT.map((fault) => [nameOfFault(fault), fault] as const))(
    'after %s for an order is one charge, and its repeat hears of it',
    async (_name, fault) => {
      const order = { ...coffee, orderId: 'cart-3' }
      till.proxy.decideWith(({ method }) => (method === 'POST' ? fault : null))
      await payments.pay(java, order).catch((error: ServiceError) => error)
      await till.proxy.idle()
      till.proxy.decideWith(null)
      expect((await payments.pay(java, order)).intent.status).toBe('succeeded')
      expect(await till.succeeded()).toBe(1)
    },
  )

  test('is not that of a page, which may mean another purchase', async () => {
    await payments.pay(java, coffee)
    await payments.pay(aCaller(null, null), coffee)
    expect(await till.succeeded()).toBe(2)
  })
})

describe('a refund of a part without a key', () => {
  const partOf = (paymentIntentId: string) =>
    ({ operation: 'refund', paymentIntentId, params: { amount: 500 }, card: null }) as const

  test.each(['reset_before', 'reset_after', 'half_body'] as const)(
    'is made once when its answer is lost (%s)',
    async (kind) => {
      const { intent } = await payments.pay(aCaller(), plain)
      till.proxy.decideWith(({ method }) => (method === 'POST' ? { kind } : null))
      await payments.change(aCaller(), partOf(intent.id)).catch(() => undefined)
      till.proxy.decideWith(null)
      const told = await payments.change(aCaller(), partOf(intent.id))
      const again = await payments.change(aCaller(), partOf(intent.id))
      expect([again.refundId, again.isRepeat]).toEqual([told.refundId, true])
      expect((await till.stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(1)
      await till.advance(11 * MINUTE)
      await payments.change(aCaller(), partOf(intent.id))
      expect((await till.stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(2)
    },
  )
})
