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

interface Found {
  readonly outcome: Outcome
  readonly answer: CallAnswer | null
}

/** Pauses before the second and third try of a request that waits. */
const PAUSES_MS = [500, 1_500]
/**
 * How long a call is repeated until its payment is looked up in place of that. Stripe keeps a key for at least a day,
 * so an hour less is safe whatever the clocks say. A card is tried for minutes only: whoever has left the shop long
 * ago must not be charged when Stripe is back.
 */
const REPEATED_FOR_MS = 23 * 3_600_000
const CARD_REPEATED_FOR_MS = 10 * 60_000
/** Errors that a key may repeat for ever; after some tries, and a while, the payment is looked up. */
const STUCK = new Set(['stripe_failed', 'idempotency_key_reused'])
const STUCK_TRIES = 3
const STUCK_AFTER_MS = 60_000
const LONGEST_BACKOFF_MS = 300_000

export function createAttemptRunner(deps: AttemptRunnerDeps): AttemptRunner {
  const { attempts, clock, log, timeoutMs } = deps
  const running = new Map<string, Promise<void>>()

  async function end(lease: AttemptLease, { outcome, answer }: Found, isOwed: boolean): Promise<Ran> {
    const now = clock.now()
    await attempts.finish(lease, { ...outcome, isOwed, now })
    const paymentIntentId = outcome.paymentIntentId ?? lease.attempt.paymentIntentId
    return {
      kind: 'ended',
      attempt: { ...lease.attempt, ...outcome, paymentIntentId, isOwed, finishedAt: now, dueAt: null },
      answer,
    }
  }

  /** @returns the error while it cannot be told whether the call was done. */
  async function ask(attempt: PaymentAttempt, tries: number): Promise<Found | { readonly error: unknown }> {
    const stripe = deps.stripeFor(attempt.appId)
    const age = clock.now() - attempt.firstSentAt
    try {
      if (age >= repeatedForMs(attempt)) return { outcome: await findOutcome(stripe, attempt), answer: null }
      const answer = await sendCall(stripe, attempt)
      return { outcome: outcomeOfAnswer(answer), answer }
    } catch (error) {
      const verdict = judgeError(error, tries === 1)
      if (verdict.kind === 'failed') return { outcome: verdict.outcome, answer: null }
      if (verdict.kind === 'look') {
        return { outcome: await findOutcomeDespite(verdict.refusal, stripe, attempt), answer: null }
      }
      const isStuck = error instanceof ServiceError && STUCK.has(error.code)
      if (isStuck && tries >= STUCK_TRIES && age >= STUCK_AFTER_MS) {
        return { outcome: await findOutcome(stripe, attempt), answer: null }
      }
      return { error }
    }
  }

  async function run(lease: AttemptLease, pauses: readonly number[], isOwed: boolean): Promise<Ran> {
    let { tries } = lease.attempt
    for (let round = 0; ; round++) {
      const found = await ask(lease.attempt, tries).catch((error: unknown) => ({ error }))
      if ('outcome' in found) return end(lease, found, isOwed)
      const pause = pauses[round]
      const hasWaitedLong = found.error instanceof ServiceError && found.error.code === 'stripe_timeout'
      if (pause === undefined || hasWaitedLong) return postponed(lease, tries, found.error)
      await deps.pause(pause)
      if ((await attempts.noteSent(lease, clock.now())) === 'lease_lost') {
        return { kind: 'unknown', error: found.error }
      }
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

function repeatedForMs({ call }: PaymentAttempt): number {
  const triesCard = call.operation === 'confirm' || call.params['confirm'] === true
  return triesCard ? CARD_REPEATED_FOR_MS : REPEATED_FOR_MS
}
