/** What is known of a payment is told when Stripe cannot tell, with its age. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { type SignedInbox, startSignedInbox } from '../inbox/signed-inbox.ts'

let inbox: SignedInbox
beforeAll(async () => {
  inbox = await startSignedInbox()
})
afterAll(() => inbox.stop())

test('a payment that Stripe does not know is answered from its events', async () => {
  const created = Math.floor(Date.now() / 1000) - 100
  const object = {
    id: 'pi_forgotten',
    object: 'payment_intent',
    status: 'succeeded',
    amount: 700,
    amount_received: 700,
    currency: 'usd',
    created,
    metadata: { order_id: 'order-forgotten' },
  }
  const event = {
    id: 'evt_forgotten',
    object: 'event',
    type: 'payment_intent.succeeded',
    created,
    livemode: false,
  }
  expect((await inbox.deliver({ ...event, data: { object } })).status).toBe(200)
  const found = await eventually(async () => {
    const answer = await inbox.api('/v1/payments/pi_forgotten')
    return answer.status === 200 ? answer : null
  })
  expect(found.body).toMatchObject({
    object: 'payment',
    id: 'pi_forgotten',
    status: 'succeeded',
    amount_received: 700,
    order_id: 'order-forgotten',
    stale: { reason: 'resource_missing', as_of: created, age_seconds: expect.any(Number) },
  })
  expect((found.body['stale'] as { age_seconds: number }).age_seconds).toBeGreaterThanOrEqual(100)
  const { url, clientKey } = inbox.server
  const strange = await fetch(`${url}/v1/payments/pi_forgotten`, {
    headers: { authorization: `Bearer ${clientKey}` },
  })
  expect(await strange.json()).toEqual({ object: 'payment', id: 'pi_forgotten', status: 'succeeded' })
  expect((await inbox.api('/v1/payments/pi_unheard')).status).toBe(404)
})

test('Stripe itself is asked first, and its answer is not marked', async () => {
  const made = await inbox.api('/v1/payments', { amount: 500, currency: 'usd', order_id: 'order-known' })
  const answer = await call(inbox.server, `/v1/payments/${String(made.body['id'])}`)
  expect(answer.body).toMatchObject({ amount: 500 })
  expect(answer.body).not.toHaveProperty('stale')
})
