/** What Tollbridge asked for when it made a payment, from the attempt that it wrote down before calling Stripe. */
import { attemptOf } from '../payment-state/describe-payment.ts'
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { StoredPayment } from '../store/payment-store.ts'
import type { Price } from './check-amounts.ts'

export type AttemptRecords = Pick<PaymentAttemptStore, 'find' | 'findOrder'>

/**
 * @returns null for a payment that was not made here. One that carries the order id of another payment is measured
 * by that order: a cheap payment must not pass for it.
 */
export function createExpectedPrice(
  attempts: AttemptRecords,
): (payment: StoredPayment) => Promise<Price | null> {
  return async ({ appId, account, orderId, evidence }) => {
    const order = orderId === null ? null : await attempts.findOrder(appId, account ?? '', orderId)
    if (order !== null) return priceOf(order.terms)
    const attemptId = attemptOf(evidence)
    const attempt = attemptId === null ? null : await attempts.find(appId, attemptId)
    return attempt === null ? null : priceOf(attempt.call.params)
  }
}

function priceOf(terms: Readonly<Record<string, unknown>>): Price | null {
  const { amount, currency } = terms
  return typeof amount === 'number' && typeof currency === 'string' ? { amount, currency } : null
}
