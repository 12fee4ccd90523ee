/** One attempt for one request: made once, answered as often as it is asked for. The rows decide who makes it. */
import type { Clock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type {
  AttemptLease,
  NewAttempt,
  PaymentAttempt,
  PaymentAttemptStore,
  PaymentOrder,
} from '../../store/payment-attempt-store.ts'
import type { AttemptRunner, Ran } from './attempt-runner.ts'
import { failureError } from './failure-error.ts'
import type { CallAnswer } from './send-call.ts'

export type AttemptPlan = Omit<NewAttempt, 'idempotencyKey' | 'createdAt'>

export interface Performed {
  /** Ended, and not failed. */
  readonly attempt: PaymentAttempt
  /** Stripe's answer, where this very request got it. */
  readonly answer: CallAnswer | null
}

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
    plan: Pick<AttemptPlan, 'appId' | 'account' | 'requestKey' | 'fingerprint'>,
  ): Promise<Performed | null>
  /**
   * Makes the attempt, after any other that is open for the same subject.
   * @returns the order when it has its PaymentIntent already, and so needs another call.
   * Throws the failure; `stripe_…` while the outcome is unknown; `idempotency_key_in_use` when it cannot wait longer.
   */
  perform(plan: AttemptPlan, gate?: Gate): Promise<Performed | { readonly order: PaymentOrder }>
}

export interface PerformAttemptDeps {
  readonly attempts: Pick<
    PaymentAttemptStore,
    'claim' | 'withdraw' | 'find' | 'findByRequestKey' | 'takeOwed' | 'resume' | 'reopen'
  >
  readonly runner: AttemptRunner
  readonly clock: Clock
  /** A fresh random id. */
  newId(): string
  pause(ms: number): Promise<void>
}

/** How long a request waits for another one that is at the same order or payment. */
const LONGEST_WAIT_MS = 20_000
const LOOK_EVERY_MS = 50

export function createPerformAttempt(deps: PerformAttemptDeps): PerformAttempt {
  const { attempts, runner, clock, newId, pause } = deps

  /**
   * The outcome of an attempt that another request began; null when that request was refused before its call.
   * Throws when it stays unknown.
   */
  async function settle(attempt: PaymentAttempt, isSame: boolean): Promise<PaymentAttempt | null> {
    const deadline = clock.now() + LONGEST_WAIT_MS
    for (let seen = attempt; ; ) {
      if (seen.state !== 'open') return seen
      const now = clock.now()
      const isHeld = runner.finished(seen.id) !== null
      const lease = isHeld
        ? null
        : await attempts.resume(seen.appId, seen.id, { now, leaseUntil: runner.leaseUntil(now) })
      if (lease !== null) {
        const ran = await runner.runAgain(lease, { isOwed: !isSame, isPatient: true })
        if (ran.kind === 'unknown') throw ran.error
        return ran.attempt
      }
      if (now >= deadline) throw stillUnderWay()
      await Promise.race([runner.finished(seen.id) ?? pause(LOOK_EVERY_MS), pause(deadline - now)])
      const next = await attempts.find(seen.appId, seen.id)
      if (next === null) return null
      // It was given up for now while we waited: another try at once would not fare better.
      if (isHeld && next.state === 'open' && next.lastError !== null) throw stillUnderWay()
      seen = next
    }
  }

  function told(attempt: PaymentAttempt): Performed {
    if (attempt.failure !== null) throw failureError(attempt.failure)
    return { attempt, answer: null }
  }

  function ended(ran: Ran): Performed {
    if (ran.kind === 'unknown') throw ran.error
    return { ...told(ran.attempt), answer: ran.answer }
  }

  /** @returns null when nothing came of it and the request is to be made anew. */
  async function answerRepeat(prior: PaymentAttempt, fingerprint: string): Promise<Performed | null> {
    if (prior.fingerprint !== fingerprint) throw reusedKey()
    const settled = await settle(prior, true)
    if (settled === null) return null
    if (settled.failure?.retryable !== true || settled.id !== prior.id || prior.state === 'open') {
      return told(settled)
    }
    const now = clock.now()
    const again = { idempotencyKey: idempotencyKey(newId()), now, leaseUntil: runner.leaseUntil(now) }
    const lease = await attempts.reopen(settled.appId, settled.id, again)
    if (lease === 'busy') throw stillUnderWay()
    // Another request began the order meanwhile: a second create would be a second payment for it.
    if (lease === 'order_exists') return null
    if (lease !== null) return ended(await runner.runNow(lease))
    const changed = await attempts.find(settled.appId, settled.id)
    const last = await settle(changed ?? settled, true)
    return last === null ? null : told(last)
  }

  async function make(lease: AttemptLease, gate: Gate | undefined): Promise<Performed> {
    if (gate === undefined) return ended(await runner.runNow(lease))
    try {
      await gate.admit()
    } catch (refusal) {
      await attempts.withdraw(lease)
      throw refusal
    }
    try {
      const performed = ended(await runner.runNow(lease))
      await gate.report(performed)
      return performed
    } catch (error) {
      await gate.report({ error })
      throw error
    }
  }

  return {
    async repeatOf({ appId, account, requestKey, fingerprint }) {
      if (requestKey === null) return null
      const prior = await attempts.findByRequestKey(appId, account, requestKey)
      return prior === null ? null : answerRepeat(prior, fingerprint)
    },
    async perform(plan, gate) {
      if (plan.requestKey === null) {
        const owed = await attempts.takeOwed(plan.appId, plan.account, plan.subject, plan.fingerprint)
        if (owed !== null) return told(owed)
      }
      for (;;) {
        const now = clock.now()
        const attempt = { ...plan, idempotencyKey: idempotencyKey(plan.id), createdAt: now }
        const claim = await attempts.claim(attempt, { leaseUntil: runner.leaseUntil(now) })
        switch (claim.outcome) {
          case 'claimed':
            return make(claim.lease, gate)
          case 'repeated': {
            const repeated = await answerRepeat(claim.attempt, plan.fingerprint)
            if (repeated !== null) return repeated
            break
          }
          case 'order_exists':
            return { order: claim.order }
          case 'busy': {
            const isSame = claim.attempt.fingerprint === plan.fingerprint
            const settled = await settle(claim.attempt, isSame)
            if (settled !== null && isSame && plan.requestKey === null) return told(settled)
          }
        }
      }
    },
  }
}

/** Ours, not the caller's: one app cannot meet another's keys, and none is over Stripe's 255 characters. */
function idempotencyKey(id: string): string {
  return `tollbridge-${id}`
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
