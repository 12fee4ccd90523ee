/** While money is paid, held or under way, a payment keeps its price. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../../errors.ts'

const CHANGEABLE = new Set<string>(['requires_payment_method', 'requires_confirmation'])

const WHY: Readonly<Record<string, string>> = {
  requires_action: 'waits for its payer to authenticate, at the price that was shown',
  processing: 'is being charged',
  requires_capture: 'has money held',
  succeeded: 'is paid',
  canceled: 'is canceled',
}

/** Throws `price_change_refused`. */
export function assertChangeable({ status }: Stripe.PaymentIntent): void {
  if (CHANGEABLE.has(status)) return
  throw notChangeable(WHY[status] ?? `is ${status}`, { payment_status: status })
}

/** @param why goes on from `The payment …`. */
export function notChangeable(why: string, details: Readonly<Record<string, unknown>>): ServiceError {
  return new ServiceError('price_change_refused', {
    message: `The payment ${why}; its price changes only while nothing is paid, held or under way.`,
    details,
  })
}

/** Stripe refused because the payment moved on past our rows, in its payer's page. */
export function isWrongState(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.details['stripe_code'] === 'payment_intent_unexpected_state'
}
