/** Decides whether a failed try is worth another, and after how long. */

/** What a try came to: an answer, or none. */
export type FailedTry =
  | { readonly kind: 'no_answer' }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly code: string | undefined
      /** In lower case. */
      readonly headers: Readonly<Record<string, string>>
    }

export interface RetryFacts {
  /** Tries made so far, at least 1. */
  readonly tries: number
  readonly maxRetries: number
  /** Milliseconds since the epoch, to read a date in Retry-After. */
  readonly now: number
  /** From 0 to 1. */
  readonly random: number
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 8_000
/** Who asks for a longer wait than this is told to the caller, who can decide better. */
const LONGEST_RETRY_AFTER_MS = 60_000
/** Codes of a 409 that says: the same request, or one about the same object, is still under way. */
const LOCKED = new Set(['lock_timeout', 'idempotency_key_in_use'])

/** Answered 5xx, and nothing was done: an operator has to act first. */
const REFUSED = new Set(['charges_stopped', 'stripe_key_rejected', 'secret_unavailable'])

/** @returns milliseconds to wait before the next try, or null when there is none. */
export function retryDelay(failed: FailedTry, { tries, maxRetries, now, random }: RetryFacts): number | null {
  if (tries > maxRetries || !isWorthRepeating(failed)) return null
  const asked = failed.kind === 'answer' ? retryAfter(failed.headers['retry-after'], now) : null
  if (asked !== null) return asked > LONGEST_RETRY_AFTER_MS ? null : asked
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS)
  // Between half and whole, so that callers who failed together do not come back together.
  return delay * (0.5 + random / 2)
}

function isWorthRepeating(failed: FailedTry): boolean {
  if (failed.kind === 'no_answer') return true
  const { status, code, headers } = failed
  if (headers['stripe-should-retry'] === 'true') return true
  if (headers['stripe-should-retry'] === 'false') return false
  if (REFUSED.has(code ?? '')) return false
  return status === 429 || status >= 500 || (status === 409 && LOCKED.has(code ?? ''))
}

/** Seconds or a date, as HTTP allows. @returns milliseconds, or null for what is neither */
function retryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
