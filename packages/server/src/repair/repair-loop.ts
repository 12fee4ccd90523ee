/** Runs gap repair: at once for what was missed while nobody listened, and then on timers. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import { type CheckAmountsDeps, checkAmounts } from './check-amounts.ts'
import { type PollPaymentsDeps, pollPayments } from './poll-payments.ts'
import { type EventSourceGateway, type RepairEventsDeps, repairEvents } from './repair-events.ts'
import type { SilenceWatch } from './watch-silence.ts'

/** Runs `run` every `ms` milliseconds until the returned function is called. */
export type Every = (ms: number, run: () => void) => () => void

export interface RepairedApp {
  readonly appId: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

type TimedSource = EventSourceGateway & Pick<StripeGateway, 'time'>

export interface RepairLoopDeps extends Omit<PollPaymentsDeps, 'stripeFor' | 'log'>, CheckAmountsDeps {
  readonly payments: PollPaymentsDeps['payments'] & CheckAmountsDeps['payments']
  /** Asked at each run. */
  apps(): readonly RepairedApp[]
  /** Throws a ServiceError for an app whose Stripe account is not set up. */
  stripeFor(appId: string): TimedSource & ReturnType<PollPaymentsDeps['stripeFor']>
  readonly storeEvent: RepairEventsDeps['storeEvent']
  /** Told how each comparison ended, and of how many events that no webhook brought. */
  onRepaired?(outcome: 'done' | 'failed', stored: number): void
  readonly progress: RepairEventsDeps['progress']
  readonly silence: Pick<SilenceWatch, 'check'>
  readonly skew: { check(): Promise<void> }
  readonly clock: Clock
  readonly every: Every
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** Between two comparisons with Stripe's events; 0: neither events nor payments are asked for. */
  readonly intervalMs: number
}

export interface RepairLoop {
  /** Starts the first run, and the timers; resolves at once. */
  start(): void
  /** Starts nothing more; resolves when what is under way has ended, or after a second: Stripe may not answer. */
  stop(): Promise<void>
  /** Whether the app's log was held against Stripe's list since the start, or is not to be. */
  hasCompared(appId: string): boolean
}

const GRACE_MS = 10_000
const POLL_EVERY_MS = 5_000
const CHECK_EVERY_MS = 1_000
/** A reading that comes in later finds a closed store, and is made again at the next start. */
const STOP_WAIT_MS = 1_000

export function createRepairLoop(deps: RepairLoopDeps): RepairLoop {
  const { clock, every, log, intervalMs } = deps
  let isStopped = false
  const cancels: (() => void)[] = []
  const underWay = new Set<Promise<void>>()
  const compared = new Set<string>()
  const lastFailure = new Map<string, string>()

  /** One run at a time; a failure is logged, and the next turn tries again. */
  function job(what: string, work: () => Promise<void>): () => void {
    let running = false
    return () => {
      if (running || isStopped) return
      running = true
      const run = work()
        .catch((error: unknown) => {
          if (!isStopped) log.error({ err: error }, `${what} failed`)
        })
        .finally(() => {
          running = false
          underWay.delete(run)
        })
      underWay.add(run)
    }
  }

  /** Stripe's own, since its list is asked for by it. */
  async function timeAt(stripe: TimedSource): Promise<number> {
    if (stripe.time.now() === null) await stripe.listEvents({ limit: 1 })
    return stripe.time.now() ?? clock.now()
  }

  async function repairAll(graceMs: number): Promise<void> {
    for (const { appId, createdAt } of deps.apps()) {
      if (isStopped) return
      await repairApp(appId, createdAt, graceMs)
      await deps.silence.check(appId)
    }
  }

  async function repairApp(appId: string, appCreatedAt: number, graceMs: number): Promise<void> {
    try {
      const stripe = deps.stripeFor(appId)
      const { stored } = await repairEvents(
        { appId, appCreatedAt, now: await timeAt(stripe), graceMs },
        { stripe, storeEvent: deps.storeEvent, progress: deps.progress },
      )
      lastFailure.delete(appId)
      deps.onRepaired?.('done', stored)
      compared.add(appId)
      if (stored > 0) log.info({ appId, stored }, "Events that no webhook brought came from Stripe's list")
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      // A key without the permission fails at every turn; the first time says it.
      deps.onRepaired?.('failed', 0)
      if (isStopped || lastFailure.get(appId) === error.code) return
      lastFailure.set(appId, error.code)
      log.warn({ appId, code: error.code }, `Stripe's events could not be listed: ${error.message}`)
    }
  }

  let isFirst = true
  const repair = job('Comparing events with Stripe', () => {
    const graceMs = isFirst ? 0 : Math.min(GRACE_MS, intervalMs)
    isFirst = false
    return repairAll(graceMs)
  })
  const poll = job('Polling payments', () => pollPayments(deps, () => isStopped))
  const check = job('Checking amounts', async () => {
    await deps.skew.check()
    await checkAmounts(deps)
  })

  return {
    start() {
      check()
      cancels.push(every(CHECK_EVERY_MS, check))
      if (intervalMs === 0) return
      repair()
      poll()
      cancels.push(every(intervalMs, repair), every(Math.min(POLL_EVERY_MS, intervalMs), poll))
    },
    async stop() {
      isStopped = true
      for (const cancel of cancels) cancel()
      let stopWaiting = () => {}
      const longEnough = new Promise<void>((resolve) => {
        stopWaiting = every(STOP_WAIT_MS, resolve)
      })
      await Promise.race([Promise.all(underWay), longEnough])
      stopWaiting()
    },
    hasCompared: (appId) => intervalMs === 0 || compared.has(appId),
  }
}
