/** Reads a payment from Stripe as it is now, with its latest charge. */
import type { Stripe } from 'stripe'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import { LATEST_CHARGE } from './terms/intent-params.ts'

/** @param id null throws: an attempt without a failure has a payment. */
export type LoadIntent = (
  of: { readonly appId: string; readonly account: string },
  id: string | null,
) => Promise<Stripe.PaymentIntent>

export function createLoadIntent(
  stripeFor: (appId: string) => Pick<StripeGateway, 'retrievePaymentIntent'>,
): LoadIntent {
  return async ({ appId, account }, id) => {
    if (id === null) throw new Error('The attempt ended without a payment and without a failure')
    return stripeFor(appId).retrievePaymentIntent(
      id,
      { expand: LATEST_CHARGE },
      { account: account === '' ? null : account },
    )
  }
}
