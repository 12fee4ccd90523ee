/** What is done to a payment that exists: confirm, capture, cancel, refund. */
import type { Stripe } from 'stripe'
import type { PaymentAttemptStore, PaymentOperation } from '../store/payment-attempt-store.ts'
import { ATTEMPT_METADATA } from '../stripe/event-facts.ts'
import type { AskerOf } from './asker-of.ts'
import type { AttemptPlan } from './attempts/attempt-plan.ts'
import type { CardGate } from './attempts/card-gate.ts'
import { fingerprintOf } from './attempts/fingerprint.ts'
import { orderAlreadyPaid } from './attempts/paid-already.ts'
import type { PerformAttempt } from './attempts/perform-attempt.ts'
import { requestKeyOf } from './attempts/request-key.ts'
import type { Caller } from './caller.ts'
import type { LoadIntent } from './load-intent.ts'
import { payerMark } from './payer-keys.ts'
import type { OrderTerms } from './terms/order-terms.ts'
import { assertShown, priceMismatch, type ShownPrice, shownTerms } from './terms/shown-price.ts'

export interface Change {
  readonly operation: Exclude<PaymentOperation, 'create' | 'update'>
  readonly paymentIntentId: string
  /** For Stripe, beside the names that tie the call to its attempt. */
  readonly params: Readonly<Record<string, unknown>>
  /** The card of a confirmation. */
  readonly card: string | null
  /** What the payer of a confirmation was shown; absent: nothing is known of it. */
  readonly shown?: ShownPrice
}

export interface Changed {
  /** As it is now, with its latest charge. */
  readonly intent: Stripe.PaymentIntent
  readonly orderId: string | null
  /** What a refund made; null when there was nothing left to refund, and for all other changes. */
  readonly refundId: string | null
  /** An earlier equal request was the one that did it. */
  readonly isRepeat: boolean
}

export type ChangePayment = (caller: Caller, change: Change) => Promise<Changed>

export interface ChangePaymentDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent'>
  readonly performer: PerformAttempt
  readonly loadIntent: LoadIntent
  readonly cardGate: CardGate
  readonly askerOf: AskerOf
}

export function createChangePayment(deps: ChangePaymentDeps): ChangePayment {
  const { attempts, performer, loadIntent, cardGate, askerOf } = deps
  return async (caller, { operation, paymentIntentId, params, card, shown }) => {
    const { account, callerKey, clientKey } = caller
    const { appId } = caller.principal
    const order = await attempts.findOrderByIntent(appId, account, paymentIntentId)
    const orderId = order?.orderId ?? null
    const fingerprint = fingerprintOf({ operation, paymentIntentId, params, shown })
    // A refund of a part could be made twice; all else shows in the payment that it is done.
    const movesAgain = operation === 'refund' && params['amount'] !== undefined
    const requestKey = requestKeyOf({ callerKey, clientKey, card, fingerprint, movesAgain })
    const asker = askerOf(caller)
    const plan: AttemptPlan = {
      appId,
      account,
      requestKey,
      fingerprint,
      subject: orderId === null ? `pi:${paymentIntentId}` : `order:${orderId}`,
      orderId,
      terms: shown === undefined ? null : shownTerms(shown),
      call: (id) => ({
        operation,
        paymentIntent: paymentIntentId,
        params: namedParams(operation, params, id),
      }),
      payer: payerMark(caller, 'open'),
      replaces: null,
    }
    // Refunds, captures and cancellations charge nobody anew: neither limits nor the brake hold them up.
    const gate = operation === 'confirm' ? cardGate(caller, { card, orderId, paymentIntentId }) : undefined
    const repeated = await performer.repeatOf(plan, asker)
    // Before the guard counts it and a captcha is spent; the rows compare again, at the moment that counts.
    if (repeated === null && shown !== undefined && order !== null) {
      assertShown(shown, order.terms as unknown as OrderTerms)
    }
    const performed = repeated ?? (await performer.perform(plan, asker, gate))
    if ('order' in performed) throw priceMismatch(performed.order.terms as unknown as OrderTerms)
    if ('paid' in performed) throw orderAlreadyPaid(orderId ?? '', performed.paid.id)
    const { attempt, answer, isRepeat } = performed
    const intent = answer?.kind === 'intent' ? answer.intent : await loadIntent(plan, paymentIntentId)
    return { intent, orderId, refundId: attempt.refundId, isRepeat }
  }
}

/** A refund is found again by its metadata, as a create is; other changes show in the payment itself. */
function namedParams(
  operation: PaymentOperation,
  params: Change['params'],
  attemptId: string,
): Change['params'] {
  if (operation !== 'refund') return params
  const metadata = params['metadata'] as Record<string, string> | undefined
  return { ...params, metadata: { ...metadata, [ATTEMPT_METADATA]: attemptId } }
}
