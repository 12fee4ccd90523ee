/** The seam to Stripe: the calls that features make, in Stripe's own types. */
import type { Stripe } from 'stripe'
import type { StripeTime } from './stripe-time.ts'

export interface ReadOptions {
  /** The connected account (`acct_…`) that the call is about; null or absent: our own. */
  readonly account?: string | null
}

export interface CallOptions extends ReadOptions {
  /** Saved before the call, so that a repeat is the same request to Stripe. Sent once: repeats are the caller's. */
  readonly idempotencyKey: string
}

/** Every method throws ServiceError, translated from Stripe's errors, and nothing else on purpose. */
export interface StripeGateway {
  /** As this Stripe tells it. */
  readonly time: StripeTime
  createPaymentIntent(
    params: Stripe.PaymentIntentCreateParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  confirmPaymentIntent(
    id: string,
    params: Stripe.PaymentIntentConfirmParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  updatePaymentIntent(
    id: string,
    params: Stripe.PaymentIntentUpdateParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  capturePaymentIntent(
    id: string,
    params: Stripe.PaymentIntentCaptureParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  cancelPaymentIntent(
    id: string,
    params: Stripe.PaymentIntentCancelParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  retrievePaymentIntent(
    id: string,
    params?: Stripe.PaymentIntentRetrieveParams,
    options?: ReadOptions,
  ): Promise<Stripe.PaymentIntent>
  /** One page, newest first. */
  listPaymentIntents(
    params: Stripe.PaymentIntentListParams,
    options?: ReadOptions,
  ): Promise<Stripe.ApiList<Stripe.PaymentIntent>>
  createRefund(params: Stripe.RefundCreateParams, options: CallOptions): Promise<Stripe.Refund>
  /** One page, newest first. */
  listRefunds(params: Stripe.RefundListParams, options?: ReadOptions): Promise<Stripe.ApiList<Stripe.Refund>>
  retrieveCharge(id: string, options?: ReadOptions): Promise<Stripe.Charge>
  /** One page, newest first. */
  listDisputes(
    params: Stripe.DisputeListParams,
    options?: ReadOptions,
  ): Promise<Stripe.ApiList<Stripe.Dispute>>
  /** One page, newest first; Stripe keeps 30 days. */
  listEvents(params: Stripe.EventListParams, options?: ReadOptions): Promise<Stripe.ApiList<Stripe.Event>>
  createSetupIntent(params: Stripe.SetupIntentCreateParams, options: CallOptions): Promise<Stripe.SetupIntent>
  confirmSetupIntent(
    id: string,
    params: Stripe.SetupIntentConfirmParams,
    options: CallOptions,
  ): Promise<Stripe.SetupIntent>
  cancelSetupIntent(
    id: string,
    params: Stripe.SetupIntentCancelParams,
    options: CallOptions,
  ): Promise<Stripe.SetupIntent>
  retrieveSetupIntent(
    id: string,
    params?: Stripe.SetupIntentRetrieveParams,
    options?: ReadOptions,
  ): Promise<Stripe.SetupIntent>
  /** The cards that a customer has saved, one page, newest first. */
  listCards(
    customer: string,
    params: Stripe.CustomerListPaymentMethodsParams,
    options?: ReadOptions,
  ): Promise<Stripe.ApiList<Stripe.PaymentMethod>>
  retrievePaymentMethod(id: string, options?: ReadOptions): Promise<Stripe.PaymentMethod>
  retrieveToken(id: string, options?: ReadOptions): Promise<Stripe.Token>
  detachPaymentMethod(id: string, options: CallOptions): Promise<Stripe.PaymentMethod>
}
