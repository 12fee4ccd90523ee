/** The schedule of tries. */
import { expect, test } from 'vitest'
import { MOST_ATTEMPTS, retryAt } from './retry-schedule.ts'

test('tries grow apart from seconds to hours, and then the event is dead', () => {
  const delays = Array.from({ length: MOST_ATTEMPTS }, (_, index) => retryAt(index + 1, 0))
  expect(delays).toEqual([5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, null])
})

test('a try counts from when the last one failed', () => {
  expect(retryAt(1, 1_790_000_000_000)).toBe(1_790_000_005_000)
})

test('beyond the last try there is none', () => {
  expect(retryAt(MOST_ATTEMPTS + 5, 0)).toBeNull()
})
