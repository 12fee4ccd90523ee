/** Payments, from their creation to their delivery. */
import type { FulfilledPayment, Payment, PaymentFacts, RefundedPayment, TimelineEntry } from './answers.ts'
import type { List, Page } from './auto-paging.ts'
import type { CallOptions } from './server-api.ts'
import { idInPath, type V1Client } from './v1-client.ts'

export interface OrderedItem {
  /** Of the app's catalog. */
  readonly id: string
  /** 1 unless named. */
  readonly quantity?: number
}

/** One of the three says the price. */
export interface PriceFields {
  /** Minor units, such as 1999 for 19.99. */
  readonly amount?: number
  readonly items?: readonly OrderedItem[]
  /** A price from `quotes.sign`. */
  readonly quote?: string
  /** The app's own unless named. */
  readonly currency?: string
}

export interface ConfirmFields {
  /** `tok_…` or `pm_…`, as Stripe.js made it. */
  readonly token?: string
  /** `pm_…` */
  readonly paymentMethod?: string
  /** Where a bank redirects to; without it the page finishes 3-D Secure. */
  readonly returnUrl?: string
  /** The payer is not there. */
  readonly offSession?: boolean
  readonly captcha?: string
}

export interface ConfirmPaymentFields extends ConfirmFields {
  /** As shown to the payer, in minor units: if the payment is of another amount by now, nothing is charged. */
  readonly amount?: number
  /** As shown to the payer, with `amount`. */
  readonly currency?: string
}

export interface CreatePaymentFields extends PriceFields, ConfirmFields {
  /** What is paid; an order is charged once, whatever happens. */
  readonly orderId?: string
  /** `manual` holds the money until it is captured. */
  readonly captureMethod?: 'automatic' | 'manual'
  /** Keeps the card with `customer`. */
  readonly saveCard?: 'on_session' | 'off_session'
  /** `cus_…` */
  readonly customer?: string
  readonly description?: string
  readonly receiptEmail?: string
  readonly metadata?: Readonly<Record<string, string>>
}

export interface ListPaymentsFields {
  readonly orderId?: string
  readonly status?: string
  readonly customer?: string
  /** Seconds since the epoch, both included. */
  readonly created?: { readonly gte?: number; readonly lte?: number }
  /** Of a page: 1 to 100, 10 unless named. */
  readonly limit?: number
  readonly startingAfter?: string
}

/** Each rejects with StripeApiError: a declined card has the type `card_error` and Stripe's own code. */
export interface Payments {
  /** With a token it is charged at once; `requires_action` is a normal answer. */
  create(fields: CreatePaymentFields, options?: CallOptions): Promise<Payment>
  /** As Stripe has it now; as its events told it while Stripe cannot be reached. */
  retrieve(id: string, options?: CallOptions): Promise<Payment | PaymentFacts>
  /** The newest first, as their events tell. */
  list(fields?: ListPaymentsFields, options?: CallOptions): List<PaymentFacts>
  /** What is paid and not delivered, the oldest first. */
  listUnfulfilled(
    fields?: Pick<ListPaymentsFields, 'limit' | 'startingAfter'>,
    options?: CallOptions,
  ): List<PaymentFacts>
  confirm(id: string, fields?: ConfirmPaymentFields, options?: CallOptions): Promise<Payment>
  /** Takes all that is held, or `amount` of it; the rest is let go. */
  capture(id: string, fields?: { readonly amount?: number }, options?: CallOptions): Promise<Payment>
  cancel(
    id: string,
    fields?: { readonly reason?: 'abandoned' | 'duplicate' | 'fraudulent' | 'requested_by_customer' },
    options?: CallOptions,
  ): Promise<Payment>
  /** Gives back all that is left, or `amount` of it. Send an idempotencyKey of your own with a part. */
  refund(
    id: string,
    fields?: {
      readonly amount?: number
      readonly reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer'
      readonly metadata?: Readonly<Record<string, string>>
    },
    options?: CallOptions,
  ): Promise<RefundedPayment>
  /** Only while nothing is paid or held. */
  setPrice(id: string, price: PriceFields, options?: CallOptions): Promise<Payment>
  /**
   * The first call wins, among all payments of an order, and answers `newly_fulfilled: true`: deliver then, and only then.
   * Throws `payment_not_paid`, `payment_refunded` or `payment_disputed` for what is not to be delivered. A repeat under the
   * same `idempotencyKey` hears the same; give one of your own where your process may die before it has the answer.
   */
  fulfil(id: string, options?: CallOptions): Promise<FulfilledPayment>
  /** The calls to Stripe and the events that came, in order. */
  timeline(id: string, options?: CallOptions): Promise<Page<TimelineEntry>>
}

const PAYMENTS = '/v1/payments'

export function createPayments(client: V1Client): Payments {
  const at = (id: string, step = '') => `${PAYMENTS}/${idInPath('a payment', id)}${step}`
  const after = (last: PaymentFacts) => ({ startingAfter: last.id })

  return {
    create: async (fields, options) =>
      client.post(PAYMENTS, fields, { ...options, automaticKey: !isSingleUse(fields.token) }),
    retrieve: async (id, options) => client.get(at(id), options),
    list: (fields = {}, options = {}) => client.list(PAYMENTS, fields, after, options),
    listUnfulfilled: (fields = {}, options = {}) =>
      client.list(`${PAYMENTS}/unfulfilled`, fields, after, options),
    confirm: async (id, fields = {}, options = {}) =>
      client.post(at(id, '/confirm'), fields, { ...options, automaticKey: !isSingleUse(fields.token) }),
    capture: async (id, fields = {}, options = {}) => client.post(at(id, '/capture'), fields, options),
    cancel: async (id, fields = {}, options = {}) => client.post(at(id, '/cancel'), fields, options),
    refund: async (id, fields = {}, options = {}) => client.post(at(id, '/refund'), fields, options),
    setPrice: async (id, price, options = {}) => client.post(at(id, '/price'), price, options),
    fulfil: async (id, options = {}) => client.post(at(id, '/fulfill'), {}, options),
    timeline: async (id, options) => client.get(at(id, '/timeline'), options),
  }
}

/** Stripe.js makes such a token for one charge, so the server knows a repeat by it, from whichever process it comes. */
function isSingleUse(token: string | undefined): boolean {
  return token !== undefined && /^tok_\d/.test(token)
}
