/** An order that was paid past Tollbridge, or whose rows are gone, is not charged again; where it happens, it is an alarm. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

let it: PaymentsUnderTest
beforeAll(async () => {
  it = await startPayments({ env: { GUARD: 'off' } })
})
afterAll(() => it.server.stop())

/** A payment that somebody makes at Stripe, with the order's id. */
async function payAtStripe(orderId: string, more: object = {}): Promise<string> {
  const { id } = await it.stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    allowed_payment_method_types: ['card'],
    metadata: { order_id: orderId },
    ...more,
  })
  await eventually(async () => {
    const { data } = (await it.get(`/v1/payments?order_id=${orderId}`)).body
    return data.some(
      (payment: { id: string; status: string }) => payment.id === id && payment.status !== 'processing',
    )
  })
  return id
}

const pay = (orderId: string, more: object = {}) =>
  it.post('/v1/payments', { order_id: orderId, amount: 1000, currency: 'usd', token: 'tok_visa', ...more })

describe('an order that was paid at Stripe itself', () => {
  test('is answered with that payment', async () => {
    const paid = await payAtStripe('dash-1')
    const before = await it.succeeded()
    const answer = await pay('dash-1')
    expect(answer).toMatchObject({ status: 200, body: { id: paid, status: 'succeeded' } })
    expect(await it.succeeded()).toBe(before)
  })

  test('is answered with that payment to all who ask at once', async () => {
    const paid = await payAtStripe('dash-together')
    for (const answer of await Promise.all([1, 2, 3].map(() => pay('dash-together')))) {
      expect(answer).toMatchObject({ status: 200, body: { id: paid } })
    }
  })

  test('or is held there, is not charged either', async () => {
    const held = await payAtStripe('dash-2', { capture_method: 'manual' })
    expect((await pay('dash-2')).body).toMatchObject({ id: held, status: 'requires_capture' })
  })

  test('with another amount is refused, with the payment', async () => {
    const paid = await payAtStripe('dash-3', { amount: 500 })
    expect(await pay('dash-3')).toMatchObject({
      status: 409,
      body: { error: { code: 'order_already_paid', payment: paid } },
    })
    // Nothing of it stays: the same words are asked anew.
    expect((await pay('dash-3')).body).toMatchObject({ error: { code: 'order_already_paid' } })
  })

  test('and given back in full may be paid again', async () => {
    const paid = await payAtStripe('dash-4')
    await it.stripe.refunds.create({ payment_intent: paid })
    const answer = await pay('dash-4')
    expect(answer.body.status).toBe('succeeded')
    expect(answer.body.id).not.toBe(paid)
  })

  test('while a payment of ours waited, is not confirmed here', async () => {
    const ours = await it.post('/v1/payments', { order_id: 'dash-5', amount: 1000, currency: 'usd' })
    const paid = await payAtStripe('dash-5')
    const confirm = await it.post(`/v1/payments/${ours.body.id}/confirm`, { payment_method: 'pm_card_visa' })
    expect(confirm).toMatchObject({
      status: 409,
      body: { error: { code: 'order_already_paid', payment: paid } },
    })
    expect((await pay('dash-5')).body.id).toBe(paid)
  })

  test('after it was paid here is an alarm, with both payments', async () => {
    const ours = (await pay('dash-6')).body.id
    const theirs = await payAtStripe('dash-6')
    const alarm = await eventually(async () => {
      const { data } = (await it.get('/v1/alarms')).body
      return data.find(({ subject }: { subject: string }) => subject === 'dash-6') ?? null
    })
    expect(alarm).toMatchObject({ kind: 'order_paid_twice' })
    expect(alarm.message).toContain(ours)
    expect(alarm.message).toContain(theirs)
    await it.stripe.refunds.create({ payment_intent: theirs })
    await eventually(async () => {
      const { data } = (await it.get('/v1/alarms')).body
      return data.every(({ subject }: { subject: string }) => subject !== 'dash-6')
    })
  })
})

test('an equal request without order and key says in its answer that it is a repeat', async () => {
  const body = { amount: 4321, currency: 'usd', payment_method: 'pm_card_visa' }
  const [first, again] = [await it.post('/v1/payments', body), await it.post('/v1/payments', body)]
  expect(again.body.id).toBe(first.body.id)
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  const refund = (id: string) => it.post(`/v1/payments/${id}/refund`, { amount: 21 })
  const [one, two] = [await refund(first.body.id), await refund(first.body.id)]
  expect(two.body.refund).toBe(one.body.refund)
  expect([one, two].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
})

test('and so it does at the charge door', async () => {
  const charge = async () => {
    const { url, appId, clientKey } = it.server
    const response = await fetch(`${url}/${appId}/${clientKey}/services/Stripe/charge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'pm_card_visa', amount: 1234 }),
    })
    const { id } = (await response.json()) as { id: string }
    expect(response.headers.get('tollbridge-watch-token') === null).toBe(id === first?.[0])
    return [id, response.headers.get('idempotent-replayed')]
  }
  let first: (string | null)[] | undefined
  first = await charge()
  // Anybody may send the same: it charges nothing, and only says how that stands.
  const again = await charge()
  expect([first[1], again[1]]).toEqual([null, 'true'])
  expect(again[0]).toBe(first[0])
})
