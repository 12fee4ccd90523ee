/** Counts attempts of one card, and blocks the card while its limit is used up. */
import type { AppId } from '../access/principal.ts'
import type { Log } from '../log.ts'
import type { GuardStore } from '../store/guard-store.ts'
import type { GuardLimits } from './guard-limits.ts'
import { cardAllowance } from './guard-subjects.ts'

export interface CountCardDeps {
  readonly guard: Pick<GuardStore, 'count' | 'blockCard'>
  limitsOf(appId: AppId): GuardLimits | null
  readonly log: Log
  now(): number
}

/** @param failures whether this attempt was declined */
export type CountCard = (appId: AppId, fingerprint: string, failures: 0 | 1) => Promise<void>

export function createCountCard({ guard, limitsOf, log, now }: CountCardDeps): CountCard {
  return async (appId, fingerprint, failures) => {
    const limits = limitsOf(appId)
    if (limits === null) return
    const allowance = cardAllowance(appId, limits, fingerprint)
    const [tally] = await guard.count(appId, [{ allowance, attempts: 1, failures }], now())
    const exceeded = tally?.exceeded
    if (!exceeded) return
    log.warn({ appId, what: exceeded.what }, 'The charge guard blocks a card for a while')
    await guard.blockCard(appId, allowance.subject, exceeded.retryAt)
  }
}
