/** When Stripe is asked again. */
import { expect, test } from 'vitest'
import { pollAt } from './poll-schedule.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const payment = (more: object = {}) =>
  ({ status: 'processing', needsReread: false, created: NOW / 1000, ...more }) as const

test('an unfinished payment is asked about less and less often, at last once a day', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 40].map((polls) => (pollAt(payment(), polls, NOW) ?? 0) - NOW)
  expect(waits).toEqual([MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR, DAY, DAY, DAY])
})

test.each(['succeeded', 'canceled', 'failed'])('one that is %s is not asked about', (status) => {
  expect(pollAt(payment({ status }), 0, NOW)).toBeNull()
})

test('one that its events do not decide is asked about soon, finished or not', () => {
  expect(pollAt(payment({ status: 'succeeded', needsReread: true }), 0, NOW)).toBe(NOW + 5_000)
  expect(pollAt(payment({ status: 'succeeded', needsReread: true }), 1, NOW)).toBe(NOW + 5 * MINUTE)
})

test('one that waits for its payer is given up after a day, one that waits for a bank after thirty', () => {
  const at = (status: string, days: number) => pollAt(payment({ status }), 6, NOW + days * DAY + 1)
  expect(at('requires_payment_method', 0.9)).not.toBeNull()
  expect(at('requires_payment_method', 1)).toBeNull()
  expect(at('processing', 29)).not.toBeNull()
  expect(at('processing', 30)).toBeNull()
})
