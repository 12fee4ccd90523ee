import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idempotencyKey, isSingleUse, type KeySource } from './idempotency-key.ts'

const sources: fc.Arbitrary<KeySource> = fc.oneof(
  fc.record({ kind: fc.constant('caller' as const), key: fc.string() }),
  fc.record({ kind: fc.constant('order' as const), orderId: fc.string() }),
  fc.record({
    kind: fc.constant('order_attempt' as const),
    orderId: fc.string(),
    token: fc.string(),
    key: fc.string(),
  }),
  fc.record({
    kind: fc.constant('token' as const),
    token: fc.string(),
    amount: fc.nat(),
    currency: fc.string(),
  }),
)

test('equal sources give equal keys, and different ones different keys', () => {
  fc.assert(
    fc.property(fc.string(), sources, fc.string(), sources, (appA, a, appB, b) => {
      const same = JSON.stringify([appA, a]) === JSON.stringify([appB, b])
      expect(idempotencyKey(appA, a) === idempotencyKey(appB, b)).toBe(same)
    }),
  )
})

test('a key fits into the 255 characters of Stripe, however long its source', () => {
  expect(idempotencyKey('app', { kind: 'order', orderId: 'x'.repeat(10_000) }).length).toBeLessThan(255)
})

test('tokens of Stripe.js are single-use, test names and payment methods are not', () => {
  expect(isSingleUse('tok_1PqVisa4242')).toBe(true)
  expect(isSingleUse('tok_visa')).toBe(false)
  expect(isSingleUse('pm_1PqVisa4242')).toBe(false)
})
