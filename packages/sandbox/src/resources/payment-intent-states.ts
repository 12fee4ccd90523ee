/** The PaymentIntent's states and the moves between them: pure, as Stripe's diagram has them. */
import type Stripe from 'stripe'
import { StripeError, type StripeErrorBody } from '../api/stripe-error.ts'
import type { Stored } from '../store/stored-objects.ts'

export type PaymentIntent = Stored<Stripe.PaymentIntent>
export type PaymentIntentStatus =
  | 'canceled'
  | 'processing'
  | 'requires_action'
  | 'requires_capture'
  | 'requires_confirmation'
  | 'requires_payment_method'
  | 'succeeded'

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'] as const

/** From which states each call may be made. */
export const ALLOWED_FROM: Record<
  'confirm' | 'capture' | 'cancel' | 'change',
  readonly PaymentIntentStatus[]
> = {
  confirm: OPEN,
  capture: ['requires_capture'],
  cancel: ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action'],
  change: OPEN,
}

const REFUSALS: Record<keyof typeof ALLOWED_FROM, (intent: PaymentIntent, allowed: string) => string> = {
  confirm: ({ status }, allowed) =>
    status === 'succeeded'
      ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
      : `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be confirmed: ${allowed}.`,
  capture: ({ status }, allowed) =>
    status === 'succeeded'
      ? 'This PaymentIntent could not be captured because it has already been captured.'
      : `This PaymentIntent could not be captured because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be captured: ${allowed}.`,
  cancel: ({ status }, allowed) =>
    `You cannot cancel this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be canceled: ${allowed}.`,
  change: ({ status }, allowed) =>
    `This PaymentIntent could not be updated because it has a status of ${status}. What it charges may only be updated with one of the following statuses: ${allowed}.`,
}

/** @throws StripeError 400 `payment_intent_unexpected_state`, with the intent in it. */
export function requireState(intent: PaymentIntent, action: keyof typeof ALLOWED_FROM): void {
  const allowed = ALLOWED_FROM[action]
  if (allowed.includes(intent.status as PaymentIntentStatus)) return
  throw new StripeError(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: REFUSALS[action](intent, allowed.join(', ')),
    payment_intent: intent as Stripe.PaymentIntent,
  })
}

/** A payment method is there; somebody must confirm. */
export function awaitConfirmation(intent: PaymentIntent, methodId: string): PaymentIntent {
  return { ...intent, status: 'requires_confirmation', payment_method: methodId, next_action: null }
}

/** The customer must act before the charge can be tried. */
export function awaitAction(
  intent: PaymentIntent,
  methodId: string,
  nextAction: Stripe.PaymentIntent.NextAction,
): PaymentIntent {
  return {
    ...intent,
    status: 'requires_action',
    last_payment_error: null,
    next_action: nextAction,
    payment_method: methodId,
  }
}

/** The try failed; another payment method may be used. */
export function failAttempt(
  intent: PaymentIntent,
  error: StripeErrorBody,
  chargeId: string | null,
): PaymentIntent {
  return {
    ...intent,
    status: 'requires_payment_method',
    last_payment_error: error as Stripe.PaymentIntent.LastPaymentError,
    latest_charge: chargeId ?? intent.latest_charge,
    next_action: null,
    payment_method: null,
    processing: null,
  }
}

/** The charge went through: paid, or, with manual capture, held. */
export function completeCharge(
  intent: PaymentIntent,
  methodId: string,
  chargeId: string,
  captured: boolean,
): PaymentIntent {
  return {
    ...intent,
    status: captured ? 'succeeded' : 'requires_capture',
    amount_capturable: captured ? 0 : intent.amount,
    amount_received: captured ? intent.amount : 0,
    last_payment_error: null,
    latest_charge: chargeId,
    next_action: null,
    payment_method: methodId,
    processing: null,
  }
}

/** The bank will answer later. */
export function startProcessing(intent: PaymentIntent, methodId: string, chargeId: string): PaymentIntent {
  return {
    ...intent,
    status: 'processing',
    last_payment_error: null,
    latest_charge: chargeId,
    next_action: null,
    payment_method: methodId,
  }
}

export function captureHeld(intent: PaymentIntent, amount: number): PaymentIntent {
  return { ...intent, status: 'succeeded', amount_capturable: 0, amount_received: amount }
}

export function cancelIntent(
  intent: PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
  now: number,
): PaymentIntent {
  return {
    ...intent,
    status: 'canceled',
    amount_capturable: 0,
    canceled_at: now,
    cancellation_reason: reason,
    next_action: null,
  }
}
