/** Gives a payment method to a customer, after asking the bank as Stripe does. */
import type { Call } from '../api/call.ts'
import { invalidRequest, StripeError } from '../api/stripe-error.ts'
import { declineError, saveDeclineFor, testCardOf } from './charge-payment.ts'
import type { PaymentMethod } from './payment-method-object.ts'

/** Stores the attachment with `payment_method.attached`; the bank has been asked before. */
export function attachPaymentMethod(call: Call, method: PaymentMethod, customerId: string): PaymentMethod {
  if (method.customer === customerId) return method
  const { card } = method
  const checks = card?.checks ?? null
  const attached: PaymentMethod = {
    ...method,
    ...(card && {
      card: { ...card, checks: checks && { ...checks, cvc_check: checks.cvc_check && 'pass' } },
    }),
    customer: customerId,
  }
  call.store.put(attached)
  call.record('payment_method.attached', attached)
  return attached
}

/** @throws StripeError 402 when the bank would refuse, 400 when the method is spent or another customer's. */
export function requireAttachable(call: Call, method: PaymentMethod, customerId: string): void {
  if (method.customer && method.customer !== customerId) {
    throw invalidRequest('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
      param: 'payment_method',
    })
  }
  requireUnspent(call, method)
  const decline = saveDeclineFor(method, testCardOf(call, method))
  if (decline) throw new StripeError(402, declineError(call, decline, { method }))
}

/** @throws StripeError 400 when the method was charged without a customer, or detached from one. */
export function requireUnspent(call: Call, method: PaymentMethod): void {
  if (method.customer || !call.store.hidden(method.id).consumed) return
  throw invalidRequest(
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    { code: 'payment_method_unexpected_state', param: 'payment_method' },
  )
}
