/** The kinds of Stripe object that the sandbox keeps, and the form they are kept in. */
import type Stripe from 'stripe'

type Unexpanded<V> = string extends V ? Exclude<V, { id: string }> : V

/** A Stripe object as it is stored: exactly the wire object, with every expandable field an id. */
export type Stored<T> = { [K in keyof T]: Unexpanded<T[K]> }

export interface StoredObjects {
  balance_transaction: Stored<Stripe.BalanceTransaction>
  card: Stored<Stripe.Card>
  charge: Stored<Stripe.Charge>
  confirmation_token: Stored<Stripe.ConfirmationToken>
  customer: Stored<Stripe.Customer> | Stripe.DeletedCustomer
  dispute: Stored<Stripe.Dispute>
  event: StoredEvent
  payment_intent: Stored<Stripe.PaymentIntent>
  payment_method: Stored<Stripe.PaymentMethod>
  refund: Stored<Stripe.Refund>
  setup_intent: Stored<Stripe.SetupIntent>
  token: Stored<Stripe.Token>
  webhook_endpoint: Stripe.WebhookEndpoint
}

export type Kind = keyof StoredObjects
export type AnyStored = StoredObjects[Kind]

export interface StoredEvent {
  id: `evt_${string}`
  object: 'event'
  api_version: string
  created: number
  data: { object: AnyStored; previous_attributes?: Record<string, unknown> }
  livemode: false
  pending_webhooks: number
  request: { id: string | null; idempotency_key: string | null }
  type: Stripe.Event.Type
}

/** What the sandbox knows about an object and Stripe does not show. */
export interface Hidden {
  /** Instruments: number of the test card, or null for a number that is none. */
  testCard?: string | null
  /** Bank debits: whether the debit will be paid. */
  debitFails?: boolean
  /** Instruments: set up before, so that off-session payments need no authentication. */
  setUpForOffSession?: boolean
  /** Payment methods: charged without a customer, so not to be used again. */
  consumed?: boolean
  /** Confirmation tokens: the payment method that was made of the form. */
  paymentMethod?: string
  /** Intents: the 3-D Secure challenge that is open. */
  challenge?: string
  /** Intents: the challenge was passed, and the next confirmation may charge. */
  authenticated?: boolean
  /** Intents: where the challenge page sends the customer back to. */
  returnUrl?: string
  /** Webhook endpoints: the signing secret, shown once at creation. */
  secret?: string
}
