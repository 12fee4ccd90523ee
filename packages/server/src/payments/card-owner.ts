/** Whose card it is: one that a customer has saved is charged by a client only for that customer, who shows a token. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import type { Caller } from './caller.ts'
import type { LoadIntent } from './load-intent.ts'

export interface CardUse {
  /** `tok_…`, `pm_…`, or `card_…` and `src_…` of before; null: the one that the payment has already. */
  readonly card: string | null
  /** null: the payment is made with this very call. */
  readonly paymentIntentId: string | null
}

/**
 * An id says nothing of whose card it is, so Stripe is asked before the call. Throws `payment_method_refused`, in the
 * same words for a card of somebody else and for one that does not exist.
 */
export type AssertOwnCard = (caller: Caller, use: CardUse) => Promise<void>

export interface CardOwnerDeps {
  stripeFor(appId: string): Pick<StripeGateway, 'retrievePaymentMethod'>
  readonly loadIntent: LoadIntent
}

export function createAssertOwnCard({ stripeFor, loadIntent }: CardOwnerDeps): AssertOwnCard {
  async function ownerOf({ principal, account }: Caller, card: string): Promise<string | null> {
    try {
      const on = { account: account === '' ? null : account }
      return idOf((await stripeFor(principal.appId).retrievePaymentMethod(card, on)).customer)
    } catch (error) {
      if (error instanceof ServiceError && error.row.type === 'invalid_request_error') throw notYours()
      throw error
    }
  }

  return async (caller, { card, paymentIntentId }) => {
    // Whoever holds a server key may charge any customer of the app.
    if (caller.principal.role === 'server') return
    if (card !== null) {
      // A token is made in the page, from a card that is typed there: nobody has saved it.
      if (!card.startsWith('tok_')) assertOwn(caller, await ownerOf(caller, card))
      return
    }
    if (paymentIntentId === null) return
    const of = { appId: caller.principal.appId, account: caller.account }
    const intent = await loadIntent(of, paymentIntentId)
    // Without a card in the call Stripe takes the payment's own, or in old forms the customer's default.
    assertOwn(caller, idOf(intent.customer))
    const present = idOf(intent.payment_method)
    if (present !== null) assertOwn(caller, await ownerOf(caller, present))
  }
}

function assertOwn({ customer }: Caller, owner: string | null): void {
  if (owner !== null && owner !== customer) throw notYours()
}

function notYours(): ServiceError {
  return new ServiceError('payment_method_refused', {
    message:
      'This payment method cannot be used here: it is not known to the app’s Stripe account, or it is a saved card, which a page uses only with a token of the customer who saved it (header Tollbridge-Customer-Token; the app’s server makes it with POST /v1/customers/<id>/token).',
    param: 'payment_method',
  })
}

function idOf(value: Stripe.PaymentMethod['customer'] | string | { readonly id: string }): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null)
}
