/** What makes two requests the same request, however often they come. */

export interface RequestKeyFacts {
  /** The header `Idempotency-Key`. */
  readonly callerKey: string | null
  readonly card: string | null
  /** Of the whole request. */
  readonly fingerprint: string
}

/**
 * @returns the caller's key; else the single-use token together with the content, since a token that a refused request
 * did not use up may come again with other content; else null: a repeat of it is a new request.
 */
export function requestKeyOf({ callerKey, card, fingerprint }: RequestKeyFacts): string | null {
  if (callerKey !== null) return `key:${callerKey}`
  if (card !== null && isSingleUse(card)) return `token:${card}:${fingerprint}`
  return null
}

/**
 * Whether Stripe lets a token be used once only. Those that Stripe.js makes start with a digit;
 * names such as `tok_visa` and all payment methods can be used again, so a repeat of them is a new charge.
 */
export function isSingleUse(token: string): boolean {
  return /^tok_\d/.test(token)
}
