/** A payment as its events tell it: one PaymentIntent, or one charge that has none. */
import type { Evidence } from './evidence.ts'
import type { PaymentId } from './payment-id.ts'

/** Stripe's statuses of a PaymentIntent, and `failed` for a charge without one, which cannot be tried again. */
export type PaymentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled'
  | 'failed'

/** Why the last try failed, in Stripe's words. */
export interface PaymentError {
  readonly code: string | null
  readonly decline_code: string | null
  readonly message: string | null
}

/** Amounts are in minor units; times are Stripe's, in seconds. */
export interface Payment {
  readonly id: PaymentId
  /** The connected account (`acct_…`) that the payment is made on; null: the app's own. */
  readonly account: string | null
  readonly orderId: string | null
  readonly status: PaymentStatus
  readonly amount: number
  readonly amountCapturable: number
  readonly amountReceived: number
  /** As Stripe counts it on the charge: refunds that stand, and what a capture or a cancel released. */
  readonly amountRefunded: number
  readonly currency: string
  readonly chargeId: string | null
  readonly customerId: string | null
  readonly livemode: boolean
  readonly disputeId: string | null
  /** Of the newest dispute, in Stripe's words. */
  readonly disputeStatus: string | null
  readonly lastError: PaymentError | null
  readonly created: number
  /** When the newest event that counts was created. */
  readonly updated: number
  /** Events alone do not decide what the payment is: ask Stripe. */
  readonly needsReread: boolean
  /** What the above was read from. */
  readonly evidence: Evidence
}

/** Nothing more happens to a payment in these states by itself, or by its payer. */
const FINISHED: ReadonlySet<PaymentStatus> = new Set(['succeeded', 'canceled', 'failed'])

export function isFinished({ status }: Pick<Payment, 'status'>): boolean {
  return FINISHED.has(status)
}
