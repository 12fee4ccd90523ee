/** Finds at Stripe what became of a call whose answer is lost and whose key may no longer be repeated. */
import type { Stripe } from 'stripe'
import type { ServiceError } from '../../errors.ts'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import { ATTEMPT_METADATA } from '../../stripe/event-facts.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { LATEST_CHARGE } from '../terms/intent-params.ts'
import { notDone, type Outcome, outcomeOfAnswer, outcomeOfError, outcomeOfState } from './judge-outcome.ts'
import { findInPages } from './list-pages.ts'

type Lookups = Pick<StripeGateway, 'retrievePaymentIntent' | 'listPaymentIntents' | 'listRefunds'>

/** How far Stripe's machines may be from each other. */
const SKEW_SECONDS = 600

export interface FoundOutcome {
  readonly outcome: Outcome
  /** false: the call was not done when Stripe was asked; it may still be on its way. */
  readonly isDone: boolean
}

/** Throws ServiceError while Stripe cannot be asked. */
export async function findOutcome(stripe: Lookups, attempt: PaymentAttempt): Promise<FoundOutcome> {
  const { call } = attempt
  const on = { account: attempt.account === '' ? null : attempt.account }
  if (call.operation === 'refund') {
    const refund = await findRefund(stripe, attempt, on)
    return refund === null
      ? { outcome: notDone(attempt, null), isDone: false }
      : { outcome: outcomeOfAnswer({ kind: 'refund', refund }), isDone: true }
  }
  const intent =
    call.paymentIntent === null
      ? await findIntent(stripe, attempt, on)
      : await stripe.retrievePaymentIntent(call.paymentIntent, { expand: LATEST_CHARGE }, on)
  const outcome = intent === null ? null : outcomeOfState(call, intent)
  return outcome === null ? { outcome: notDone(attempt, intent), isDone: false } : { outcome, isDone: true }
}

/**
 * Stripe refused the call because of the payment's state: perhaps the call was done before, or its aim was reached
 * another way. Throws ServiceError while Stripe cannot be asked.
 */
export async function findOutcomeDespite(
  refusal: ServiceError,
  stripe: Lookups,
  attempt: PaymentAttempt,
): Promise<Outcome> {
  const { call } = attempt
  const refused = outcomeOfError(refusal)
  if (call.paymentIntent === null) return refused
  const on = { account: attempt.account === '' ? null : attempt.account }
  if (call.operation !== 'refund') {
    const intent = await stripe.retrievePaymentIntent(call.paymentIntent, { expand: LATEST_CHARGE }, on)
    return outcomeOfState(call, intent) ?? refused
  }
  const refund = await findRefund(stripe, attempt, on)
  if (refund !== null) return outcomeOfAnswer({ kind: 'refund', refund })
  const wantsRest = call.params['amount'] === undefined
  const isRefunded = refusal.details['stripe_code'] === 'charge_already_refunded'
  return wantsRest && isRefunded
    ? { ...refused, state: 'succeeded', paymentIntentId: call.paymentIntent, failure: null }
    : refused
}

/**
 * Lists what was made since the time before the call: unlike a search, a list is never behind. It has no end, since what the
 * call made was made before it is listed.
 */
async function findIntent(
  stripe: Lookups,
  attempt: PaymentAttempt,
  on: { readonly account: string | null },
): Promise<Stripe.PaymentIntent | null> {
  const customer = attempt.call.params['customer']
  const window = {
    created: { gte: Math.floor(attempt.sentAfter / 1000) - SKEW_SECONDS },
    expand: LATEST_CHARGE.map((name) => `data.${name}`),
    ...(typeof customer === 'string' ? { customer } : {}),
  }
  return findInPages(
    (place) => stripe.listPaymentIntents({ ...window, ...place }, on),
    (intent) => intent.metadata[ATTEMPT_METADATA] === attempt.id,
  )
}

function findRefund(
  stripe: Lookups,
  attempt: PaymentAttempt,
  on: { readonly account: string | null },
): Promise<Stripe.Refund | null> {
  const of = { payment_intent: attempt.call.paymentIntent ?? '' }
  return findInPages(
    (place) => stripe.listRefunds({ ...of, ...place }, on),
    (refund) => refund.metadata?.[ATTEMPT_METADATA] === attempt.id,
  )
}
