/** Reads from Stripe what a message is about. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import type { MessageIntent } from './message-intent.ts'
import type { ReadIntents } from './ports.ts'

export type FoundIntent = Stripe.SetupIntent | Stripe.PaymentIntent

/** @returns null: Stripe has none with that id. Throws ServiceError while Stripe cannot be asked. */
export type ReadIntent = (appId: string, intent: MessageIntent) => Promise<FoundIntent | null>

export function createReadIntent(stripeFor: (appId: string) => ReadIntents): ReadIntent {
  return async (appId, { kind, id, account }) => {
    const stripe = stripeFor(appId)
    try {
      return kind === 'setupIntent'
        ? await stripe.retrieveSetupIntent(id, {}, { account })
        : await stripe.retrievePaymentIntent(id, {}, { account })
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'resource_missing') return null
      throw error
    }
  }
}
