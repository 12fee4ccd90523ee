/** Counts what came of an attempt: failures wherever it came from, and both on its card. */
import type { AppId } from '../access/principal.ts'
import type { Log } from '../log.ts'
import type { Count, GuardStore } from '../store/guard-store.ts'
import type { Allowance } from '../store/guard-window.ts'
import type { GuardLimits } from './guard-limits.ts'
import { type AttemptFacts, allowancesOf, cardAllowance } from './guard-subjects.ts'

export interface AttemptResult {
  /** `rejected`: Stripe did not try the card. `unknown`: it has not answered yet. */
  readonly outcome: 'succeeded' | 'requires_action' | 'declined' | 'rejected' | 'unknown'
  /** Stripe's fingerprint of the card, where the answer shows it. */
  readonly cardFingerprint: string | null
  readonly paymentIntentId: string | null
}

export interface ReportAttemptDeps {
  readonly guard: Pick<GuardStore, 'count' | 'blockCard'>
  limitsOf(appId: AppId): GuardLimits | null
  /** Asks Stripe for the card that a payment was declined with; null when it does not say. */
  declinedFingerprint(appId: AppId, paymentIntentId: string): Promise<string | null>
  readonly log: Log
  now(): number
}

export type ReportAttempt = (facts: AttemptFacts, result: AttemptResult) => Promise<void>

/** Never throws: what a payer is told of a payment does not hang on our counting. */
export function createReportAttempt(deps: ReportAttemptDeps): ReportAttempt {
  const { guard, limitsOf, log, now } = deps

  const count = (appId: AppId, counts: readonly Count[]) =>
    guard.count(appId, counts, now()).catch((error: unknown) => {
      log.error({ err: error, appId }, 'The charge guard could not count an attempt')
      return []
    })

  async function countCard(appId: AppId, allowance: Allowance, failures: 0 | 1): Promise<void> {
    const [tally] = await count(appId, [{ allowance, attempts: 1, failures }])
    const exceeded = tally?.exceeded
    if (!exceeded) return
    log.warn({ appId, what: exceeded.what }, 'The charge guard blocks a card for a while')
    await guard.blockCard(appId, allowance.subject, exceeded.retryAt)
  }

  /** In the background: nobody waits for it, and the next attempt of this card is Stripe's answer away. */
  async function followCard(facts: AttemptFacts, result: AttemptResult, limits: GuardLimits): Promise<void> {
    const { appId } = facts
    const { outcome, paymentIntentId } = result
    const hasFailed = outcome === 'declined'
    if (
      hasFailed
        ? limits.card.failures === null && limits.card.attempts === null
        : limits.card.attempts === null
    )
      return
    const fingerprint =
      result.cardFingerprint ??
      (hasFailed && paymentIntentId !== null ? await deps.declinedFingerprint(appId, paymentIntentId) : null)
    if (fingerprint !== null)
      await countCard(appId, cardAllowance(appId, limits, fingerprint), hasFailed ? 1 : 0)
  }

  return async (facts, result) => {
    const { appId } = facts
    const limits = limitsOf(appId)
    if (limits === null || result.outcome === 'rejected' || result.outcome === 'unknown') return
    followCard(facts, result, limits).catch((error: unknown) => {
      log.error({ err: error, appId }, 'The charge guard could not count a card')
    })
    if (result.outcome !== 'declined') return
    // The next attempt must see the failure, so this one is answered after it is counted.
    const allowances = allowancesOf(facts, limits)
    await count(
      appId,
      allowances.map((allowance) => ({ allowance, attempts: 0, failures: 1 })),
    )
  }
}
