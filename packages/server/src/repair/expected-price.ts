/** What Tollbridge asked for when it made a payment, from the attempts that it wrote down before calling Stripe. */
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { StoredPayment } from '../store/payment-store.ts'
import type { Price } from './check-amounts.ts'

export type AttemptRecords = Pick<PaymentAttemptStore, 'history' | 'findOrder'>

/**
 * @returns null for a payment that was not made here. One that carries the order id of another payment is measured
 * by that order: a cheap payment must not pass for it.
 */
export function createExpectedPrice(
  attempts: AttemptRecords,
): (payment: StoredPayment) => Promise<Price | null> {
  return async ({ appId, id, account, orderId }) => {
    const on = account ?? ''
    const order = orderId === null ? null : await attempts.findOrder(appId, on, orderId)
    if (order !== null) return priceOf(order.terms)
    const made = await attempts.history(appId, { account: on, paymentIntentId: id, orderId: null })
    return made.map(({ terms }) => priceOf(terms)).find((price) => price !== null) ?? null
  }
}

function priceOf(terms: Readonly<Record<string, unknown>> | null): Price | null {
  const { amount, currency } = terms ?? {}
  return typeof amount === 'number' && typeof currency === 'string' ? { amount, currency } : null
}
