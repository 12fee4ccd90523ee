/** The seam to Stripe: the calls that features make, in Stripe's own types. */
import type { Stripe } from 'stripe'

export interface CallOptions {
  /** Saved or derived before the call, so that a repeat is the same request to Stripe. */
  readonly idempotencyKey: string
}

/** Every method throws ServiceError, translated from Stripe's errors, and nothing else on purpose. */
export interface StripeGateway {
  createPaymentIntent(
    params: Stripe.PaymentIntentCreateParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  confirmPaymentIntent(
    id: string,
    params: Stripe.PaymentIntentConfirmParams,
    options: CallOptions,
  ): Promise<Stripe.PaymentIntent>
  retrievePaymentIntent(
    id: string,
    params?: Stripe.PaymentIntentRetrieveParams,
  ): Promise<Stripe.PaymentIntent>
}
