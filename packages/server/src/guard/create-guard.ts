/** The charge guard put together: leave to charge, the count of what came of it, and the operator's brake. */
import type { FastifyInstance } from 'fastify'
import type { AppId } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import type { AppAdmin } from '../http/app-admin.ts'
import type { Log } from '../log.ts'
import type { Outbound } from '../outbound/create-outbound.ts'
import type { AppMode } from '../store/app-store.ts'
import type { GuardStore } from '../store/guard-store.ts'
import { type AdmitAttempt, createAdmitAttempt, stopped } from './admit-attempt.ts'
import { registerBrakeRoutes } from './brake-routes.ts'
import { type CaptchaSettings, createCaptcha } from './captcha.ts'
import { createCountCard } from './count-card.ts'
import { type GuardSettings, guardLimits } from './guard-limits.ts'
import { createNoteRefusedProof, type NoteRefusedProof } from './refused-proofs.ts'
import { createReportAttempt, type ReportAttempt } from './report-attempt.ts'
import { createWatchPayments, type WatchPayments } from './watch-payments.ts'

export interface GuardDeps {
  readonly guard: GuardStore
  readonly config: GuardSettings & CaptchaSettings
  readonly appAdmin: AppAdmin
  modeOf(appId: AppId): AppMode
  /** Asks Stripe which card this is; null when it does not say. */
  cardFingerprint(appId: AppId, card: string): Promise<string | null>
  /** Asks Stripe for the card that a payment was declined with. */
  declinedFingerprint(appId: AppId, paymentIntentId: string): Promise<string | null>
  /** Ends a payment that a page confirms by itself. */
  cancelPayment(appId: AppId, paymentIntentId: string): Promise<void>
  /** Asks the captcha service. */
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Log
}

export interface Guard {
  readonly admitAttempt: AdmitAttempt
  /** Throws `charges_stopped` while the brake is on; counts nothing. */
  assertChargesGoOn(appId: AppId): Promise<void>
  readonly reportAttempt: ReportAttempt
  readonly noteRefusedProof: NoteRefusedProof
  /** Told of each fresh event, for what fails at Stripe without passing here. */
  readonly noteEvent: WatchPayments['note']
  registerRoutes(fastify: FastifyInstance): void
  /** Drops counters that no longer count. */
  sweep(): Promise<void>
}

const SWEPT_AT_ONCE = 2_000

export function createGuard({ config, ...deps }: GuardDeps): Guard {
  const { guard, log } = deps
  const now = () => deps.clock.now()
  const limitsOf = (appId: AppId) => guardLimits(config, deps.modeOf(appId))
  const captcha = createCaptcha(config, deps)
  const countCard = createCountCard({ guard, limitsOf, log, now })
  const watching = createWatchPayments({ ...deps, limitsOf, countCard, now })
  return {
    admitAttempt: createAdmitAttempt({ ...deps, limitsOf, captcha, now }),
    async assertChargesGoOn(appId) {
      const brake = await guard.brake(appId)
      if (brake?.isOn === true) throw stopped(brake)
    },
    reportAttempt: createReportAttempt({ ...deps, limitsOf, countCard, watch: watching.watch, now }),
    noteRefusedProof: createNoteRefusedProof({ ...deps, limitsOf, now }),
    noteEvent: watching.note,
    registerRoutes: (fastify) => registerBrakeRoutes(fastify, { ...deps, now }),
    async sweep() {
      await guard.sweep(now(), SWEPT_AT_ONCE)
    },
  }
}
