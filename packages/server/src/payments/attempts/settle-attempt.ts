/** Waits for an attempt that another request began, and finishes it where nobody is at it any more. */
import type { SteadyClock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type { PaymentAttempt, PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { AttemptRunner } from './attempt-runner.ts'

/**
 * @param isSame whether it is what the asker wants too, and not only in his way.
 * @returns its outcome; null when the request that began it was refused before its call. Throws when it stays unknown.
 */
export type SettleAttempt = (attempt: PaymentAttempt, isSame: boolean) => Promise<PaymentAttempt | null>

export interface SettleAttemptDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'find' | 'resume'>
  readonly runner: AttemptRunner
  readonly steady: SteadyClock
  pause(ms: number): Promise<void>
}

/** How long a request waits for another one that is at the same order or payment. */
const LONGEST_WAIT_MS = 20_000
const LOOK_EVERY_MS = 50

export function createSettleAttempt({ attempts, runner, steady, pause }: SettleAttemptDeps): SettleAttempt {
  return async (attempt, isSame) => {
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
}

export function stillUnderWay(): ServiceError {
  return new ServiceError('idempotency_key_in_use', {
    message: 'Another request for the same order or payment is still under way; repeat this one in a moment.',
    retryAfterSeconds: 2,
  })
}
