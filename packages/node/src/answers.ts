/** What the server's own routes answer, as it spells it. Amounts in minor units, times in seconds unless said. */

export interface FailureFacts {
  readonly code: string | null
  readonly decline_code: string | null
  readonly message: string | null
}

/** What a payment is, whoever asks; lists hold these. */
export interface PaymentFacts {
  readonly object: 'payment'
  /** `pi_…`, or `ch_…` for a charge that has no PaymentIntent. */
  readonly id: string
  readonly account: string | null
  readonly order_id: string | null
  /** Stripe's status of the PaymentIntent. */
  readonly status: string
  readonly amount: number
  readonly amount_capturable: number
  readonly amount_received: number
  readonly amount_refunded: number
  readonly currency: string
  readonly charge: string | null
  readonly customer: string | null
  readonly livemode: boolean
  readonly dispute: string | null
  readonly dispute_status: string | null
  readonly last_payment_error: FailureFacts | null
  readonly created: number
  readonly updated: number
  readonly fulfilled_at: number | null
  /** What was sold, at the price of the moment; null where only a sum was named. */
  readonly items: readonly SoldItem[] | null
}

export type NextAction =
  /** Let Stripe.js finish 3-D Secure with this client secret. */
  | { readonly type: 'use_stripe_sdk'; readonly client_secret: string }
  /** Send the payer to the address. */
  | { readonly type: 'redirect_to_url'; readonly client_secret: string; readonly url: string }

/** A payment as Stripe has it now. */
export interface Payment extends PaymentFacts {
  readonly payment_method: string | null
  readonly capture_method: string
  readonly description: string | null
  readonly cancellation_reason: string | null
  readonly metadata: Readonly<Record<string, string>>
  /** Only while `requires_action`. */
  readonly next_action: NextAction | null
  /** For Stripe.js in the payer's page. */
  readonly client_secret: string | null
  /** Opens this payment and its events to its payer. */
  readonly watch_token: string | null
}

export interface RefundedPayment extends Payment {
  /** `re_…`; null when all was refunded before. */
  readonly refund: string | null
}

export interface FulfilledPayment extends PaymentFacts {
  /** true for exactly one call: deliver when it is. */
  readonly newly_fulfilled: boolean
  /** The payment that the order was delivered for: another one, where two have paid it. */
  readonly fulfilled_by: string
  /** A part was given back; `amount_refunded` says how much. */
  readonly partly_refunded: boolean
}

export interface SetupIntent {
  readonly object: 'setup_intent'
  readonly id: string
  readonly account: string | null
  readonly status: string
  readonly usage: string
  readonly customer: string | null
  readonly payment_method: string | null
  readonly next_action: NextAction | null
  readonly client_secret: string | null
  readonly last_setup_error: FailureFacts | null
  readonly metadata: Readonly<Record<string, string>>
  readonly livemode: boolean
  readonly created: number
}

export interface Card {
  readonly object: 'card'
  /** `pm_…`, as `paymentMethod` of a payment takes it. */
  readonly id: string
  readonly customer: string | null
  readonly brand: string
  readonly last4: string
  readonly exp_month: number
  readonly exp_year: number
  readonly funding: string
  readonly country: string | null
  readonly created: number
}

/** A token with which a page acts for one customer. */
export interface CustomerToken {
  readonly object: 'customer_token'
  readonly customer: string
  /** What the page gives to the browser SDK as `customerToken`. */
  readonly token: string
  readonly expires_at: number
}

/** An item at the moment of its sale. */
export interface SoldItem {
  readonly id: string
  readonly quantity: number
  /** Minor units; null where only the sum was priced. */
  readonly unit_amount: number | null
}

export interface Quote {
  readonly object: 'quote'
  readonly id: string
  readonly amount: number
  readonly currency: string
  readonly order_id: string
  readonly items: readonly SoldItem[] | null
  readonly capture_method: 'automatic' | 'manual' | null
  readonly customer: string | null
  readonly save_card: 'on_session' | 'off_session' | null
  readonly description: string | null
  readonly receipt_email: string | null
  readonly metadata: Readonly<Record<string, string>> | null
  /** Its place in the order of issue: a greater one is newer. */
  readonly seq: number
  readonly expires_at: number
  /** What the page sends as `quote`. */
  readonly quote: string
}

/** A stored Stripe event; its times are in milliseconds, and its names those of the table StripeEvents. */
export interface StoredEvent {
  readonly object: 'stripe_event'
  /** Place in the log. */
  readonly position: number
  /** The transaction: the charge's id where there is one, else the object's id. */
  readonly id: string
  readonly eventId: string
  /** Such as `charge.succeeded`. */
  readonly type: string
  readonly created: number
  readonly objectType: string | null
  readonly chargeId: string | null
  readonly paymentIntentId: string | null
  readonly customerId: string | null
  readonly orderId: string | null
  readonly amount: number | null
  readonly currency: string | null
  readonly status: string | null
  readonly livemode: boolean
  readonly apiVersion: string | null
  /** The Stripe event. */
  readonly payload: Readonly<Record<string, unknown>>
}

export interface HandledEvent extends StoredEvent {
  readonly handling: {
    readonly state: 'received' | 'handled' | 'failed' | 'dead'
    readonly attempts: readonly { readonly number: number; readonly outcome: 'handled' | 'failed' }[]
    readonly nextAttemptAt: number | null
    readonly handledAt: number | null
  } | null
}

/** A call to Stripe that was made for a payment; times in milliseconds. */
export interface PaymentAttempt {
  readonly object: 'payment_attempt'
  readonly at: number
  readonly id: string
  readonly operation: string
  readonly state: 'open' | 'succeeded' | 'requires_action' | 'processing' | 'failed'
  readonly tries: number
  readonly idempotency_key: string
  /** Of a create or an update: the price that it sets. */
  readonly amount: number | null
  readonly currency: string | null
  readonly items: readonly SoldItem[] | null
  readonly charge: string | null
  readonly refund: string | null
  readonly payment_status: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly last_problem: string | null
  readonly next_try_at: number | null
  readonly finished_at: number | null
}

/** An event that came about a payment; `at` and `handled_at` in milliseconds, `created` in seconds. */
export interface PaymentEvent {
  readonly object: 'stripe_event'
  readonly at: number
  readonly event_id: string
  readonly type: string
  readonly status: string | null
  readonly charge: string | null
  readonly amount: number | null
  readonly created: number
  readonly source: 'webhook' | 'repair' | 'replay'
  readonly position: number
  readonly handling: {
    readonly state: 'received' | 'handled' | 'failed' | 'dead' | null
    readonly attempts: number
    readonly handled_at: number | null
  }
}

export type TimelineEntry = PaymentAttempt | PaymentEvent
