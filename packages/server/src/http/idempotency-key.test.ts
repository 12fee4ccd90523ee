import { expect, test } from 'vitest'
import { idempotencyKeyHeader } from './idempotency-key.ts'

test('an empty Idempotency-Key is none, and one that Stripe would not take is refused', () => {
  expect(idempotencyKeyHeader(null)).toBeNull()
  expect(idempotencyKeyHeader('')).toBeNull()
  expect(idempotencyKeyHeader('k'.repeat(255))).toHaveLength(255)
  expect(() => idempotencyKeyHeader('k'.repeat(256))).toThrow(/Idempotency-Key/)
})
