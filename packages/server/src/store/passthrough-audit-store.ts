/** The port to the record of calls that an app's server made to Stripe through Tollbridge. */
import type { AppId } from '../access/principal.ts'

export type CallOutcome =
  /** No answer is known: it is under way, the connection broke, or the server ended meanwhile. Stripe may have acted. */
  | 'unknown'
  | 'answered'
  /** Stripe answered, and the answer broke off on its way back. */
  | 'broken_off'
  /** Stripe has not heard of it, or of a part only. */
  | 'not_sent'
  /** Not let through. */
  | 'refused'

/** What is known before a call is sent. Neither query nor body is kept: they hold what people entered. */
export interface StartedCall {
  readonly appId: AppId
  /** The name of the server key, `key_…`. */
  readonly keyId: string
  readonly method: string
  /** Decoded, with its ids and without the query: `/v1/customers/cus_1`. */
  readonly path: string
  /** The connected account (`acct_…`) that it is about; null: the app's own. */
  readonly account: string | null
  /** As Stripe got it: our scope of the caller's key, or one of ours. */
  readonly idempotencyKey: string | null
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

export interface CallEnd {
  readonly outcome: CallOutcome
  /** What the caller was answered; null: nothing, as it was gone. */
  readonly status: number | null
  /** Our code, where the answer was ours. */
  readonly error: string | null
  /** Stripe's `req_…`. */
  readonly stripeRequestId: string | null
  /** Milliseconds since the epoch; null: nobody has seen the end. */
  readonly endedAt: number | null
  /** Of the bodies. */
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface StripeCall extends StartedCall, CallEnd {
  /** Grows with each call that is written down. */
  readonly number: number
}

export interface CallQuery {
  /** null: of all apps. */
  readonly appId: AppId | null
  readonly keyId: string | null
  readonly method: string | null
  /** What the path begins with. */
  readonly pathStart: string | null
  readonly outcome: CallOutcome | null
  /** Milliseconds since the epoch: those that started at or after, and before. */
  readonly startedFrom: number | null
  readonly startedBefore: number | null
  /** Those with a smaller number. */
  readonly before: number | null
  readonly limit: number
}

/** A call that is over. */
export type FinishedCall = StartedCall & CallEnd

/** How a call stands of which no end was noted. */
export const OPEN_CALL: CallEnd = {
  outcome: 'unknown',
  status: null,
  error: null,
  stripeRequestId: null,
  endedAt: null,
  bytesSent: 0,
  bytesReceived: 0,
}

export interface PassthroughAuditStore {
  /** Writes down a call that is about to be sent. @returns its number once that is on disk. */
  begin(call: StartedCall): Promise<number>
  /** Notes how a call ended; once. */
  end(number: number, end: CallEnd): Promise<void>
  /** Writes down calls that are over, in one commit. */
  addAll(calls: readonly FinishedCall[]): Promise<void>
  /** The newest first. */
  list(query: CallQuery): Promise<readonly StripeCall[]>
  /** Drops up to `most` calls that started before. @returns how many. */
  sweep(startedBefore: number, most: number): Promise<number>
}
