/** What Stripe answered stands, also where it cannot be written: it is told, held, and written when it can be. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ServiceError } from '../../../packages/server/src/errors.ts'
import type { Payments } from '../../../packages/server/src/payments/create-payments.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

let till: Till
let payments: Payments
beforeEach(async () => {
  till = await openTill()
  payments = till.open()
})
afterEach(() => till.close())

/** The disk fills up while Stripe works. */
function fillDuringCall(): void {
  till.proxy.onRequest(({ method }) => {
    if (method === 'POST') till.diskIsFull(true)
  })
}

const order = aPayment({ orderId: 'o1' })

test('a charge that cannot be written is told, also to its repeat, and written once there is room', async () => {
  fillDuringCall()
  const { intent } = await payments.pay(aCaller('key-1'), order)
  expect(intent.status).toBe('succeeded')
  expect((await payments.pay(aCaller('key-1'), order)).intent.id).toBe(intent.id)
  // Another card of the order has nowhere to be written.
  const other = await payments
    .pay(aCaller(), aPayment({ orderId: 'o1', card: 'tok_mastercard' }))
    .catch((e) => e)
  expect((other as ServiceError).code).toBe('store_unavailable')
  expect(await till.attempts.findOrder(APP, '', 'o1')).toBeNull()
  till.diskIsFull(false)
  till.proxy.onRequest(null)
  payments.recovery.start()
  await payments.recovery.stop()
  expect(await till.attempts.findOrder(APP, '', 'o1')).toMatchObject({ paymentIntentId: intent.id })
  expect((await payments.pay(aCaller(), order)).intent.id).toBe(intent.id)
  expect(await till.succeeded()).toBe(1)
})

test('a decline that cannot be written is told as one', async () => {
  fillDuringCall()
  const declined = aPayment({ orderId: 'o1', card: 'tok_chargeDeclined' })
  await expect(payments.pay(aCaller('key-1'), declined)).rejects.toMatchObject({ code: 'card_declined' })
  await expect(payments.pay(aCaller('key-1'), declined)).rejects.toMatchObject({ code: 'card_declined' })
  expect((await till.stripe.charges.list({ limit: 10 })).data).toHaveLength(1)
})

test('of a charge whose process dies before there is room, the next one learns at Stripe', async () => {
  fillDuringCall()
  const { intent } = await payments.pay(aCaller(), order)
  till.diskIsFull(false)
  till.proxy.onRequest(null)
  const next = till.open()
  await till.recover(next)
  expect(await till.attempts.findOrder(APP, '', 'o1')).toMatchObject({ paymentIntentId: intent.id })
  expect((await next.pay(aCaller(), order)).intent.id).toBe(intent.id)
  expect(await till.succeeded()).toBe(1)
})

test('an answer that is lost while the disk is full is unknown, and not called nothing', async () => {
  fillDuringCall()
  till.proxy.decideWith(({ method }) => (method === 'POST' ? { kind: 'reset_after' } : null))
  const error = await payments.pay(aCaller(), order).catch((failed: ServiceError) => failed)
  expect(error).toMatchObject({ row: { type: 'upstream_error' } })
  expect((error as ServiceError).message).not.toContain('Nothing')
  till.proxy.decideWith(null)
  till.diskIsFull(false)
  till.proxy.onRequest(null)
  await till.recover(payments)
  expect((await payments.pay(aCaller(), order)).intent.status).toBe('succeeded')
  expect(await till.succeeded()).toBe(1)
})

test('where nothing can be written, nothing is sent', async () => {
  till.diskIsFull(true)
  await expect(payments.pay(aCaller(), order)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(till.proxy.requests.filter(({ method }) => method === 'POST')).toEqual([])
})
