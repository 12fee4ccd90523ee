/** The SetupIntent's states and the moves between them: pure, as Stripe's diagram has them. */
import type Stripe from 'stripe'
import { StripeError, type StripeErrorBody } from '../api/stripe-error.ts'
import type { Stored } from '../store/stored-objects.ts'

export type SetupIntent = Stored<Stripe.SetupIntent>

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action']

/** @throws StripeError 400 `setup_intent_unexpected_state`, with the intent in it. */
export function requireOpen(intent: SetupIntent, participle: 'canceled' | 'confirmed' | 'updated'): void {
  if (OPEN.includes(intent.status)) return
  const verb = { canceled: 'cancel', confirmed: 'confirm', updated: 'update' }[participle]
  const message =
    participle === 'confirmed' && intent.status === 'succeeded'
      ? 'You cannot confirm this SetupIntent because it has already succeeded.'
      : `You cannot ${verb} this SetupIntent because it has a status of ${intent.status}. Only a SetupIntent with one of the following statuses may be ${participle}: ${OPEN.join(', ')}.`
  throw new StripeError(400, {
    type: 'invalid_request_error',
    code: 'setup_intent_unexpected_state',
    message,
    setup_intent: intent as Stripe.SetupIntent,
  })
}

export function awaitSetupConfirmation(intent: SetupIntent, methodId: string): SetupIntent {
  return { ...intent, status: 'requires_confirmation', payment_method: methodId, next_action: null }
}

export function awaitSetupAction(
  intent: SetupIntent,
  methodId: string,
  attemptId: string,
  nextAction: Stripe.SetupIntent.NextAction,
): SetupIntent {
  return {
    ...intent,
    status: 'requires_action',
    last_setup_error: null,
    latest_attempt: attemptId,
    next_action: nextAction,
    payment_method: methodId,
  }
}

export function completeSetup(intent: SetupIntent, methodId: string, attemptId: string): SetupIntent {
  return {
    ...intent,
    status: 'succeeded',
    last_setup_error: null,
    latest_attempt: attemptId,
    next_action: null,
    payment_method: methodId,
  }
}

export function failSetup(intent: SetupIntent, error: StripeErrorBody): SetupIntent {
  return {
    ...intent,
    status: 'requires_payment_method',
    last_setup_error: error as Stripe.SetupIntent.LastSetupError,
    next_action: null,
    payment_method: null,
  }
}

export function cancelSetup(
  intent: SetupIntent,
  reason: Stripe.SetupIntent.CancellationReason | null,
): SetupIntent {
  return { ...intent, status: 'canceled', cancellation_reason: reason, next_action: null }
}
