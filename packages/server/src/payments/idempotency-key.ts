/** The key under which Stripe knows one payment attempt, however often the request is repeated. */
import { createHash } from 'node:crypto'

/** What the key is derived from; equal sources give equal keys, on every node and after every restart. */
export type KeySource =
  | { readonly kind: 'caller'; readonly key: string }
  | { readonly kind: 'order'; readonly orderId: string }
  | { readonly kind: 'order_attempt'; readonly orderId: string; readonly token: string; readonly key: string }
  | { readonly kind: 'token'; readonly token: string; readonly amount: number; readonly currency: string }
  | { readonly kind: 'random'; readonly id: string }

/** Derived, not passed through: one app cannot meet another's keys, and none is over Stripe's 255 characters. */
export function idempotencyKey(appId: string, source: KeySource): string {
  const text = JSON.stringify([appId, ...Object.values(source)])
  return `tollbridge-${source.kind}-${createHash('sha256').update(text).digest('hex')}`
}

/**
 * Whether Stripe lets a token be used once only. Those that Stripe.js makes start with a digit;
 * names such as `tok_visa` and all payment methods can be used again, so a repeat of them is a new charge.
 */
export function isSingleUse(token: string): boolean {
  return /^tok_\d/.test(token)
}
