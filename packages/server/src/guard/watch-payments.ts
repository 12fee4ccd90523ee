/** Payments that a page confirms by itself, at Stripe: their failures are learned from events and counted all the same. */
import type { AppId } from '../access/principal.ts'
import type { Log } from '../log.ts'
import type { StoredEvent } from '../store/event-store.ts'
import type { Count, GuardStore } from '../store/guard-store.ts'
import type { Allowance } from '../store/guard-window.ts'
import { readStoredJson } from '../store/stored-json.ts'
import type { CountCard } from './count-card.ts'
import type { GuardLimits } from './guard-limits.ts'
import { type AttemptFacts, allowancesOf, paymentAllowance } from './guard-subjects.ts'

export interface WatchPaymentsDeps {
  readonly guard: Pick<GuardStore, 'watchPayment' | 'watchedPayment' | 'count'>
  limitsOf(appId: AppId): GuardLimits | null
  readonly countCard: CountCard
  /** Ends a payment, so that its client secret is worth nothing any more. */
  cancelPayment(appId: AppId, paymentIntentId: string): Promise<void>
  readonly log: Log
  now(): number
}

export interface WatchPayments {
  /** Remembers who made a payment whose cards we do not see. */
  watch(facts: AttemptFacts, paymentIntentId: string): Promise<void>
  /** Told of each fresh event. Never throws: the event is stored, whatever becomes of our counting. */
  note(event: StoredEvent): void
}

export function createWatchPayments(deps: WatchPaymentsDeps): WatchPayments {
  const { guard, limitsOf, log, now } = deps

  async function countFailure(event: StoredEvent, paymentIntentId: string): Promise<void> {
    const { appId } = event
    const limits = limitsOf(appId)
    if (limits === null) return
    const watched = await guard.watchedPayment(appId, paymentIntentId, now())
    // Cards that were tried through us are counted where they were tried.
    if (watched === null) return
    const counts = watched.subjects.map(({ kind, subject }): Count => {
      const allowance: Allowance = { kind, subject, ...limits[kind] }
      return { allowance, attempts: kind === 'order' ? 1 : 0, failures: 1 }
    })
    const tallies = await guard.count(appId, counts, now())
    const fingerprint = fingerprintIn(event.payload)
    if (fingerprint !== null) await deps.countCard(appId, fingerprint, 1)
    if (!tallies.some(({ exceeded }) => exceeded?.kind === 'order')) return
    log.warn({ appId, paymentIntentId }, 'The charge guard cancels a payment after too many failed cards')
    await deps.cancelPayment(appId, paymentIntentId)
  }

  return {
    async watch(facts, paymentIntentId) {
      const limits = limitsOf(facts.appId)
      if (limits === null) return
      const allowances = allowancesOf(facts, limits).filter(({ kind }) => kind !== 'order')
      const own = paymentAllowance(facts.appId, limits, paymentIntentId)
      await guard.watchPayment({
        appId: facts.appId,
        paymentIntentId,
        subjects: [...allowances, own].map(({ kind, subject }) => ({ kind, subject })),
        expiresAt: now() + limits.order.windowMs,
      })
    },
    note(event) {
      const { type, paymentIntentId } = event
      if (type !== 'payment_intent.payment_failed' || paymentIntentId === null || event.flag !== null) return
      countFailure(event, paymentIntentId).catch((error: unknown) => {
        log.error({ err: error, eventId: event.eventId }, 'The charge guard could not count a failed payment')
      })
    },
  }
}

interface FailedPayment {
  readonly data?: {
    readonly object?: {
      readonly last_payment_error?: {
        readonly payment_method?: { readonly card?: { readonly fingerprint?: string | null } | null } | null
      } | null
    }
  }
}

function fingerprintIn(payload: string): string | null {
  const { data } = readStoredJson(payload) as FailedPayment
  return data?.object?.last_payment_error?.payment_method?.card?.fingerprint ?? null
}
