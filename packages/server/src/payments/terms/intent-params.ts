/** The parameters with which a payment goes to Stripe. */
import type { Stripe } from 'stripe'
import { ATTEMPT_METADATA, ITEMS_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { NewTerms, OrderTerms } from './order-terms.ts'
import type { PaymentInput } from './payment-input.ts'
import type { Repriced } from './reprice.ts'
import { itemsMetadata } from './sold-items.ts'

export const LATEST_CHARGE: string[] = ['latest_charge']

export type CardInput = Pick<PaymentInput, 'card' | 'returnUrl' | 'offSession'>

export function createParams(
  terms: NewTerms,
  how: CardInput,
  names: { readonly orderId: string | null; readonly attemptId: string },
): Stripe.PaymentIntentCreateParams {
  const metadata = {
    ...terms.metadata,
    ...(names.orderId === null ? {} : { [ORDER_ID_METADATA]: names.orderId }),
    [ATTEMPT_METADATA]: names.attemptId,
  }
  return {
    amount: terms.amount,
    currency: terms.currency,
    allowed_payment_method_types: ['card'],
    expand: LATEST_CHARGE,
    ...(terms.capture_method === 'manual' ? { capture_method: 'manual' } : {}),
    ...(terms.save_card === null ? {} : { setup_future_usage: terms.save_card }),
    ...(terms.customer === null ? {} : { customer: terms.customer }),
    ...(terms.description === null ? {} : { description: terms.description }),
    ...(terms.receipt_email === null ? {} : { receipt_email: terms.receipt_email }),
    metadata: { ...metadata, ...itemsMetadata(terms.items ?? null, Object.keys(metadata).length) },
    ...(how.card === null ? {} : { ...confirmParams(how), confirm: true }),
  }
}

/** For a payment that has another price, and what its quote says beside it, from now on. */
export function updateParams(
  { amount, currency, items = null, ...signed }: Repriced,
  before: Pick<OrderTerms, 'items' | 'metadata'> | null,
): Stripe.PaymentIntentUpdateParams {
  // Of a payment without an order it is not known.
  const mayHaveItems = before === null || (before.items ?? null) !== null
  const names = Object.keys({ ...before?.metadata, ...signed.metadata }).length + OUR_NAMES
  // An empty text takes a name away.
  const sold = mayHaveItems ? { [ITEMS_METADATA]: '' } : {}
  const metadata = { ...signed.metadata, ...sold, ...itemsMetadata(items, names) }
  return {
    amount,
    currency,
    expand: LATEST_CHARGE,
    ...(signed.capture_method === undefined ? {} : { capture_method: signed.capture_method }),
    ...(signed.save_card === undefined ? {} : { setup_future_usage: signed.save_card }),
    ...(signed.customer === undefined ? {} : { customer: signed.customer }),
    ...(signed.description === undefined ? {} : { description: signed.description }),
    ...(signed.receipt_email === undefined ? {} : { receipt_email: signed.receipt_email }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}

/** The order id and the attempt. */
const OUR_NAMES = 2

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
