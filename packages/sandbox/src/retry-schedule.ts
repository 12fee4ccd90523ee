/** When a failed webhook delivery is tried again: three times over three hours, as in Stripe's test mode. */

const MINUTE = 60_000

// Stripe publishes the number and the span ("three times over a few hours"), not the intervals.
const WAITS = [5 * MINUTE, 55 * MINUTE, 120 * MINUTE]

/** Milliseconds from the failed attempt (1 is the first) to the next, or undefined after the last. */
export function retryWait(failedAttempt: number): number | undefined {
  return WAITS[failedAttempt - 1]
}
