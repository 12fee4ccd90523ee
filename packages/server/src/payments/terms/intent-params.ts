/** The parameters with which a payment goes to Stripe. */
import type { Stripe } from 'stripe'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { Price } from '../ports.ts'
import type { PaymentInput } from './payment-input.ts'

export const LATEST_CHARGE: string[] = ['latest_charge']

export type CardInput = Pick<PaymentInput, 'card' | 'returnUrl' | 'offSession'>

export function createParams(
  input: PaymentInput,
  price: Pick<Price, 'amount' | 'currency'>,
  names: { readonly orderId: string | null; readonly attemptId: string },
): Stripe.PaymentIntentCreateParams {
  const { card } = input
  return {
    amount: price.amount,
    currency: price.currency,
    allowed_payment_method_types: ['card'],
    expand: LATEST_CHARGE,
    ...(input.captureMethod === 'manual' ? { capture_method: 'manual' } : {}),
    ...(input.saveCard === null ? {} : { setup_future_usage: input.saveCard }),
    ...(input.customer === null ? {} : { customer: input.customer }),
    ...(input.description === null ? {} : { description: input.description }),
    ...(input.receiptEmail === null ? {} : { receipt_email: input.receiptEmail }),
    metadata: {
      ...input.metadata,
      ...(names.orderId === null ? {} : { [ORDER_ID_METADATA]: names.orderId }),
      [ATTEMPT_METADATA]: names.attemptId,
    },
    ...(card === null ? {} : { ...confirmParams(input), confirm: true }),
  }
}

/** Stripe takes a card token here (`payment_method_data[card][token]`); its type declarations leave it out. */
type CardTokenData = { readonly type: 'card'; readonly card: { readonly token: string } }

/** @param card null: the one that the payment has already */
export function confirmParams({ card, returnUrl, offSession }: CardInput) {
  return {
    expand: LATEST_CHARGE,
    ...(card === null ? {} : cardParams(card)),
    ...actionParams(returnUrl, offSession),
  }
}

/** @param card `tok_…`, or a payment method */
export function cardParams(card: string) {
  const tokenData: CardTokenData = { type: 'card', card: { token: card } }
  return card.startsWith('tok_') ? { payment_method_data: tokenData } : { payment_method: card }
}

/** A page finishes 3-D Secure through Stripe.js; who sends a return_url wants the redirect instead. */
export function actionParams(returnUrl: string | null, offSession: boolean) {
  if (offSession) return { off_session: true }
  return returnUrl === null ? { use_stripe_sdk: true } : { return_url: returnUrl }
}
