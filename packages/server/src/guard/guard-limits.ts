/** How many attempts the guard lets through: for the public, for sandbox and tests, or as the settings say. */
import type { Config } from '../config.ts'
import type { AttemptLimits } from '../settings/setting-values.ts'
import type { AppMode } from '../store/app-store.ts'
import type { SubjectKind } from '../store/guard-window.ts'

export type GuardLimits = Readonly<Record<SubjectKind, AttemptLimits>>

export type GuardSettings = Pick<
  Config,
  | 'GUARD'
  | 'GUARD_ADDRESS'
  | 'GUARD_CLIENT_KEY'
  | 'GUARD_CARD'
  | 'GUARD_ORDER'
  | 'GUARD_PROOF_ADDRESS'
  | 'GUARD_PROOF_CLIENT_KEY'
>

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const limits = (attempts: number | null, failures: number | null, windowMs: number): AttemptLimits => ({
  attempts,
  failures,
  windowMs,
})

/** A shopper may mistype a card a few times, and an office shares one address; a card tester needs hundreds. */
const STRICT: GuardLimits = {
  address: limits(20, 5, 10 * MINUTE),
  key: limits(2_000, 100, 10 * MINUTE),
  card: limits(20, 5, HOUR),
  order: limits(10, null, 24 * HOUR),
  proof_address: limits(null, 20, 10 * MINUTE),
  proof_key: limits(null, 2_000, 10 * MINUTE),
}

/** A test suite or a benchmark charges from one address with a handful of test cards. */
const LENIENT: GuardLimits = {
  address: limits(20_000, 300, 10 * MINUTE),
  key: limits(20_000, 2_000, 10 * MINUTE),
  card: limits(null, 1_000, HOUR),
  order: limits(200, null, 24 * HOUR),
  // Nothing of a test suite guesses on and on.
  proof_address: limits(null, 60, 10 * MINUTE),
  proof_key: limits(null, 2_000, 10 * MINUTE),
}

/** @returns null when nothing is to be counted. */
export function guardLimits(settings: GuardSettings, mode: AppMode): GuardLimits | null {
  if (settings.GUARD === 'off') return null
  const isStrict = settings.GUARD === 'strict' || (settings.GUARD === 'auto' && mode === 'live')
  const base = isStrict ? STRICT : LENIENT
  return {
    address: settings.GUARD_ADDRESS ?? base.address,
    key: settings.GUARD_CLIENT_KEY ?? base.key,
    card: settings.GUARD_CARD ?? base.card,
    order: settings.GUARD_ORDER ?? base.order,
    proof_address: settings.GUARD_PROOF_ADDRESS ?? base.proof_address,
    proof_key: settings.GUARD_PROOF_CLIENT_KEY ?? base.proof_key,
  }
}
