/** What makes two requests the same request, however often they come. */
import { fingerprintOf } from './fingerprint.ts'

export interface RequestKey {
  readonly text: string
  /** Nothing but the content says that it is the same request, and only for a while. */
  readonly isByContent: boolean
}

export interface RequestKeyFacts {
  /** The header `Idempotency-Key`. */
  readonly callerKey: string | null
  readonly card: string | null
  /** Of the whole request. */
  readonly fingerprint: string
  /** Who asks, as far as the key tells: the same words of another are not a repeat. */
  readonly asker: string
  /** Whether a second one would move money a second time, with nothing else to say that it is the same. */
  readonly movesAgain: boolean
}

/**
 * @returns the caller's key; else the single-use token together with the content, since a token that a refused request
 * did not use up may come again with other content; else the content alone; null where a repeat moves nothing again.
 */
export function requestKeyOf({
  callerKey,
  card,
  fingerprint,
  asker,
  movesAgain,
}: RequestKeyFacts): RequestKey | null {
  if (callerKey !== null) return { text: `key:${callerKey}`, isByContent: false }
  if (card !== null && isSingleUse(card)) return { text: `token:${card}:${fingerprint}`, isByContent: false }
  return movesAgain ? { text: `content:${fingerprintOf([asker, fingerprint])}`, isByContent: true } : null
}

/**
 * Whether Stripe lets a token be used once only. Those that Stripe.js makes start with a digit;
 * names such as `tok_visa` and all payment methods can be used again.
 */
export function isSingleUse(token: string): boolean {
  return /^tok_\d/.test(token)
}
