/** Whether a payment shows what a change of its price asked for, so that a lost answer need not be repeated. */
import type { Stripe } from 'stripe'

export function isAsUpdated(
  params: Readonly<Record<string, unknown>>,
  intent: Stripe.PaymentIntent,
): boolean {
  const { metadata, capture_method, customer } = params
  const owner = typeof intent.customer === 'string' ? intent.customer : (intent.customer?.id ?? null)
  return (
    SAME.every((name) => params[name] === undefined || params[name] === intent[name]) &&
    // Stripe names its own default `automatic_async`.
    (capture_method === undefined ||
      (capture_method === 'manual') === (intent.capture_method === 'manual')) &&
    (customer === undefined || customer === owner) &&
    // An empty text takes a name away.
    Object.entries(metadata ?? {}).every(([name, value]) => (intent.metadata[name] ?? '') === value)
  )
}

const SAME = ['amount', 'currency', 'setup_future_usage', 'description', 'receipt_email'] as const
