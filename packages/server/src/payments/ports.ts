/** What the payments feature asks of the price policy and the charge guard; app.ts wires who answers. */
import type { AppId, Principal } from '../access/principal.ts'

/** What the client says about the price; which of it counts is the policy's decision. */
export interface PriceRequest {
  readonly appId: AppId
  readonly role: Principal['role']
  readonly orderId: string | null
  /** Minor units, a positive whole number; null: not named. */
  readonly amount: number | null
  /** Lowercase ISO code; null: not named. */
  readonly currency: string | null
  /** Catalog items with their quantities; null: not named. */
  readonly items: readonly PriceItem[] | null
  /** A quote that the app's own server signed (compact JWS); null: not sent. */
  readonly quote: string | null
}

export interface PriceItem {
  readonly id: string
  readonly quantity: number
}

export interface Price {
  /** Minor units. */
  readonly amount: number
  /** Lowercase ISO code. */
  readonly currency: string
  readonly source: 'open' | 'quote' | 'catalog'
  /** The order that is paid: the request's own, or the one that the quote names. */
  readonly orderId: string | null
  /** Its place in the order of issue, where the app's own server said it: the greater is the newer. */
  readonly issued: number | null
  /** What was priced; null: only a sum. */
  readonly items: readonly SoldItem[] | null
  /** Whether whoever asks may ask for a hold. */
  readonly mayHold: boolean
  readonly quote: SignedQuote | null
}

export interface SoldItem extends PriceItem {
  /** Minor units; null: only the sum was priced. */
  readonly unit_amount: number | null
}

export interface SignedQuote {
  readonly id: string
  /** It was used in time, and has ended since: it may repeat what it did, and changes nothing. */
  readonly isExpired: boolean
  readonly terms: SignedTerms
}

/** What the app's server signed beside the price; what it did not name is absent. */
export interface SignedTerms {
  readonly capture_method?: 'automatic' | 'manual' | undefined
  readonly save_card?: 'on_session' | 'off_session' | undefined
  readonly customer?: string | undefined
  readonly description?: string | undefined
  readonly receipt_email?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/**
 * Decides the price of a new payment. Asked again for the same order it must give the same answer, also for a quote
 * that is used up by this very order. Throws ServiceError.
 */
export type DecidePrice = (request: PriceRequest) => Promise<Price>

/** Who tries to charge a card, as the guard counts it. */
export interface AttemptFacts {
  readonly appId: AppId
  readonly role: Principal['role']
  /** The payer's address as the HTTP server sees it; null where there is none. */
  readonly address: string | null
  /** The client key that was shown; null for a server key. */
  readonly clientKey: string | null
  readonly orderId: string | null
  /** The payment of which the caller has proved to be the payer; null: it is begun by this attempt. */
  readonly paymentIntentId: string | null
  /** The card token or payment method id; null: the page confirms by itself. */
  readonly card: string | null
  /** What a captcha widget gave the page; null: nothing sent. */
  readonly captcha: string | null
}

export interface AttemptResult {
  /** `unknown`: Stripe did not answer; the attempt goes on in the background. */
  readonly outcome: 'succeeded' | 'requires_action' | 'declined' | 'rejected' | 'unknown'
  /** Stripe's fingerprint of the card, where the answer shows it. */
  readonly cardFingerprint: string | null
  readonly paymentIntentId: string | null
  readonly declineCode: string | null
}

/**
 * The order that a quote was signed for, while the quote is good, or was used in time for it not long ago; null for one
 * that is not the app's, expired or used for another order.
 */
export type OrderOfQuote = (appId: AppId, quote: string) => Promise<string | null>

/** Counts a caller that is not the payer he acts as. Throws `proof_limited` after too many. */
export type NoteRefusedProof = (facts: Pick<AttemptFacts, 'appId' | 'address' | 'clientKey'>) => Promise<void>

/** Called before a new attempt, never for a repeat that is answered from our rows. Throws ServiceError to refuse. */
export type AdmitAttempt = (facts: AttemptFacts) => Promise<void>

/** Called after each admitted attempt. */
export type ReportAttempt = (facts: AttemptFacts, result: AttemptResult) => Promise<void>
