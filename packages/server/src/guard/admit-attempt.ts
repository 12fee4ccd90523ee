/** Whether a charge may be tried: the brake, the limits, blocked cards and the captcha, in this order. */
import type { AppId } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Brake, GuardStore, Standing } from '../store/guard-store.ts'
import type { Allowance, Exceeded, SubjectKind } from '../store/guard-window.ts'
import type { Captcha } from './captcha.ts'
import type { GuardLimits } from './guard-limits.ts'
import { type AttemptFacts, allowancesOf, cardAllowance } from './guard-subjects.ts'

export interface AdmitAttemptDeps {
  readonly guard: Pick<GuardStore, 'standing' | 'admit' | 'blockedUntil'>
  /** null: nothing is counted. */
  limitsOf(appId: AppId): GuardLimits | null
  /** null: off. */
  readonly captcha: Captcha | null
  /** Asks Stripe which card this is; null when it does not say. */
  cardFingerprint(appId: AppId, card: string): Promise<string | null>
  readonly log: Log
  now(): number
}

export type AdmitAttempt = (facts: AttemptFacts) => Promise<void>

/** Throws `charges_stopped`, `charge_limited`, `captcha_required`, `captcha_failed` or `captcha_unavailable`. */
export function createAdmitAttempt(deps: AdmitAttemptDeps): AdmitAttempt {
  const { guard, captcha, log, now } = deps

  async function refuseBlockedCard(facts: AttemptFacts, limits: GuardLimits): Promise<void> {
    const { appId, card } = facts
    if (card === null) return
    const fingerprint = await deps.cardFingerprint(appId, card)
    if (fingerprint === null) return
    const allowance = cardAllowance(appId, limits, fingerprint)
    const until = await guard.blockedUntil(appId, allowance.subject, now())
    if (until === null) return
    throw limited({ ...allowance, what: 'failures', limit: allowance.failures ?? 0, retryAt: until }, now())
  }

  /** Throws unless the payer has shown to be a person, or need not. */
  async function passCaptcha(
    facts: AttemptFacts,
    standing: Standing,
    all: readonly Allowance[],
  ): Promise<void> {
    if (captcha === null || facts.role === 'server') return
    // Of a payer with a proof, the first is about his own payment.
    const failures = standing.tallies.find((_tally, index) => all[index]?.kind === 'address')?.failures ?? 0
    if (failures < captcha.afterFailures && (hasProof(facts) || wornOutKey(standing) === null)) return
    if (facts.captcha === null) {
      throw new ServiceError('captcha_required', {
        message: `Show the captcha (${captcha.widget.provider}) and send the same request with its answer in the field captcha.`,
        param: 'captcha',
        details: { captcha: captcha.widget },
      })
    }
    await captcha.verify(facts.captcha, facts.address)
  }

  return async (facts) => {
    const { appId } = facts
    const limits = deps.limitsOf(appId)
    const all = limits === null ? [] : allowancesOf(facts, limits)
    const standing = await guard.standing(appId, all, now())
    if (standing.brake !== null) throw stopped(standing.brake)
    if (limits === null && captcha === null) return

    const refuse = (exceeded: Exceeded) => {
      log.warn({ appId, limit: exceeded.kind, what: exceeded.what }, 'The charge guard refused an attempt')
      return limited(exceeded, now())
    }
    // A refusal comes first: nobody shall solve a captcha in vain.
    const final = standing.tallies.find(({ exceeded }) => exceeded !== null && exceeded.kind !== 'key')
    if (final?.exceeded) throw refuse(final.exceeded)
    const wornOut = wornOutKey(standing)
    if (wornOut !== null && captcha === null && !hasProof(facts) && !isClean(standing, all)) {
      throw refuse(wornOut)
    }
    if (limits !== null && standing.hasBlockedCards) await refuseBlockedCard(facts, limits)
    await passCaptcha(facts, standing, all)

    // What others did with the same public key is counted, and is no reason by itself to turn anybody away.
    const allowances = all.map((it) => (it.kind === 'key' ? { ...it, attempts: null, failures: null } : it))
    const admission = await guard.admit(appId, allowances, now())
    if (admission.outcome === 'stopped') throw stopped(admission.brake)
    if (admission.outcome === 'limited') throw refuse(admission.exceeded)
  }
}

function hasProof({ paymentIntentId }: AttemptFacts): boolean {
  return paymentIntentId !== null
}

/** Too many attempts or failures of one client key, which all payers of a page share. */
function wornOutKey({ tallies }: Standing): Exceeded | null {
  return tallies.find(({ exceeded }) => exceeded?.kind === 'key')?.exceeded ?? null
}

/** Whether nothing has failed at this address of late. */
function isClean({ tallies }: Standing, all: readonly Allowance[]): boolean {
  const index = all.findIndex(({ kind }) => kind === 'address')
  return index >= 0 && (tallies[index]?.failures ?? 0) === 0
}

const NAMES: Readonly<Record<SubjectKind, string>> = {
  address: 'from this address',
  key: 'with this client key',
  card: 'with this card',
  order: 'for this order',
  proof_address: 'from this address',
  proof_key: 'with this client key',
}

function limited({ kind, what, limit, windowMs, retryAt }: Exceeded, now: number): ServiceError {
  const seconds = Math.max(1, Math.ceil((retryAt - now) / 1000))
  const many = what === 'attempts' ? 'attempts to pay' : 'failed attempts to pay'
  return new ServiceError('charge_limited', {
    message: `There were too many ${many} ${NAMES[kind]} (at most ${limit} in ${span(windowMs)}). Nothing was charged; try again in ${seconds} seconds.`,
    details: { limit: kind === 'key' ? 'client_key' : kind },
    retryAfterSeconds: seconds,
  })
}

function span(ms: number): string {
  const minutes = ms / 60_000
  if (minutes < 1) return `${ms / 1000} seconds`
  return minutes < 120 ? `${Math.round(minutes)} minutes` : `${Math.round(minutes / 60)} hours`
}

/** What a refused charge is told while the brake is on. */
export function stopped({ reason }: Brake): ServiceError {
  return new ServiceError('charges_stopped', {
    message: `New charges are stopped by the operator for now${reason === null ? '' : `: ${reason}`}. Nothing was charged; try again later.`,
    retryAfterSeconds: 60,
  })
}
