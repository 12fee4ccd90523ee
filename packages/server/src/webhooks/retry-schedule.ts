/** When an event whose handling failed is tried again. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Soon at first, for what mends itself; then long enough for someone to mend it. */
const DELAYS_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR] as const

/** The last try that an event gets. */
export const MOST_ATTEMPTS = DELAYS_MS.length + 1

/**
 * @param attempt the number of the try that failed, from 1
 * @param failedAt milliseconds since the epoch
 * @returns when to try again, or null: the event is dead
 */
export function retryAt(attempt: number, failedAt: number): number | null {
  const delay = DELAYS_MS[attempt - 1]
  return delay === undefined ? null : failedAt + delay
}
