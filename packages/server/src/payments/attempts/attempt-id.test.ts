/** What is derived is the same in every process, and for nothing else. */
import { expect, test } from 'vitest'
import { derivedAttemptId, idempotencyKeyOf, nextIdempotencyKey } from './attempt-id.ts'

test('the same order and generation have the same id, anything else another', () => {
  const ids = [
    derivedAttemptId(['create', 'app', '', 'o1'], 1),
    derivedAttemptId(['create', 'app', '', 'o1'], 2),
    derivedAttemptId(['create', 'app', 'o1', ''], 1),
    derivedAttemptId(['create', 'app2', '', 'o1'], 1),
  ]
  expect(new Set(ids).size).toBe(4)
  expect(derivedAttemptId(['create', 'app', '', 'o1'], 1)).toBe(ids[0])
  expect(ids[0]).toMatch(/^att_[0-9a-f]{32}$/)
})

test('a key that Stripe has answered with an error is followed by another, again and again', () => {
  const key = idempotencyKeyOf('att_1')
  expect(nextIdempotencyKey(key)).toBe('tollbridge-att_1.2')
  expect(nextIdempotencyKey(nextIdempotencyKey(key))).toBe('tollbridge-att_1.3')
})
