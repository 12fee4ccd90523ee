/** Sends the call of an attempt once, and judges what came back. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../../errors.ts'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { isAsShown, priceMismatch, shownPriceOf } from '../terms/shown-price.ts'
import { findForgotten } from './find-forgotten.ts'
import { findOutcome, findOutcomeDespite } from './find-outcome.ts'
import { judgeError, notSent, type Outcome, outcomeOfAnswer, outcomeOfError } from './judge-outcome.ts'
import { type CallAnswer, sendCall } from './send-call.ts'

export interface Found {
  readonly outcome: Outcome
  readonly answer: CallAnswer | null
}

export type Sent =
  | Found
  /** It cannot be told whether the call was done. */
  | { readonly kind: 'unknown'; readonly error: unknown }
  /** The key was used before; `intent` has the order's money, null: nothing has. */
  | { readonly kind: 'forgotten'; readonly intent: Stripe.PaymentIntent | null }

export function isFound(sent: Sent): sent is Found {
  return 'outcome' in sent
}

/** Errors that a key may repeat for ever; after some tries a lookup may know more. */
const STUCK = new Set(['stripe_failed', 'idempotency_key_reused'])
const STUCK_TRIES = 3

/** @param how `isFirst`: the call cannot have reached Stripe before. Never rejects. */
export async function sendAttempt(
  stripe: StripeGateway,
  attempt: PaymentAttempt,
  how: { readonly isFirst: boolean; readonly tries: number },
): Promise<Sent> {
  return send(stripe, attempt, how).catch((error: unknown) => ({ kind: 'unknown', error }))
}

async function send(
  stripe: StripeGateway,
  attempt: PaymentAttempt,
  { isFirst, tries }: { readonly isFirst: boolean; readonly tries: number },
): Promise<Sent> {
  const refusal = await refusalOf(stripe, attempt)
  if (refusal !== null) {
    return isFirst
      ? { outcome: notSent(attempt, refusal), answer: null }
      : { kind: 'unknown', error: stillOnItsWay() }
  }
  try {
    const answer = await sendCall(stripe, attempt)
    return { outcome: outcomeOfAnswer(answer), answer }
  } catch (error) {
    const verdict = judgeError(error, isFirst)
    switch (verdict.kind) {
      case 'failed':
        return mayYetBeSent(error) ? { kind: 'unknown', error } : { outcome: verdict.outcome, answer: null }
      case 'look':
        return { outcome: await findOutcomeDespite(verdict.refusal, stripe, attempt), answer: null }
      case 'forgotten':
        // Without an order the key is its caller's, who has used it for something else.
        return attempt.orderId === null || attempt.call.operation !== 'create'
          ? { outcome: outcomeOfError(verdict.refusal), answer: null }
          : { kind: 'forgotten', intent: await findForgotten(stripe, attempt) }
      case 'unknown': {
        const isStuck = error instanceof ServiceError && STUCK.has(error.code)
        if (!isStuck || tries < STUCK_TRIES) return { kind: 'unknown', error }
        const { outcome, isDone } = await findOutcome(stripe, attempt)
        return isDone ? { outcome, answer: null } : { kind: 'unknown', error }
      }
    }
  }
}

/** Where no connection came about, another try in a moment may have one. */
function mayYetBeSent(error: unknown): boolean {
  return error instanceof ServiceError && error.isUnsent && error.row.retry
}

/** Stripe is asked for the price just before: it may have been changed there, past the rows. */
async function refusalOf(stripe: StripeGateway, attempt: PaymentAttempt): Promise<ServiceError | null> {
  const shown = shownPriceOf(attempt)
  if (shown === null) return null
  const on = { account: attempt.account === '' ? null : attempt.account }
  const intent = await stripe.retrievePaymentIntent(attempt.call.paymentIntent ?? '', {}, on)
  return isAsShown(shown, intent) ? null : priceMismatch(intent)
}

export function stillOnItsWay(): ServiceError {
  return new ServiceError('stripe_timeout', {
    message: 'What became of the call to Stripe is not known yet; repeating the same request is safe.',
    retryAfterSeconds: 5,
  })
}
