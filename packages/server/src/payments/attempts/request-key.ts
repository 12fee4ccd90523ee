/** What makes two requests the same request, however often they come. Kept are digests. */
import { createHash } from 'node:crypto'
import { fingerprintOf } from './fingerprint.ts'

export interface RequestKey {
  readonly text: string
  /** As it stood in rows of before, which did not tell whose it was; null: it stood there as it does now. */
  readonly earlier: string | null
  /** Nothing but the content says that it is the same request, and only for a while. */
  readonly isByContent: boolean
}

export interface RequestKeyFacts {
  /** The header `Idempotency-Key`. */
  readonly callerKey: string | null
  /** Who asks, as far as a key tells: the same words of another are not a repeat. null: the app's server. */
  readonly clientKey: string | null
  readonly card: string | null
  /** Of the whole request. */
  readonly fingerprint: string
  /** Whether a second one would move money a second time, with nothing else to say that it is the same. */
  readonly movesAgain: boolean
}

/**
 * @returns the caller's key; else the single-use token together with the content, since a token that a refused request
 * did not use up may come again with other content; else the content alone; null where a repeat moves nothing again.
 * Keys of pages are other keys than those of the app's server, so that no page can use up one of the server's.
 */
export function requestKeyOf({
  callerKey,
  clientKey,
  card,
  fingerprint,
  movesAgain,
}: RequestKeyFacts): RequestKey | null {
  const key = (text: string, earlier: string | null = null) => ({ text, earlier, isByContent: false })
  if (callerKey !== null) {
    const ofServer = `key:${sha256(callerKey)}`
    if (clientKey === null) return key(ofServer)
    return key(`client-key:${sha256(JSON.stringify([clientKey, callerKey]))}`, ofServer)
  }
  if (card !== null && isSingleUse(card)) return key(`token:${sha256(card)}:${fingerprint}`)
  return movesAgain
    ? { text: `content:${fingerprintOf([clientKey, fingerprint])}`, earlier: null, isByContent: true }
    : null
}

/**
 * Whether Stripe lets a token be used once only. Those that Stripe.js makes start with a digit;
 * names such as `tok_visa` and all payment methods can be used again.
 */
export function isSingleUse(token: string): boolean {
  return /^tok_\d/.test(token)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
