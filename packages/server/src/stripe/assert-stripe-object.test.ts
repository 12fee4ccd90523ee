import { expect, test } from 'vitest'
import { assertStripeObject } from './assert-stripe-object.ts'

const INTENT = {
  object: 'payment_intent',
  id: 'pi_1',
  amount: 1999,
  currency: 'usd',
  status: 'succeeded',
  metadata: {},
  latest_charge: null,
}
const failed = expect.objectContaining({ code: 'stripe_failed' })

test.each([
  INTENT,
  { ...INTENT, latest_charge: 'ch_1' },
  { object: 'customer', id: 'cus_1' },
  { object: 'list', data: [], has_more: false },
  { object: 'list', data: [INTENT], has_more: true },
])('%o is an answer of Stripe', (answer) => {
  expect(() => assertStripeObject(answer)).not.toThrow()
})

test.each([
  {},
  null,
  undefined,
  '',
  'ok',
  [],
  { status: 'ok' },
  { object: 'payment_intent' },
  { id: 'pi_1' },
  { object: 'payment_intent', id: 'pi_1' },
  { ...INTENT, metadata: null },
  { ...INTENT, status: null },
  { ...INTENT, amount: '1999' },
  { ...INTENT, latest_charge: 5 },
  { ...INTENT, latest_charge: { object: 'charge', id: 'ch_1' } },
  { object: 'list', data: [] },
  { object: 'list', data: [null], has_more: false },
  { object: 'list', data: [{}], has_more: false },
  { object: 'list', data: [{ object: 'payment_intent', id: 'pi_1' }], has_more: false },
  { object: 'event', id: 'evt_1', type: 'charge.succeeded', created: 1 },
])('%o is not', (answer) => {
  expect(() => assertStripeObject(answer)).toThrow(failed)
})

test('neither is what was not asked for', () => {
  expect(() => assertStripeObject(INTENT, { object: 'payment_intent', id: 'pi_1' })).not.toThrow()
  expect(() => assertStripeObject(INTENT, { object: 'payment_intent', id: 'pi_2' })).toThrow(failed)
  expect(() => assertStripeObject(INTENT, { object: 'list' })).toThrow(failed)
  const refunds = { object: 'list', data: [INTENT], has_more: false }
  expect(() => assertStripeObject(refunds, { object: 'list', items: 'refund' })).toThrow(failed)
})
