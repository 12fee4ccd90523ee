/** The calls that begin new charges, which the operator's brake stops. */
import { decide, ownRules } from './rules.ts'

/**
 * Payments, and what makes Stripe take one by itself. As everywhere in Tollbridge, the brake does not hold up what ends
 * a payment that is there: captures, cancellations and refunds. Written as refusals, so that no spelling of a path
 * walks around them.
 */
const CHARGING = ownRules([
  '!POST /v1/charges',
  '!POST /v1/payment_intents',
  '!POST /v1/payment_intents/*/apply_customer_balance',
  '!POST /v1/payment_intents/*/confirm',
  '!POST /v1/payment_intents/*/increment_authorization',
  '!POST /v1/payment_intents/*/verify_microdeposits',
  '!POST /v1/payment_links',
  '!POST /v1/checkout/sessions',
  '!POST /v1/invoices',
  '!POST /v1/invoices/*/finalize',
  '!POST /v1/invoices/*/pay',
  '!POST /v1/invoices/*/send',
  '!POST /v1/orders/*/pay',
  '!POST /v1/orders/*/submit',
  '!POST /v1/quotes/*/accept',
  '!POST /v1/customers/*/subscriptions*',
  '!POST /v1/subscriptions*',
  '!POST /v1/subscription_items*',
  '!POST /v1/subscription_schedules*',
  'POST /v1/subscription_schedules/*/cancel',
  'POST /v1/subscription_schedules/*/release',
  '!POST /v1/terminal/readers/*/process_payment_intent',
  '!POST /v1/terminal/readers/*/confirm_payment_intent',
  '!POST /v1/test_helpers/terminal/readers/*/present_payment_method',
  '!POST /v2/billing/intents/*/commit',
  '!POST /v2/payments/off_session_payments*',
  'POST /v2/payments/off_session_payments/*/cancel',
  'POST /v2/payments/off_session_payments/*/capture',
])

export function isCharging(method: string, path: string): boolean {
  const verdict = decide(CHARGING, method, path)
  return !verdict.isAllowed && verdict.rule !== null
}
