/** A payment as it is asked for, whichever door it came through. */
import type { PriceItem } from '../ports.ts'

export interface PaymentInput {
  readonly orderId: string | null
  /** What the client says about the price; the policy decides. */
  readonly asked: AskedPrice
  /** `tok_…` of Stripe.js, or `pm_…`; null: the page confirms, or a later call. */
  readonly card: string | null
  /** null: not named. */
  readonly captureMethod: 'automatic' | 'manual' | null
  /** Keeps the card with the customer for later payments. */
  readonly saveCard: 'on_session' | 'off_session' | null
  readonly customer: string | null
  readonly description: string | null
  readonly receiptEmail: string | null
  readonly returnUrl: string | null
  /** The payer is not there to authenticate. */
  readonly offSession: boolean
  readonly metadata: Readonly<Record<string, string>>
}

export interface AskedPrice {
  /** Minor units. */
  readonly amount: number | null
  /** Lowercase ISO code. */
  readonly currency: string | null
  readonly items: readonly PriceItem[] | null
  readonly quote: string | null
}
