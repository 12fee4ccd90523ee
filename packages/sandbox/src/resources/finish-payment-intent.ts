/** Ends a PaymentIntent: captures what is held, cancels, or settles a debit. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { docUrl, invalidRequest, type StripeErrorBody } from '../api/stripe-error.ts'
import { type Charge, outcomeOf } from './charge-object.ts'
import { bookCharge, captureCharge } from './charge-payment.ts'
import {
  cancelIntent,
  captureHeld,
  completeCharge,
  failAttempt,
  type PaymentIntent,
  requireState,
} from './payment-intent-states.ts'
import { findPaymentMethod } from './payment-method-object.ts'
import { releaseHold } from './refund-object.ts'

/** @throws StripeError 400 when nothing is held, or less than `amount`. */
export function capturePaymentIntent(
  call: Call,
  intent: PaymentIntent,
  given?: number,
): { intent: PaymentIntent; charge: Charge } {
  requireState(intent, 'capture')
  const amount = given ?? intent.amount_capturable
  if (amount > intent.amount_capturable) {
    throw invalidRequest(
      `The amount to capture (${amount}) is greater than the amount_capturable (${intent.amount_capturable}) of this PaymentIntent.`,
      { code: 'amount_too_large', param: 'amount_to_capture' },
    )
  }
  const charge = captureCharge(call, latestCharge(call, intent), amount)
  const captured = captureHeld(intent, amount)
  call.store.put(captured)
  call.record('payment_intent.succeeded', captured)
  return { intent: captured, charge }
}

/** Cancels, releasing what was held. @throws StripeError 400 in a state that cannot be canceled. */
export function cancelPaymentIntent(
  call: Call,
  intent: PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): PaymentIntent {
  requireState(intent, 'cancel')
  if (intent.status === 'requires_capture') releaseHold(call, latestCharge(call, intent))
  const canceled = cancelIntent(intent, reason, call.now)
  call.store.put(canceled, { challenge: '', authenticated: false })
  call.record('payment_intent.canceled', canceled)
  return canceled
}

/** Timer: nobody captured in time, so the bank let the money go. */
export function expireHold(call: Call, id: string): void {
  const intent = call.store.get('payment_intent', id)
  if (intent && intent.status !== 'requires_capture') return
  const charge = intent ? latestCharge(call, intent) : call.store.get('charge', id)
  if (!charge || charge.captured || charge.refunded) return
  if (intent) cancelPaymentIntent(call, intent, 'automatic')
  else releaseHold(call, charge, 'expired_uncaptured_charge')
  const expired = call.store.get('charge', charge.id)
  if (expired) call.record('charge.expired', expired)
}

/** Timer: the customer's bank has answered a debit. */
export function settleDebit(call: Call, intentId: string): void {
  const intent = call.store.get('payment_intent', intentId)
  if (intent?.status !== 'processing' || !intent.payment_method) return
  const pending = latestCharge(call, intent)
  const method = findPaymentMethod(call, intent.payment_method, 'payment_method')
  if (call.store.hidden(method.id).debitFails) {
    const charge: Charge = {
      ...pending,
      failure_code: 'insufficient_funds',
      failure_message: "The customer's account has insufficient funds to cover this payment.",
      status: 'failed',
    }
    call.store.put(charge)
    call.record('charge.failed', charge)
    const error: StripeErrorBody = {
      charge: charge.id,
      code: 'payment_intent_payment_attempt_failed',
      doc_url: docUrl('payment_intent_payment_attempt_failed'),
      message: 'The payment failed.',
      payment_method: method as Stripe.PaymentMethod,
      type: 'invalid_request_error',
    }
    const failed = failAttempt(intent, error, charge.id)
    call.store.put(failed)
    call.record('payment_intent.payment_failed', failed)
    return
  }
  const charge: Charge = {
    ...pending,
    amount_captured: pending.amount,
    balance_transaction: bookCharge(call, pending, pending.amount),
    captured: true,
    outcome: outcomeOf({ method, testCard: null }),
    paid: true,
    receipt_url: `https://pay.stripe.com/receipts/payment/${pending.id}`,
    status: 'succeeded',
  }
  call.store.put(charge)
  call.record('charge.succeeded', charge)
  const done = completeCharge(intent, method.id, charge.id, true)
  call.store.put(done)
  call.record('payment_intent.succeeded', done)
}

function latestCharge(call: Call, intent: PaymentIntent): Charge {
  const charge = call.store.get('charge', intent.latest_charge ?? '')
  if (!charge) throw new Error(`${intent.id} is ${intent.status} without a charge`)
  return charge
}
