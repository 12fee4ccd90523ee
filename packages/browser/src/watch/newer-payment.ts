/** Which of two answers about a payment is the later one, as far as the answers themselves tell. */
import type { Payment } from '../payments/payment.ts'

/** The stages that every payment passes in one direction only. */
function stage({ status }: Pick<Payment, 'status'>): number {
  if (status === 'succeeded' || status === 'canceled') return 2
  return status === 'requires_capture' ? 1 : 0
}

/** Whether the server had it from Stripe, and not from its store while Stripe was away. */
function isFresh(payment: Payment): boolean {
  return payment.capture_method !== undefined
}

/**
 * Whether `next` may take the place of `shown`. Within a stage a payment moves to and fro, so the answers to requests
 * that were made one after the other count as they come; what the server had stored counts only where it is further.
 */
export function isNewer(next: Payment, shown: Payment | null): boolean {
  if (shown === null) return true
  if (stage(next) !== stage(shown)) return stage(next) > stage(shown)
  return isFresh(next) || !isFresh(shown)
}

/** Whether there is nothing to tell: a watch token is new in every answer, and an event may change no more than `updated`. */
export function isSame(a: Payment, b: Payment | null): boolean {
  const facts = (payment: Payment | null) => JSON.stringify({ ...payment, watch_token: '', updated: 0 })
  return facts(a) === facts(b)
}
