/** Which failures are worth another try, and when it comes. */
import { expect, test } from 'vitest'
import { type FailedTry, retryDelay } from './retry-delay.ts'

const now = Date.parse('2026-11-22T00:00:00Z')
const facts = { tries: 1, maxRetries: 6, now, random: 1 }
const answer = (status: number, code?: string, headers: Record<string, string> = {}): FailedTry => ({
  kind: 'answer',
  status,
  code,
  headers,
})

test.each([
  ['no answer', { kind: 'no_answer' } as const, 500],
  ['429', answer(429), 500],
  ['500', answer(500), 500],
  ['503', answer(503), 500],
  ['a lock', answer(409, 'lock_timeout'), 500],
  ['a request that is under way', answer(409, 'idempotency_key_in_use'), 500],
  ['another conflict', answer(409, 'ui_message_claimed'), null],
  ['a declined card', answer(402, 'card_declined'), null],
  ['a mistake', answer(400), null],
  ['charges that an operator has stopped', answer(503, 'charges_stopped', { 'retry-after': '60' }), null],
  ['a key that Stripe no longer takes', answer(500, 'stripe_key_rejected'), null],
  ['what Stripe says can help', answer(400, undefined, { 'stripe-should-retry': 'true' }), 500],
  ['what Stripe says cannot', answer(500, undefined, { 'stripe-should-retry': 'false' }), null],
])('%s', (_, failed, delay) => {
  expect(retryDelay(failed, facts)).toBe(delay)
})

test('Retry-After counts, in seconds or as a date, unless it is longer than anybody waits', () => {
  expect(retryDelay(answer(429, undefined, { 'retry-after': '7' }), facts)).toBe(7_000)
  const inTen = new Date(now + 10_000).toUTCString()
  expect(retryDelay(answer(503, undefined, { 'retry-after': inTen }), facts)).toBe(10_000)
  expect(retryDelay(answer(503, undefined, { 'retry-after': '3600' }), facts)).toBeNull()
  expect(retryDelay(answer(503, undefined, { 'retry-after': 'soon' }), facts)).toBe(500)
})

test('waits double up to a limit, are spread, and end after the last retry', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((tries) => retryDelay(answer(503), { ...facts, tries }))
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, null])
  expect(retryDelay(answer(503), { ...facts, random: 0 })).toBe(250)
  expect(retryDelay(answer(503), { ...facts, maxRetries: 0 })).toBeNull()
})
