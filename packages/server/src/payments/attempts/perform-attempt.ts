/** One attempt for one request: made once, answered as often as it is asked for. The rows decide who makes it. */
import type { Stripe } from 'stripe'
import type { Clock, SteadyClock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type {
  AttemptLease,
  NewAttempt,
  PaymentAttempt,
  PaymentAttemptStore,
  PaymentOrder,
  StripeCall,
} from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { derivedAttemptId, idempotencyKeyOf, nextIdempotencyKey, type Series } from './attempt-id.ts'
import type { AttemptRunner, Ran } from './attempt-runner.ts'
import { failureError } from './failure-error.ts'
import { orderAlreadyPaid } from './paid-already.ts'
import type { RequestKey } from './request-key.ts'
import type { CallAnswer } from './send-call.ts'
import { stripeTimeAt } from './stripe-time-at.ts'

export interface AttemptPlan
  extends Pick<NewAttempt, 'appId' | 'account' | 'fingerprint' | 'orderId' | 'terms' | 'payer' | 'replaces'> {
  readonly requestKey: RequestKey | null
  /** `order:<id>`, `pi:<id>`; null: the attempt is its own. */
  readonly subject: string | null
  /** The call, which names its attempt. */
  call(attemptId: string): StripeCall
}

export interface Performed {
  /** Ended, and not failed. */
  readonly attempt: PaymentAttempt
  /** Stripe's answer, where this very request got it. */
  readonly answer: CallAnswer | null
  /** An earlier equal request was the one that did it. */
  readonly isRepeat: boolean
  /** Of a repeat: whether the asker is known to be who made it. Else it is equal by its content, and may be anybody's. */
  readonly isAskers: boolean
}

/** Who asks, as far as what others asked for is concerned. */
export interface Asker {
  /** Whether an attempt of an earlier request was his, so that he may hear what came of it. */
  made(prior: PaymentAttempt): Promise<boolean>
  /** Throws for who repeats what was not his. */
  refuse(): Promise<never>
}

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

export type RepeatedRequest = Pick<AttemptPlan, 'appId' | 'account' | 'requestKey' | 'fingerprint'>

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

/** How long a request waits for another one that is at the same order or payment. */
const LONGEST_WAIT_MS = 20_000
const LOOK_EVERY_MS = 50

export function createPerformAttempt(deps: PerformAttemptDeps): PerformAttempt {
  const { attempts, runner, stripeFor, clock, steady, newId, pause } = deps

  /**
   * The outcome of an attempt that another request began; null when that request was refused before its call.
   * Throws when it stays unknown.
   */
  async function settle(attempt: PaymentAttempt, isSame: boolean): Promise<PaymentAttempt | null> {
    const deadline = steady.elapsed() + LONGEST_WAIT_MS
    for (let seen = attempt; ; ) {
      if (runner.held.isGone(seen.id)) {
        await runner.held.writeAgain()
        return null
      }
      const known = runner.held.find(seen.id) ?? seen
      if (known.state !== 'open') return known
      const isHeld = runner.finished(seen.id) !== null
      const lease = isHeld ? null : await attempts.resume(seen.appId, seen.id, runner.leaseTimes())
      if (lease !== null) {
        const ran = await runner.runAgain(lease, { isOwed: !isSame, isPatient: true })
        if (ran.kind === 'unknown') throw ran.error
        // What kept it from being sent is told to who asks anew.
        return ran.kind === 'ended' ? ran.attempt : await attempts.find(seen.appId, seen.id)
      }
      const left = deadline - steady.elapsed()
      if (left <= 0) throw stillUnderWay()
      await Promise.race([runner.finished(seen.id) ?? pause(LOOK_EVERY_MS), pause(left)])
      const next = await attempts.find(seen.appId, seen.id)
      if (next === null) return null
      const hasEnded = next.state !== 'open' || runner.held.find(next.id) !== null
      // It was given up for now while we waited: another try at once would not fare better.
      if (isHeld && !hasEnded && next.lastError !== null) throw stillUnderWay()
      seen = next
    }
  }

  function told(attempt: PaymentAttempt, isAskers = true): Performed {
    const { failure } = attempt
    // What it says of the card and its payment is for who tried it.
    if (failure !== null) throw failureError(isAskers ? failure : { ...failure, details: {} })
    return { attempt, answer: null, isRepeat: true, isAskers }
  }

  type Ended = Performed | { readonly paid: Stripe.PaymentIntent }

  async function ended(ran: Ran): Promise<Ended> {
    switch (ran.kind) {
      case 'unknown':
        throw ran.error
      case 'paid':
        return { paid: ran.intent }
      case 'forgotten': {
        const lease = await reopened(ran.attempt, nextIdempotencyKey(ran.attempt.idempotencyKey))
        if (lease === null || typeof lease === 'string') throw stillUnderWay()
        return ended(await runner.runNow(lease))
      }
      case 'ended':
        return { ...told(ran.attempt), answer: ran.answer, isRepeat: false, isAskers: true }
    }
  }

  /** Under the same key, which is safest, unless Stripe answered it with an error that it may go on repeating. */
  function reopened({ appId, id, idempotencyKey, lastError }: PaymentAttempt, key?: string) {
    const isBurnt = lastError !== null && BURNS_KEY.has(lastError)
    const again = isBurnt ? nextIdempotencyKey(idempotencyKey) : idempotencyKey
    return attempts.reopen(appId, id, { ...runner.leaseTimes(), idempotencyKey: key ?? again })
  }

  /** @returns null when nothing came of it and the request is to be made anew. */
  async function answerRepeat(
    prior: PaymentAttempt,
    { requestKey, fingerprint }: RepeatedRequest,
    asker: Asker,
  ): Promise<Ended | null> {
    const isByContent = requestKey?.isByContent === true
    // Before contents are compared: a stranger does not learn whether they differ.
    const isAskers = await asker.made(prior)
    if (!isAskers && !isByContent) await asker.refuse()
    if (prior.fingerprint !== fingerprint) throw reusedKey()
    const wasOpen = prior.state === 'open'
    if (isByContent && !wasOpen && !(await isStillTheSame(prior, isAskers))) {
      await attempts.giveUpRequestKey(prior.appId, prior.id)
      return null
    }
    const settled = await settle(prior, true)
    if (settled === null) return null
    if (settled.failure?.retryable !== true || settled.id !== prior.id || wasOpen)
      return told(settled, isAskers)
    // Before it is made once more, it is looked for once more.
    const late = await runner.revisit(settled)
    if (late !== null) return ended(late)
    const lease = await reopened(settled)
    if (lease === 'busy') throw stillUnderWay()
    // Another request began the order meanwhile: a second create would be a second payment for it.
    if (lease === 'order_exists') return null
    if (lease !== null) return ended(await runner.runNow(lease))
    const changed = await attempts.find(settled.appId, settled.id)
    const last = await settle(changed ?? settled, true)
    return last === null ? null : told(last, isAskers)
  }

  /** An equal request without a key is a repeat while its answer may be the one that was lost. */
  async function isStillTheSame(prior: PaymentAttempt, isAskers: boolean): Promise<boolean> {
    // Nobody was told: then it is, however late.
    if (await attempts.forgive(prior.appId, prior.id)) return true
    // What charged nothing may be tried again; of an order by its payer alone, and others had better hear why it failed.
    const mayTryAgain = isAskers || prior.orderId === null || prior.failure?.retryable === true
    if (prior.state === 'failed' && mayTryAgain) return false
    const now = await stripeTimeAt(stripeFor(prior.appId), prior.account)
    return now - prior.sentAfter < deps.repeatWindowMs
  }

  async function make(lease: AttemptLease, gate: Gate | undefined): Promise<Ended> {
    if (gate === undefined) return ended(await runner.runNow(lease))
    try {
      await gate.admit()
    } catch (refusal) {
      await runner.withdraw(lease)
      throw refusal
    }
    try {
      const performed = await ended(await runner.runNow(lease))
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
      if (prior !== null) return answerRepeat(prior, request, asker)
      if (requestKey.earlier === null) return null
      const earlier = await attempts.findByRequestKey(appId, account, requestKey.earlier)
      return earlier === null || earlier.payer !== null ? null : answerRepeat(earlier, request, asker)
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
            const repeated = await answerRepeat(claim.attempt, plan, asker)
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

/** After these Stripe may answer a key with the same error for a day. */
const BURNS_KEY = new Set(['stripe_failed', 'idempotency_key_reused'])

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

function reusedKey(): ServiceError {
  return new ServiceError('idempotency_key_reused', {
    message:
      'This Idempotency-Key came before with other content; repeat the request unchanged, or use a new key.',
    param: 'Idempotency-Key',
  })
}

function stillUnderWay(): ServiceError {
  return new ServiceError('idempotency_key_in_use', {
    message: 'Another request for the same order or payment is still under way; repeat this one in a moment.',
    retryAfterSeconds: 2,
  })
}
