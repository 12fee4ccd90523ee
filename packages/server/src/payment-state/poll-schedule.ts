/** When Stripe is asked again about a payment that its events leave unfinished. */
import { isFinished, type Payment } from './payment.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The events on their way may still settle it. */
const UNCLEAR_MS = 5 * SECOND
/** The last one repeats. */
const DELAYS_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR, DAY] as const
/** As far back as Stripe keeps events. */
const GIVE_UP_AFTER_MS = 30 * DAY
/** Nothing happens to these but what the payer does, and a payer who comes back makes new events. */
const GIVE_UP_ON_PAYER_AFTER_MS = DAY
const WAITS_FOR_PAYER: ReadonlySet<string> = new Set(['requires_payment_method', 'requires_confirmation'])

/**
 * @param polls how often Stripe was asked since the payment last changed
 * @returns milliseconds since the epoch; null: not again.
 */
export function pollAt(
  payment: Pick<Payment, 'status' | 'needsReread' | 'created'>,
  polls: number,
  now: number,
): number | null {
  if (payment.needsReread && polls === 0) return now + UNCLEAR_MS
  if (isFinished(payment) && !payment.needsReread) return null
  const giveUpAfterMs = WAITS_FOR_PAYER.has(payment.status) ? GIVE_UP_ON_PAYER_AFTER_MS : GIVE_UP_AFTER_MS
  if (now - payment.created * 1000 > giveUpAfterMs) return null
  return now + (DELAYS_MS[Math.min(polls, DELAYS_MS.length - 1)] ?? DAY)
}
