/** What an answer or an error of Stripe says about an attempt: pure decisions, no calls. */
import type { ErrorType } from '@tollbridge/protocol'
import type { Stripe } from 'stripe'
import { ServiceError } from '../../errors.ts'
import type {
  AttemptResult,
  PaymentAttempt,
  StoredFailure,
  StripeCall,
} from '../../store/payment-attempt-store.ts'
import { isAsUpdated } from '../terms/is-as-updated.ts'
import type { CallAnswer } from './send-call.ts'

/** An outcome before it is stamped and stored. */
export type Outcome = Omit<AttemptResult, 'now' | 'isOwed'>

export type ErrorVerdict =
  /** Stripe said no, for good. */
  | { readonly kind: 'failed'; readonly outcome: Outcome }
  /** The payment is in another state than the call expects: look what it is. */
  | { readonly kind: 'look'; readonly refusal: ServiceError }
  /** Stripe knows the key with other content: our rows have forgotten what was sent under it. */
  | { readonly kind: 'forgotten'; readonly refusal: ServiceError }
  /** Whether Stripe did it cannot be told from this. */
  | { readonly kind: 'unknown' }

const NOTHING = { paymentIntentId: null, chargeId: null, refundId: null, paymentStatus: null, failure: null }

export function outcomeOfAnswer(answer: CallAnswer): Outcome {
  if (answer.kind === 'intent') return outcomeOfIntent(answer.intent)
  const { refund } = answer
  return {
    ...NOTHING,
    state: refund.status === 'failed' || refund.status === 'canceled' ? 'failed' : 'succeeded',
    paymentIntentId: idOf(refund.payment_intent),
    chargeId: idOf(refund.charge),
    refundId: refund.id,
    ...(refund.status === 'failed' || refund.status === 'canceled'
      ? { failure: failureOf('stripe_rejected', `The refund ${refund.id} did not go through.`) }
      : {}),
  }
}

/** The call was answered with this intent, so it did what was asked as far as the status says. */
export function outcomeOfIntent(intent: Stripe.PaymentIntent): Outcome {
  return { ...NOTHING, ...factsOf(intent), state: stateOf(intent.status) }
}

/**
 * The families in which Stripe says no to the call itself. All others leave open whether it was done: Stripe does nothing
 * when it answers 429 or 401, but these may also come from something between us and Stripe, and its word is not enough
 * to charge again under another key.
 */
const FINAL = new Set<ErrorType>(['card_error', 'invalid_request_error'])

/** @param isFirstTry whether the present idempotency key was never sent before, as far as the rows know. */
export function judgeError(error: unknown, isFirstTry: boolean): ErrorVerdict {
  if (!(error instanceof ServiceError)) return { kind: 'unknown' }
  // What happens to a repeat says nothing about the call that was sent before.
  if (error.isUnsent) return isFirstTry ? { kind: 'failed', outcome: unsent(error) } : { kind: 'unknown' }
  if (error.code === 'idempotency_key_reused' && isFirstTry) return { kind: 'forgotten', refusal: error }
  if (!FINAL.has(error.row.type)) return { kind: 'unknown' }
  if (error.code === 'account_unknown' && !isFirstTry) return { kind: 'unknown' }
  const stripeCode = error.details['stripe_code']
  if (stripeCode === 'payment_intent_unexpected_state' || stripeCode === 'charge_already_refunded') {
    return { kind: 'look', refusal: error }
  }
  return { kind: 'failed', outcome: outcomeOfError(error) }
}

export function outcomeOfError(error: ServiceError): Outcome {
  const text = (name: string) => {
    const value = error.details[name]
    return typeof value === 'string' ? value : null
  }
  const { code, message, param = null, details } = error
  return {
    ...NOTHING,
    state: 'failed',
    paymentIntentId: text('payment_intent'),
    chargeId: text('charge'),
    failure: { code, message, param, details, retryable: false },
  }
}

/**
 * What a payment's present state says about a call whose answer is lost.
 * @returns null when the payment does not show whether the call was done.
 */
export function outcomeOfState(call: StripeCall, intent: Stripe.PaymentIntent): Outcome | null {
  const done: Outcome = { ...NOTHING, ...factsOf(intent), state: 'succeeded' }
  const { status } = intent
  switch (call.operation) {
    case 'create':
      if (call.params['confirm'] !== true) return done
      if (PAID.has(status) || status === 'requires_action') return { ...done, state: stateOf(status) }
      return status === 'requires_payment_method' && intent.last_payment_error !== null
        ? { ...done, state: 'failed', failure: declineOf(intent, intent.last_payment_error) }
        : null
    case 'update':
      return isAsUpdated(call.params, intent) ? done : null
    case 'confirm':
      // A decline or a challenge may be what another card left behind: a payment does not say which call led to it.
      return PAID.has(status) ? { ...done, state: stateOf(status) } : null
    case 'capture': {
      const amount = call.params['amount_to_capture']
      const isIt = status === 'succeeded' && (amount === undefined || amount === intent.amount_received)
      return isIt ? done : null
    }
    case 'cancel':
      return status === 'canceled' ? done : null
    case 'refund':
      return null
  }
}

/** Whichever card led there, no other is to be tried. */
const PAID = new Set<string>(['succeeded', 'requires_capture', 'processing'])

/** Paid, held or under way, and not given back in full. */
export function hasTakenMoney({ status, latest_charge: charge }: Stripe.PaymentIntent): boolean {
  const isGivenBack = typeof charge === 'object' && charge?.refunded === true
  return PAID.has(status) && !isGivenBack
}

function stateOf(status: string): 'succeeded' | 'processing' | 'requires_action' {
  return status === 'processing' || status === 'requires_action' ? status : 'succeeded'
}

/** For a call that turned out not to have been done. The same request may come again. */
export function notDone(attempt: Pick<PaymentAttempt, 'call'>, intent: Stripe.PaymentIntent | null): Outcome {
  const message = 'Stripe did not take the request, and nothing was charged; it is safe to repeat it.'
  return {
    ...NOTHING,
    ...(intent === null ? { paymentIntentId: attempt.call.paymentIntent } : factsOf(intent)),
    state: 'failed',
    // A second create would be a second PaymentIntent; the first is still there for another confirmation.
    failure: {
      ...failureOf('stripe_failed', message),
      retryable: intent === null || attempt.call.operation !== 'create',
    },
  }
}

/** For a call that was not made because of what was found just before. The same request may come again. */
export function notSent(attempt: Pick<PaymentAttempt, 'call'>, refusal: ServiceError): Outcome {
  return { ...unsent(refusal), paymentIntentId: attempt.call.paymentIntent }
}

/** For a call that never left. The same request may come again. */
function unsent(error: ServiceError): Outcome {
  const outcome = outcomeOfError(error)
  return { ...outcome, failure: outcome.failure === null ? null : { ...outcome.failure, retryable: true } }
}

/** The failure of a payment that waits for another card. */
export function declineOf(
  intent: Stripe.PaymentIntent,
  error: NonNullable<Stripe.PaymentIntent['last_payment_error']>,
): StoredFailure {
  const details = {
    code: error.code,
    decline_code: error.decline_code,
    charge: error.charge,
    payment_intent: intent.id,
  }
  const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined))
  return { ...failureOf('card_declined', error.message ?? 'The card was declined.'), details: known }
}

function failureOf(code: string, message: string): StoredFailure {
  return { code, message, param: null, details: {}, retryable: false }
}

function factsOf(intent: Stripe.PaymentIntent) {
  return {
    paymentIntentId: intent.id,
    chargeId: idOf(intent.latest_charge),
    paymentStatus: intent.status,
  }
}

function idOf(value: string | { readonly id: string } | null): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null)
}
