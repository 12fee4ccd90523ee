/** Carries an attempt from open to its outcome: sends the call, judges the answer, writes it down. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { AttemptLease, PaymentAttempt, PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import { findOutcome, findOutcomeDespite } from './find-outcome.ts'
import { judgeError, type Outcome, outcomeOfAnswer } from './judge-outcome.ts'
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

/** Pauses before the second and third try of a request that waits. */
const PAUSES_MS = [500, 1_500]
/** Stripe keeps a key for at least a day; an hour less is safe whatever the clocks say. */
const KEY_LIFE_MS = 23 * 3_600_000
/** Stripe repeats a saved 500 as long as the key lives, so after some tries the objects themselves are asked. */
const REPEATS_BEFORE_LOOKING = 3
const SETTLED_AFTER_MS = 60_000
/** Errors that a key may repeat for ever. */
const STUCK = new Set(['stripe_failed', 'idempotency_key_reused'])
const LONGEST_BACKOFF_MS = 300_000

export function createAttemptRunner(deps: AttemptRunnerDeps): AttemptRunner {
  const { attempts, clock, log, timeoutMs } = deps
  const running = new Map<string, Promise<void>>()

  async function end(
    lease: AttemptLease,
    outcome: Outcome,
    answer: CallAnswer | null,
    isOwed: boolean,
  ): Promise<Ran> {
    const now = clock.now()
    await attempts.finish(lease, { ...outcome, isOwed, now })
    const paymentIntentId = outcome.paymentIntentId ?? lease.attempt.paymentIntentId
    return {
      kind: 'ended',
      attempt: { ...lease.attempt, ...outcome, paymentIntentId, isOwed, finishedAt: now, dueAt: null },
      answer,
    }
  }

  async function trySending(lease: AttemptLease, tries: number, isOwed: boolean): Promise<Ran> {
    const { attempt } = lease
    const stripe = deps.stripeFor(attempt.appId)
    const age = clock.now() - attempt.firstSentAt
    try {
      if (age >= KEY_LIFE_MS) return await end(lease, await findOutcome(stripe, attempt), null, isOwed)
      const answer = await sendCall(stripe, attempt)
      return await end(lease, outcomeOfAnswer(answer), answer, isOwed)
    } catch (error) {
      const verdict = judgeError(error, tries === 1)
      if (verdict.kind === 'failed') return end(lease, verdict.outcome, null, isOwed)
      if (verdict.kind === 'look') {
        return end(lease, await findOutcomeDespite(verdict.refusal, stripe, attempt), null, isOwed)
      }
      const isStuck = error instanceof ServiceError && STUCK.has(error.code)
      if (isStuck && tries >= REPEATS_BEFORE_LOOKING && age >= SETTLED_AFTER_MS) {
        return end(lease, await findOutcome(stripe, attempt), null, isOwed)
      }
      return { kind: 'unknown', error }
    }
  }

  async function run(lease: AttemptLease, pauses: readonly number[], isOwed: boolean): Promise<Ran> {
    let { tries } = lease.attempt
    for (let round = 0; ; round++) {
      const ran = await trySending(lease, tries, isOwed).catch(
        (error: unknown): Ran => ({ kind: 'unknown', error }),
      )
      if (ran.kind === 'ended') return ran
      const pause = pauses[round]
      const hasWaitedLong = ran.error instanceof ServiceError && ran.error.code === 'stripe_timeout'
      if (pause === undefined || hasWaitedLong) return postponed(lease, tries, ran.error)
      await deps.pause(pause)
      if ((await attempts.noteSent(lease, clock.now())) === 'lease_lost') return ran
      tries += 1
    }
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

  async function sendAgain(lease: AttemptLease, isOwed: boolean, isPatient: boolean): Promise<Ran> {
    const noted = await attempts.noteSent(lease, clock.now())
    if (noted === 'lease_lost') return { kind: 'unknown', error: new Error('The lease was lost') }
    const attempt = { ...lease.attempt, tries: lease.attempt.tries + 1 }
    return run({ ...lease, attempt }, isPatient ? PAUSES_MS : [], isOwed)
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
    runAgain: (lease, { isOwed, isPatient }) => tracked(lease, sendAgain(lease, isOwed, isPatient)),
    finished: (attemptId) => running.get(attemptId) ?? null,
  }
}
