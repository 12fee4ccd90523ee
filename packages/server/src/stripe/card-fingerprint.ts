/** Which card it is, across tokens and payments: Stripe's fingerprint of its number. */
import type { Log } from '../log.ts'
import type { StripeGateway } from './stripe-gateway.ts'

export interface CardFingerprints {
  /** @param card `tok_…` or `pm_…`. @returns null when Stripe does not say. */
  ofCard(appId: string, card: string): Promise<string | null>
  /** @returns of the card that a payment was last declined with; null when there is none. */
  ofDeclined(appId: string, paymentIntentId: string): Promise<string | null>
}

type Gateway = Pick<StripeGateway, 'retrieveToken' | 'retrievePaymentMethod' | 'retrievePaymentIntent'>

export function createCardFingerprints(stripeFor: (appId: string) => Gateway, log: Log): CardFingerprints {
  /** Nothing hangs on it but a limit, so what Stripe does not tell is not known. */
  async function ask(
    appId: string,
    read: (stripe: Gateway) => Promise<string | null>,
  ): Promise<string | null> {
    try {
      return await read(stripeFor(appId))
    } catch (error) {
      log.debug({ err: error, appId }, 'Stripe did not tell the fingerprint of a card')
      return null
    }
  }
  return {
    ofCard: (appId, card) =>
      ask(appId, async (stripe) => {
        if (card.startsWith('pm_'))
          return (await stripe.retrievePaymentMethod(card)).card?.fingerprint ?? null
        return (await stripe.retrieveToken(card)).card?.fingerprint ?? null
      }),
    ofDeclined: (appId, paymentIntentId) =>
      ask(appId, async (stripe) => {
        const { last_payment_error: error } = await stripe.retrievePaymentIntent(paymentIntentId)
        return error?.payment_method?.card?.fingerprint ?? null
      }),
  }
}
