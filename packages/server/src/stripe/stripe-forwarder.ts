/** The seam to Stripe's API as bytes: one request as it is, one answer as it comes. */
import type { Readable } from 'node:stream'
import type { ServiceError } from '../errors.ts'

export interface StripeRequest {
  /** Upper case. */
  readonly method: string
  /** Begins with `/v1/` or `/v2/`; encoded, with its query. */
  readonly path: string
  /** Lower-case names; the key of the account is added, whatever stands here. */
  readonly headers: Readonly<Record<string, string>>
  /** null: none. A stream is sent as it comes; bytes can be sent again. */
  readonly body: Uint8Array | Readable | null
  /** Whether a second sending does no harm, so that a connection which Stripe has just closed costs nothing. */
  readonly isRepeatable: boolean
  /** Ends the call at once. */
  readonly signal: AbortSignal
}

export interface StripeAnswer {
  readonly status: number
  /** Names and values as they came. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Ends with an error where Stripe breaks off or falls silent. */
  readonly body: Readable
}

export type Forwarded =
  | { readonly outcome: 'answered'; readonly answer: StripeAnswer }
  /** Stripe has not heard of it, or of a part only, which it does not act on. */
  | { readonly outcome: 'not_sent'; readonly error: ServiceError }
  /** Stripe may have acted on it. */
  | { readonly outcome: 'unknown'; readonly error: ServiceError }

export interface StripeForwarder {
  /** Never rejects. */
  forward(request: StripeRequest): Promise<Forwarded>
}
