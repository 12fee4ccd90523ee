/** One attempt for one request: made once, answered as often as it is asked for. The rows decide who makes it. */
import type { Stripe } from 'stripe'
import type { Clock, SteadyClock } from '../../clock.ts'
import type {
  AttemptLease,
  NewAttempt,
  PaymentAttempt,
  PaymentAttemptStore,
  PaymentOrder,
} from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { createRepeats, type Ended, told } from './answer-repeat.ts'
import { derivedAttemptId, idempotencyKeyOf, type Series } from './attempt-id.ts'
import type { Asker, AttemptPlan, Performed, RepeatedRequest } from './attempt-plan.ts'
import type { AttemptRunner } from './attempt-runner.ts'
import { orderAlreadyPaid } from './paid-already.ts'
import { createSettleAttempt } from './settle-attempt.ts'
import { stripeTimeAt } from './stripe-time-at.ts'

/** What kept an attempt from being made. */
export type Elsewhere =
  /** The order has its PaymentIntent already, and so needs another call. */
  | { readonly order: PaymentOrder }
  /** Another payment has paid the order. */
  | { readonly paid: Stripe.PaymentIntent }

/** Asked by the one request that makes the attempt, not by those that wait for it or repeat it. */
export interface Gate {
  /** Before the call. Throws to refuse; then nothing of the attempt is kept. */
  admit(): Promise<void>
  /** After the call, with what came of it or the error. Never throws. */
  report(result: Performed | { readonly error: unknown }): Promise<void>
}

export interface PerformAttempt {
  /** What an earlier equal request came to; null when there was none. Throws its failure, or `idempotency_key_reused`. */
  repeatOf(
    plan: RepeatedRequest,
    asker: Asker,
  ): Promise<Performed | { readonly paid: Stripe.PaymentIntent } | null>
  /**
   * Makes the attempt, after any other that is open for the same subject.
   * Throws the failure; `stripe_…` while the outcome is unknown; `idempotency_key_in_use` when it cannot wait longer.
   */
  perform(plan: AttemptPlan, asker: Asker, gate?: Gate): Promise<Performed | Elsewhere>
}

export interface PerformAttemptDeps {
  readonly attempts: Pick<
    PaymentAttemptStore,
    'claim' | 'find' | 'findByRequestKey' | 'takeOwed' | 'resume' | 'reopen' | 'forgive' | 'giveUpRequestKey'
  >
  readonly runner: AttemptRunner
  stripeFor(appId: string): StripeGateway
  /** How long an equal request without an order or a key of its own is the same request. */
  readonly repeatWindowMs: number
  readonly clock: Clock
  readonly steady: SteadyClock
  /** A fresh random id. */
  newId(): string
  pause(ms: number): Promise<void>
}

export function createPerformAttempt(deps: PerformAttemptDeps): PerformAttempt {
  const { attempts, runner, stripeFor, clock, newId } = deps
  const settle = createSettleAttempt(deps)
  const repeats = createRepeats({ ...deps, settle })

  async function make(lease: AttemptLease, gate: Gate | undefined): Promise<Ended> {
    if (gate === undefined) return repeats.ended(await runner.runNow(lease))
    try {
      await gate.admit()
    } catch (refusal) {
      await runner.withdraw(lease)
      throw refusal
    }
    try {
      const performed = await repeats.ended(await runner.runNow(lease))
      const isPaid = 'paid' in performed
      await gate.report(
        isPaid ? { error: orderAlreadyPaid(lease.attempt.orderId ?? '', performed.paid.id) } : performed,
      )
      return performed
    } catch (error) {
      await gate.report({ error })
      throw error
    }
  }

  /** The next attempt of its series, as far as the rows know. */
  function attemptOf(plan: AttemptPlan, generation: number, sentAfter: number): NewAttempt {
    const { appId, account, requestKey, fingerprint, orderId, terms, payer, replaces } = plan
    const series = seriesOf(plan)
    const id = series === null ? `att_${newId()}` : derivedAttemptId(series, generation)
    return {
      id,
      appId,
      account,
      subject: plan.subject ?? `attempt:${id}`,
      requestKey: requestKey?.text ?? null,
      fingerprint,
      orderId,
      terms,
      call: plan.call(id),
      payer,
      replaces,
      idempotencyKey: idempotencyKeyOf(id),
      createdAt: clock.now(),
      sentAfter,
    }
  }

  return {
    async repeatOf(request, asker) {
      const { appId, account, requestKey } = request
      if (requestKey === null) return null
      const prior = await attempts.findByRequestKey(appId, account, requestKey.text)
      if (prior !== null) return repeats.answer(prior, request, asker)
      if (requestKey.earlier === null) return null
      const earlier = await attempts.findByRequestKey(appId, account, requestKey.earlier)
      return earlier === null || earlier.payer !== null ? null : repeats.answer(earlier, request, asker)
    },
    async perform(plan, asker, gate) {
      const { appId, account, fingerprint, requestKey } = plan
      // Whoever creates may be anybody; all else is asked for by a payer, or by the app's server.
      if (requestKey === null && plan.subject !== null && plan.call('').operation !== 'create') {
        const owed = await attempts.takeOwed(appId, account, plan.subject, fingerprint)
        if (owed !== null) return told(owed)
      }
      const sentAfter = await stripeTimeAt(stripeFor(appId), account)
      for (let generation = 1; ; ) {
        const claim = await attempts.claim(attemptOf(plan, generation, sentAfter), runner.leaseTimes())
        switch (claim.outcome) {
          case 'claimed':
            return make(claim.lease, gate)
          case 'taken':
            generation += 1
            break
          case 'repeated': {
            const repeated = await repeats.answer(claim.attempt, plan, asker)
            if (repeated !== null) return repeated
            break
          }
          case 'order_exists':
            return { order: claim.order }
          case 'busy': {
            const isSame = claim.attempt.fingerprint === fingerprint
            const settled = await settle(claim.attempt, isSame)
            const isTold = settled !== null && isSame && requestKey === null && !isPaidElsewhere(settled)
            if (isTold && (await asker.made(settled))) return told(settled)
            // It is over, and what keeps the row open is that it cannot be written.
            if (settled !== null && runner.held.find(settled.id) !== null) await runner.held.writeAgain()
          }
        }
      }
    },
  }
}

/** What lasts of a request; null: nothing does, so its id is drawn. */
function seriesOf({ appId, account, orderId, requestKey, call, replaces }: AttemptPlan): Series | null {
  const { operation, paymentIntent } = call('')
  if (operation === 'create' && orderId !== null) {
    const order = [operation, appId, account, orderId]
    return replaces === null ? order : [...order, replaces]
  }
  if (requestKey === null || requestKey.isByContent) return null
  return [operation, appId, account, paymentIntent, requestKey.text]
}

/** The payment that has the money is found anew for each who asks: its answer is that payment, not the failure. */
function isPaidElsewhere({ failure }: PaymentAttempt): boolean {
  return failure?.code === 'order_already_paid'
}
