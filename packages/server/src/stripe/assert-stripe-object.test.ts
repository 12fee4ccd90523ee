import { expect, test } from 'vitest'
import { assertStripeObject } from './assert-stripe-object.ts'

test.each([
  { object: 'payment_intent', id: 'pi_1' },
  { object: 'list', data: [] },
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
])('%o is not', (answer) => {
  expect(() => assertStripeObject(answer)).toThrow(expect.objectContaining({ code: 'stripe_failed' }))
})
