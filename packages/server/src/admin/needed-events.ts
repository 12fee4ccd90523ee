/** The event types that Tollbridge subscribes to: everything that changes a payment, and what its payer owns. */
import type { EventType } from '../stripe/stripe-account.ts'

export const NEEDED_EVENTS: readonly EventType[] = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.partially_funded',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'charge.captured',
  'charge.expired',
  'charge.failed',
  'charge.pending',
  'charge.refunded',
  'charge.succeeded',
  'charge.updated',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.refund.updated',
  'refund.created',
  'refund.failed',
  'refund.updated',
  'setup_intent.canceled',
  'setup_intent.created',
  'setup_intent.requires_action',
  'setup_intent.setup_failed',
  'setup_intent.succeeded',
  'customer.created',
  'customer.deleted',
  'customer.updated',
  'payment_method.attached',
  'payment_method.automatically_updated',
  'payment_method.detached',
  'payment_method.updated',
  'radar.early_fraud_warning.created',
  'radar.early_fraud_warning.updated',
  'review.closed',
  'review.opened',
]

/** @returns the needed types that an endpoint with `enabledEvents` does not get. */
export function missingEvents(enabledEvents: readonly string[]): readonly EventType[] {
  if (enabledEvents.includes('*')) return []
  return NEEDED_EVENTS.filter((type) => !enabledEvents.includes(type))
}
