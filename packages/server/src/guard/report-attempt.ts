/** Counts what came of an attempt: failures wherever it came from, and both on its card. */
import type { AppId } from '../access/principal.ts'
import type { Log } from '../log.ts'
import type { GuardStore } from '../store/guard-store.ts'
import type { CountCard } from './count-card.ts'
import type { GuardLimits } from './guard-limits.ts'
import { type AttemptFacts, allowancesOf } from './guard-subjects.ts'

export interface AttemptResult {
  /** `rejected`: Stripe did not try the card. `unknown`: it has not answered yet. */
  readonly outcome: 'succeeded' | 'requires_action' | 'declined' | 'rejected' | 'unknown'
  /** Stripe's fingerprint of the card, where the answer shows it. */
  readonly cardFingerprint: string | null
  readonly paymentIntentId: string | null
}

export interface ReportAttemptDeps {
  readonly guard: Pick<GuardStore, 'count'>
  readonly countCard: CountCard
  /** Remembers a payment that the page confirms by itself. */
  watch(facts: AttemptFacts, paymentIntentId: string): Promise<void>
  limitsOf(appId: AppId): GuardLimits | null
  /** Asks Stripe for the card that a payment was declined with; null when it does not say. */
  declinedFingerprint(appId: AppId, paymentIntentId: string): Promise<string | null>
  readonly log: Log
  now(): number
}

export type ReportAttempt = (facts: AttemptFacts, result: AttemptResult) => Promise<void>

/** Never throws: what a payer is told of a payment does not hang on our counting. */
export function createReportAttempt(deps: ReportAttemptDeps): ReportAttempt {
  const { guard, countCard, limitsOf, log, now } = deps

  /** In the background: nobody waits for it, and which card it is takes a call to Stripe after a decline. */
  async function followCard(
    { appId }: AttemptFacts,
    result: AttemptResult,
    limits: GuardLimits,
  ): Promise<void> {
    const { outcome, paymentIntentId, cardFingerprint } = result
    const { attempts, failures } = limits.card
    const hasFailed = outcome === 'declined'
    if (attempts === null && (failures === null || !hasFailed)) return
    const mayAsk = cardFingerprint === null && hasFailed && paymentIntentId !== null
    const fingerprint = mayAsk ? await deps.declinedFingerprint(appId, paymentIntentId) : cardFingerprint
    if (fingerprint !== null) await countCard(appId, fingerprint, hasFailed ? 1 : 0)
  }

  async function report(facts: AttemptFacts, result: AttemptResult, limits: GuardLimits): Promise<void> {
    const { appId } = facts
    const { outcome, paymentIntentId } = result
    // The page gets the client secret with the answer, so it is watched from before.
    if (facts.card === null && paymentIntentId !== null) await deps.watch(facts, paymentIntentId)
    if (outcome !== 'declined') return
    // The next attempt must see the failure, so this one is answered after it is counted.
    const counts = allowancesOf(facts, limits).map(
      (allowance) => ({ allowance, attempts: 0, failures: 1 }) as const,
    )
    await guard.count(appId, counts, now())
  }

  return async (facts, result) => {
    const { appId } = facts
    const limits = limitsOf(appId)
    if (limits === null || result.outcome === 'rejected' || result.outcome === 'unknown') return
    const failed = (error: unknown) => {
      log.error({ err: error, appId }, 'The charge guard could not count an attempt')
    }
    followCard(facts, result, limits).catch(failed)
    await report(facts, result, limits).catch(failed)
  }
}
