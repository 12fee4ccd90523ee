/** Sends the call that an attempt wrote down, so that a repeat after a crash is the very same request. */
import type { Stripe } from 'stripe'
import type { NewAttempt } from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'

export type CallsOfPayments = Pick<
  StripeGateway,
  | 'createPaymentIntent'
  | 'updatePaymentIntent'
  | 'confirmPaymentIntent'
  | 'capturePaymentIntent'
  | 'cancelPaymentIntent'
  | 'createRefund'
>

/** What Stripe answered: the PaymentIntent, or the refund of one. */
export type CallAnswer =
  | { readonly kind: 'intent'; readonly intent: Stripe.PaymentIntent }
  | { readonly kind: 'refund'; readonly refund: Stripe.Refund }

/** Throws ServiceError, as the gateway does. */
export async function sendCall(
  stripe: CallsOfPayments,
  { call, account, idempotencyKey }: Pick<NewAttempt, 'call' | 'account' | 'idempotencyKey'>,
): Promise<CallAnswer> {
  const options = { idempotencyKey, account: account === '' ? null : account }
  const id = call.paymentIntent ?? ''
  const asIntent = async (answer: Promise<Stripe.PaymentIntent>): Promise<CallAnswer> => ({
    kind: 'intent',
    intent: await answer,
  })
  switch (call.operation) {
    case 'create':
      return asIntent(stripe.createPaymentIntent(call.params as never, options))
    case 'update':
      return asIntent(stripe.updatePaymentIntent(id, call.params, options))
    case 'confirm':
      return asIntent(stripe.confirmPaymentIntent(id, call.params, options))
    case 'capture':
      return asIntent(stripe.capturePaymentIntent(id, call.params, options))
    case 'cancel':
      return asIntent(stripe.cancelPaymentIntent(id, call.params, options))
    case 'refund':
      return {
        kind: 'refund',
        refund: await stripe.createRefund({ ...call.params, payment_intent: id }, options),
      }
  }
}
