/** Whether an order has changed since an attempt at it was planned, so that its call must not be made. */
import { isNewerPrice } from './order-of-issue.ts'
import type { NewAttempt, PaymentOrder } from './payment-attempt-store.ts'

/**
 * A second create would be a second payment, unless the first is known to be canceled; a confirm would charge another
 * price than its payer was told; an older price never replaces a newer one.
 */
export function isOutdated(
  { call, terms, replaces }: Pick<NewAttempt, 'call' | 'terms' | 'replaces'>,
  order: PaymentOrder,
): boolean {
  switch (call.operation) {
    case 'create':
      return order.paymentIntentId !== replaces
    case 'confirm':
      return terms !== null && !hasPrice(order, terms)
    case 'update':
      return terms !== null && !isNewerPrice(terms, order.terms)
    default:
      return false
  }
}

/** A price without a currency is of any. */
function hasPrice(
  order: PaymentOrder,
  { amount, currency = null }: NonNullable<NewAttempt['terms']>,
): boolean {
  return order.terms['amount'] === amount && (currency === null || order.terms['currency'] === currency)
}
