/** A payment as the server answers it, in Stripe's words. */

/** Stripe's status of the PaymentIntent. */
export type PaymentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled'

/** An item at the moment of its sale. */
export interface SoldItem {
  readonly id: string
  readonly quantity: number
  /** Minor units; null where only the sum was priced. */
  readonly unit_amount: number | null
}

/** Amounts are whole numbers of minor units (1999 is 19.99 dollars, 1999 yen), times are seconds since the epoch. */
export interface Payment {
  readonly object: 'payment'
  /** `pi_…` */
  readonly id: string
  readonly account: string | null
  readonly order_id: string | null
  readonly status: PaymentStatus
  readonly amount: number
  readonly amount_capturable: number
  readonly amount_received: number
  readonly amount_refunded: number
  /** Lowercase ISO code. */
  readonly currency: string
  /** `ch_…` */
  readonly charge: string | null
  readonly customer: string | null
  readonly livemode: boolean
  readonly dispute: string | null
  readonly dispute_status: string | null
  /** Why the last card was not taken. */
  readonly last_payment_error: {
    readonly code: string | null
    readonly decline_code: string | null
    readonly message: string | null
  } | null
  readonly created: number
  readonly updated: number
  readonly fulfilled_at: number | null
  /** What was sold, at the price of the moment; null where only a sum was named. */
  readonly items: readonly SoldItem[] | null
  /** From here on absent while the server cannot reach Stripe and tells what it has stored. */
  readonly payment_method?: string | null
  readonly capture_method?: 'automatic' | 'manual'
  readonly description?: string | null
  readonly cancellation_reason?: string | null
  readonly metadata?: Readonly<Record<string, string>>
  /** What the payer must do; only while `requires_action`. */
  readonly next_action?:
    | { readonly type: 'use_stripe_sdk'; readonly client_secret: string }
    | { readonly type: 'redirect_to_url'; readonly client_secret: string; readonly url: string }
    | null
  /** Only for the payer. */
  readonly client_secret?: string | null
  /** Only for the payer. */
  readonly watch_token?: string | null
}
