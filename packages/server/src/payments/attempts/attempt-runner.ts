/** Carries an attempt from open to its outcome: sends the call, judges the answer, writes it down. */
import type { Stripe } from 'stripe'
import type { Clock, SteadyClock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { AttemptLease, PaymentAttempt, PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { findOutcome } from './find-outcome.ts'
import { createHeldOutcomes, type HeldOutcomes } from './held-outcomes.ts'
import { notSent, type Outcome } from './judge-outcome.ts'
import { createLease, type Lease, type LeaseTimes } from './lease.ts'
import { lookFor } from './look-for.ts'
import { orderAlreadyPaid, type PaidAlready } from './paid-already.ts'
import { type Found, isFound, sendAttempt, stillOnItsWay } from './send-attempt.ts'
import type { CallAnswer } from './send-call.ts'
import type { TakeInPayment } from './take-in-payment.ts'

export type Ran =
  /** `answer` is null where the outcome was looked up. */
  | { readonly kind: 'ended'; readonly attempt: PaymentAttempt; readonly answer: CallAnswer | null }
  /** Another payment pays the order, so nothing was sent. */
  | { readonly kind: 'paid'; readonly intent: Stripe.PaymentIntent }
  /** The rows had forgotten what was sent under this key, so it is to be sent under the next one. */
  | { readonly kind: 'forgotten'; readonly attempt: PaymentAttempt }
  | { readonly kind: 'unknown'; readonly error: unknown }

export interface AttemptRunner {
  /** For a row that is leased now. */
  leaseTimes(): LeaseTimes
  /** Sends a call that was never sent; tries again after short pauses while the outcome is unknown. */
  runNow(lease: AttemptLease): Promise<Ran>
  /**
   * Looks for the outcome of a call that another run sent, and sends it again while that is safe.
   * @param how `isOwed`: who asks is not who asked first, so the outcome is owed to the next equal request.
   */
  runAgain(lease: AttemptLease, how: { readonly isOwed: boolean; readonly isPatient: boolean }): Promise<Ran>
  /** Takes back a claim whose call was not sent. */
  withdraw(lease: AttemptLease): Promise<void>
  /** Resolves when this process is no longer at the attempt. */
  finished(attemptId: string): Promise<void> | null
  /** The attempts that this process is at, which nobody is to take up. */
  running(): readonly string[]
  /** What has ended without the rows knowing. */
  readonly held: Pick<HeldOutcomes, 'find' | 'isGone' | 'writeAgain'>
  /** Looks once more for a call that was taken for not done. @returns null when it still is */
  revisit(attempt: PaymentAttempt): Promise<Ran | null>
}

export interface AttemptRunnerDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'noteSent' | 'finish' | 'postpone' | 'withdraw'>
  stripeFor(appId: string): StripeGateway
  readonly paidAlready: PaidAlready
  readonly takeIn: TakeInPayment
  readonly clock: Clock
  readonly steady: SteadyClock
  readonly log: Log
  /** How long one call may take. */
  readonly timeoutMs: number
  pause(ms: number): Promise<void>
}

/** Pauses before the second and third try of a request that waits. */
const PAUSES_MS = [500, 1_500]
const LONGEST_BACKOFF_MS = 300_000

export function createAttemptRunner(deps: AttemptRunnerDeps): AttemptRunner {
  const { attempts, clock, log, timeoutMs } = deps
  const leases = createLease({ ...deps, lengthMs: (timeoutMs + 5_000) * (PAUSES_MS.length + 1) })
  const held = createHeldOutcomes(log)
  const running = new Map<string, Promise<void>>()
  /** How often in a row an attempt was looked at in vain by this process. */
  const looks = new Map<string, number>()

  async function end(lease: AttemptLease, { outcome, answer }: Found, isForOthers: boolean): Promise<Ran> {
    const now = clock.now()
    // What was not done is not an answer: the next request shall try again.
    // Nor is a price, which a repeat of the words sets again.
    const isOwed =
      isForOthers && outcome.failure?.retryable !== true && lease.attempt.call.operation !== 'update'
    const paymentIntentId = outcome.paymentIntentId ?? lease.attempt.paymentIntentId
    const attempt = { ...lease.attempt, ...outcome, paymentIntentId, isOwed, finishedAt: now, dueAt: null }
    // What Stripe said stands, whether or not it can be written now.
    await held.write(attempt.id, attempt, () => attempts.finish(lease, { ...outcome, isOwed, now }))
    looks.delete(attempt.id)
    return { kind: 'ended', attempt, answer }
  }

  interface Sending {
    /** Whether the call may have reached Stripe before. */
    readonly wasSent: boolean
    readonly pauses: readonly number[]
    readonly isOwed: boolean
  }

  async function run(lease: AttemptLease, held: Lease, { wasSent, pauses, isOwed }: Sending): Promise<Ran> {
    const stripe = deps.stripeFor(lease.attempt.appId)
    let { tries } = lease.attempt
    let isSent = wasSent
    for (let round = 0; ; round++) {
      const found = await sendAttempt(stripe, lease.attempt, { isFirst: !isSent, tries })
      if (isFound(found)) return end(lease, found, isOwed)
      if (found.kind === 'forgotten') return forgotten(lease, found.intent)
      const { error } = found
      const isUnsent = error instanceof ServiceError && error.isUnsent
      isSent ||= !isUnsent
      const pause = pauses[round]
      const hasWaitedLong = error instanceof ServiceError && error.code === 'stripe_timeout'
      if (pause === undefined || hasWaitedLong) {
        const isOutcome = !isSent && error instanceof ServiceError
        return isOutcome
          ? end(lease, { outcome: notSent(lease.attempt, error), answer: null }, isOwed)
          : postponed(lease, { tries, error, absentSince: null })
      }
      await deps.pause(pause)
      if (!(await mayStillSend(lease, held))) return postponed(lease, { tries, error, absentSince: null })
      tries += 1
    }
  }

  /** Stripe has answered this key with something else: what there is of it counts, and otherwise the next key. */
  async function forgotten(lease: AttemptLease, intent: Stripe.PaymentIntent | null): Promise<Ran> {
    const { attempt } = lease
    if (intent !== null) {
      // The next who asks whether the order is paid shall find it; where it cannot be noted, it is found as it was now.
      await deps
        .takeIn(attempt, intent)
        .catch((error: unknown) =>
          log.error({ err: error, payment: intent.id }, 'A found payment could not be noted'),
        )
      return paid(lease, intent)
    }
    const refusal = new ServiceError('idempotency_key_reused', {
      message:
        'Stripe knows this key with other content; nothing was charged, and repeating the request is safe.',
    })
    const ended = await end(lease, { outcome: notSent(attempt, refusal), answer: null }, false)
    return ended.kind === 'ended' ? { kind: 'forgotten', attempt: ended.attempt } : ended
  }

  async function paid(lease: AttemptLease, intent: Stripe.PaymentIntent): Promise<Ran> {
    const { attempt } = lease
    const outcome: Outcome = notSent(attempt, orderAlreadyPaid(attempt.orderId ?? '', intent.id))
    await end(lease, { outcome, answer: null }, false)
    return { kind: 'paid', intent }
  }

  /** Notes one more sending, unless the lease is over: by then another may have taken the attempt up. */
  async function mayStillSend(lease: AttemptLease, held: Lease): Promise<boolean> {
    if (held.isOver()) return false
    try {
      return (await attempts.noteSent(lease, clock.now())) === 'done'
    } catch (error) {
      log.error({ err: error, attempt: lease.attempt.id }, 'A repeat could not be noted, so it is not sent')
      return false
    }
  }

  async function postponed(
    lease: AttemptLease,
    why: { readonly tries: number; readonly error: unknown; readonly absentSince: number | null },
  ): Promise<Ran> {
    const { tries, error, absentSince } = why
    const { id, appId, call } = lease.attempt
    const code = error instanceof ServiceError ? error.code : 'internal'
    const waits = tries + (looks.get(id) ?? 0)
    const dueAt = clock.now() + Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** Math.min(waits, 10))
    log.warn(
      { attempt: id, appId, operation: call.operation, tries, why: code },
      'A payment call has no outcome yet',
    )
    await attempts
      .postpone(lease, { error: code, dueAt, absentSince })
      .catch((failure: unknown) =>
        log.error(
          { err: failure, attempt: id },
          'An open attempt could not be given back; its lease will end',
        ),
      )
    return { kind: 'unknown', error }
  }

  async function runNow(lease: AttemptLease): Promise<Ran> {
    const held = leases.begin()
    const other = await deps.paidAlready(lease.attempt).catch((error: unknown) => ({ error }))
    if (other !== null && 'error' in other) {
      if (!(other.error instanceof ServiceError)) throw other.error
      return end(lease, { outcome: notSent(lease.attempt, other.error), answer: null }, false)
    }
    if (other !== null) return paid(lease, other)
    return run(lease, held, { wasSent: false, pauses: PAUSES_MS, isOwed: false })
  }

  async function runAgain(lease: AttemptLease, isOwed: boolean, isPatient: boolean): Promise<Ran> {
    const { attempt } = lease
    const { tries } = attempt
    const held = leases.begin()
    looks.set(attempt.id, (looks.get(attempt.id) ?? 0) + 1)
    const look = await lookFor(deps.stripeFor(attempt.appId), attempt).catch((error: unknown) => ({
      kind: 'failed' as const,
      error,
    }))
    if (look.kind === 'failed') {
      return postponed(lease, { tries, error: look.error, absentSince: attempt.absentSince })
    }
    if (look.kind === 'found') return end(lease, { outcome: look.outcome, answer: null }, isOwed)
    const maySend = look.maySend && (await isUnpaid(attempt)) && (await mayStillSend(lease, held))
    if (!maySend) {
      return postponed(lease, { tries, error: stillOnItsWay(), absentSince: look.absentSince })
    }
    const again = { ...attempt, tries: tries + 1 }
    const pauses = isPatient ? PAUSES_MS : []
    return run({ ...lease, attempt: again }, held, { wasSent: true, pauses, isOwed })
  }

  /** Where it cannot be told, nothing is sent. */
  async function isUnpaid(attempt: PaymentAttempt): Promise<boolean> {
    return (await deps.paidAlready(attempt).catch(() => undefined)) === null
  }

  async function revisit(attempt: PaymentAttempt): Promise<Ran | null> {
    const { outcome, isDone } = await findOutcome(deps.stripeFor(attempt.appId), attempt)
    // Without a lease it replaces the conclusion that it was not done, and nothing else.
    return isDone ? end({ attempt, token: '' }, { outcome, answer: null }, false) : null
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
    leaseTimes: leases.times,
    runNow: (lease) => tracked(lease, runNow(lease)),
    runAgain: (lease, { isOwed, isPatient }) => tracked(lease, runAgain(lease, isOwed, isPatient)),
    withdraw: (lease) => held.write(lease.attempt.id, null, () => attempts.withdraw(lease)),
    finished: (attemptId) => running.get(attemptId) ?? null,
    running: () => [...running.keys(), ...held.ids()],
    held,
    revisit,
  }
}
