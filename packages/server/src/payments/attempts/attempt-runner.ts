/** Carries an attempt from open to its outcome: sends the call, judges the answer, writes it down. */
import type { Clock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { AttemptLease, PaymentAttempt, PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { isAsShown, priceMismatch, shownPriceOf } from '../terms/shown-price.ts'
import { findOutcome, findOutcomeDespite } from './find-outcome.ts'
import { judgeError, notSent, type Outcome, outcomeOfAnswer } from './judge-outcome.ts'
import { type CallAnswer, sendCall } from './send-call.ts'

export type Ran =
  /** `answer` is null where the outcome was looked up. */
  | { readonly kind: 'ended'; readonly attempt: PaymentAttempt; readonly answer: CallAnswer | null }
  | { readonly kind: 'unknown'; readonly error: unknown }

export interface AttemptRunner {
  /** How long a lease must be for one run. */
  leaseUntil(now: number): number
  /** Sends a call that was never sent; tries again after short pauses while the outcome is unknown. */
  runNow(lease: AttemptLease): Promise<Ran>
  /**
   * Sends a call again whose outcome is unknown.
   * @param how `isOwed`: who asks is not who asked first, so the outcome is owed to the next equal request.
   */
  runAgain(lease: AttemptLease, how: { readonly isOwed: boolean; readonly isPatient: boolean }): Promise<Ran>
  /** Resolves when this process is no longer at the attempt. */
  finished(attemptId: string): Promise<void> | null
}

export interface AttemptRunnerDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'noteSent' | 'finish' | 'postpone'>
  stripeFor(appId: string): StripeGateway
  readonly clock: Clock
  readonly log: Log
  /** How long one call may take. */
  readonly timeoutMs: number
  pause(ms: number): Promise<void>
}

interface Unknown {
  readonly error: unknown
}

interface Found {
  readonly outcome: Outcome
  readonly answer: CallAnswer | null
}

/** Pauses before the second and third try of a request that waits. */
const PAUSES_MS = [500, 1_500]
/**
 * How long a call is repeated; then its payment is looked up in place of that. It is far less than the day for which
 * Stripe keeps a key, and short enough that nobody is charged who has left the shop long ago.
 */
const REPEATED_FOR_MS = 10 * 60_000
/** A call that a lookup does not show may still be under way, but not so long after it was sent. */
const QUIET_MS = 2 * 60_000
/** Errors that a key may repeat for ever; after some tries a lookup may know more. */
const STUCK = new Set(['stripe_failed', 'idempotency_key_reused'])
const STUCK_TRIES = 3
const LONGEST_BACKOFF_MS = 300_000

export function createAttemptRunner(deps: AttemptRunnerDeps): AttemptRunner {
  const { attempts, clock, log, timeoutMs } = deps
  const running = new Map<string, Promise<void>>()

  async function end(lease: AttemptLease, { outcome, answer }: Found, isForOthers: boolean): Promise<Ran> {
    const now = clock.now()
    // What was not done is not an answer: the next request shall try again.
    // Nor is a price, which a repeat of the words sets again.
    const isOwed =
      isForOthers && outcome.failure?.retryable !== true && lease.attempt.call.operation !== 'update'
    await attempts.finish(lease, { ...outcome, isOwed, now })
    const paymentIntentId = outcome.paymentIntentId ?? lease.attempt.paymentIntentId
    return {
      kind: 'ended',
      attempt: { ...lease.attempt, ...outcome, paymentIntentId, isOwed, finishedAt: now, dueAt: null },
      answer,
    }
  }

  /** @returns the error while it cannot be told whether the call was done. */
  async function send(attempt: PaymentAttempt, tries: number): Promise<Found | Unknown> {
    const stripe = deps.stripeFor(attempt.appId)
    try {
      const refusal = await refusalOf(stripe, attempt)
      if (refusal !== null) {
        return tries === 1 ? { outcome: notSent(attempt, refusal), answer: null } : { error: stillOnItsWay() }
      }
      const answer = await sendCall(stripe, attempt)
      return { outcome: outcomeOfAnswer(answer), answer }
    } catch (error) {
      const verdict = judgeError(error, tries === 1)
      if (verdict.kind === 'failed') return { outcome: verdict.outcome, answer: null }
      if (verdict.kind === 'look') {
        return { outcome: await findOutcomeDespite(verdict.refusal, stripe, attempt), answer: null }
      }
      const isStuck = error instanceof ServiceError && STUCK.has(error.code)
      if (!isStuck || tries < STUCK_TRIES) return { error }
      const { outcome, isDone } = await findOutcome(stripe, attempt)
      return isDone ? { outcome, answer: null } : { error }
    }
  }

  /** Stripe is asked for the price just before: it may have been changed there, past the rows. */
  async function refusalOf(stripe: StripeGateway, attempt: PaymentAttempt): Promise<ServiceError | null> {
    const shown = shownPriceOf(attempt)
    if (shown === null) return null
    const on = { account: attempt.account === '' ? null : attempt.account }
    const intent = await stripe.retrievePaymentIntent(attempt.call.paymentIntent ?? '', {}, on)
    return isAsShown(shown, intent) ? null : priceMismatch(intent)
  }

  async function lookUp(attempt: PaymentAttempt): Promise<Found | Unknown> {
    const { outcome, isDone } = await findOutcome(deps.stripeFor(attempt.appId), attempt)
    const isQuiet = clock.now() - attempt.lastSentAt >= QUIET_MS
    return isDone || isQuiet ? { outcome, answer: null } : { error: stillOnItsWay() }
  }

  async function run(lease: AttemptLease, pauses: readonly number[], isOwed: boolean): Promise<Ran> {
    let { tries } = lease.attempt
    for (let round = 0; ; round++) {
      const found = await send(lease.attempt, tries).catch((error: unknown) => ({ error }))
      if ('outcome' in found) return end(lease, found, isOwed)
      const pause = pauses[round]
      const hasWaitedLong = found.error instanceof ServiceError && found.error.code === 'stripe_timeout'
      if (pause === undefined || hasWaitedLong) return postponed(lease, tries, found.error)
      await deps.pause(pause)
      if (!(await mayStillSend(lease))) return { kind: 'unknown', error: found.error }
      tries += 1
    }
  }

  /** Notes one more sending, unless the lease is over: by then another process may have looked and found nothing. */
  async function mayStillSend(lease: AttemptLease): Promise<boolean> {
    const now = clock.now()
    if (now >= (lease.attempt.dueAt ?? 0)) return false
    return (await attempts.noteSent(lease, now)) === 'done'
  }

  async function postponed(lease: AttemptLease, tries: number, error: unknown): Promise<Ran> {
    const { id, appId, call } = lease.attempt
    const why = error instanceof ServiceError ? error.code : 'internal'
    const dueAt = clock.now() + Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** Math.min(tries, 10))
    log.warn(
      { attempt: id, appId, operation: call.operation, tries, why },
      'A payment call has no outcome yet',
    )
    await attempts.postpone(lease, { error: why, dueAt })
    return { kind: 'unknown', error }
  }

  async function runAgain(lease: AttemptLease, isOwed: boolean, isPatient: boolean): Promise<Ran> {
    const { attempt } = lease
    if (clock.now() - attempt.firstSentAt >= REPEATED_FOR_MS) {
      const found = await lookUp(attempt).catch((error: unknown) => ({ error }))
      return 'outcome' in found ? end(lease, found, isOwed) : postponed(lease, attempt.tries, found.error)
    }
    if (!(await mayStillSend(lease))) return { kind: 'unknown', error: stillOnItsWay() }
    const again = { ...attempt, tries: attempt.tries + 1 }
    return run({ ...lease, attempt: again }, isPatient ? PAUSES_MS : [], isOwed)
  }

  function tracked(lease: AttemptLease, work: Promise<Ran>): Promise<Ran> {
    const { id } = lease.attempt
    const finished = work.then(
      () => undefined,
      () => undefined,
    )
    running.set(id, finished)
    return work.finally(() => running.delete(id))
  }

  return {
    leaseUntil: (now) => now + (timeoutMs + 5_000) * (PAUSES_MS.length + 1),
    runNow: (lease) => tracked(lease, run(lease, PAUSES_MS, false)),
    runAgain: (lease, { isOwed, isPatient }) => tracked(lease, runAgain(lease, isOwed, isPatient)),
    finished: (attemptId) => running.get(attemptId) ?? null,
  }
}

function stillOnItsWay(): ServiceError {
  return new ServiceError('stripe_timeout', {
    message: 'What became of the call to Stripe is not known yet; repeating the same request is safe.',
    retryAfterSeconds: 5,
  })
}
