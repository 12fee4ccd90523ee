/** Asks the charge guard, and whose card it is, before a card is tried; and tells the guard what came of it. */
import { ServiceError } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import type { AssertOwnCard, CardUse } from '../card-owner.ts'
import type { AdmitAttempt, AttemptFacts, AttemptResult, ReportAttempt } from '../ports.ts'
import type { Performed } from './attempt-plan.ts'
import type { Gate } from './perform-attempt.ts'

/**
 * The guard at one attempt. A payment without a card needs leave as well: with it goes the client secret that lets the
 * page try cards at Stripe.
 */
export type CardGate = (caller: Caller, of: CardUse & { readonly orderId: string | null }) => Gate

export interface CardGateDeps {
  readonly admitAttempt: AdmitAttempt
  readonly reportAttempt: ReportAttempt
  readonly assertOwnCard: AssertOwnCard
}

export function createCardGate(deps: CardGateDeps): CardGate {
  const { admitAttempt, reportAttempt, assertOwnCard } = deps
  return (caller, { card, orderId, paymentIntentId }) => {
    const { principal, address, clientKey, captcha } = caller
    const { appId, role } = principal
    const facts: AttemptFacts = { appId, role, address, clientKey, orderId, paymentIntentId, card, captcha }
    return {
      // Who guesses at cards of others is counted before he is told.
      async admit() {
        await admitAttempt(facts)
        await assertOwnCard(caller, { card, paymentIntentId })
      },
      report: (result) =>
        reportAttempt(facts, 'error' in result ? resultOfError(result.error) : resultOf(result)),
    }
  }
}

function resultOf({ attempt, answer }: Performed): AttemptResult {
  const charge = answer?.kind === 'intent' ? answer.intent.latest_charge : null
  const card = typeof charge === 'object' ? charge?.payment_method_details?.card : null
  return {
    outcome: attempt.state === 'requires_action' ? 'requires_action' : 'succeeded',
    cardFingerprint: card?.fingerprint ?? null,
    paymentIntentId: attempt.paymentIntentId,
    declineCode: null,
  }
}

function resultOfError(error: unknown): AttemptResult {
  const details = error instanceof ServiceError ? error.details : {}
  const text = (name: string) => {
    const value = details[name]
    return typeof value === 'string' ? value : null
  }
  return {
    outcome: outcomeOf(error),
    cardFingerprint: text('card_fingerprint'),
    paymentIntentId: text('payment_intent'),
    declineCode: text('decline_code') ?? text('code'),
  }
}

function outcomeOf(error: unknown): AttemptResult['outcome'] {
  if (!(error instanceof ServiceError)) return 'unknown'
  if (error.code === 'card_declined') return 'declined'
  return error.row.type === 'upstream_error' || error.code === 'idempotency_key_in_use'
    ? 'unknown'
    : 'rejected'
}
