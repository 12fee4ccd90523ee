/** Cuts old events and calls down to ids, amounts and states, a few at a time, so that webhooks never wait for it. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EventStore } from '../store/event-store.ts'
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import { stripPayload, stripValue } from './strip-payload.ts'

export interface RetentionJobDeps {
  readonly events: Pick<EventStore, 'rewriteOldest' | 'eraseTraces'>
  readonly attempts: Pick<PaymentAttemptStore, 'rewriteOldest'>
  /** Events, and calls to Stripe, keep their text for so many days; 0: for ever. */
  readonly retentionDays: number
  readonly clock: Clock
  /** The time as Stripe confirms it; null: not now, so nothing is old for sure. */
  confirmedNow(mayAsk: boolean): Promise<number | null>
  /** A timer that does not keep the process alive. */
  every(ms: number, run: () => void): () => void
  readonly log: Pick<Log, 'info' | 'error'>
}

export interface RetentionJob {
  /** Looks now, and from then on every hour. */
  start(): void
  /** Ends after the batch at hand. */
  stop(): Promise<void>
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** One commit's worth: reading and rewriting these takes the event loop a few milliseconds. */
const BATCH = 50

export function createRetentionJob(deps: RetentionJobDeps): RetentionJob {
  const { events, attempts, retentionDays, clock, log } = deps
  let running: Promise<void> | null = null
  let isStopped = false
  let stopTimer = () => {}

  async function cutOld(mayAsk: boolean): Promise<void> {
    const now = await deps.confirmedNow(mayAsk)
    if (now === null) return
    const createdBefore = now - retentionDays * DAY_MS
    const limit = BATCH
    const ofEvents = await batches(() =>
      events.rewriteOldest({ createdBefore, limit, rewrite: stripPayload, now: clock.now() }),
    )
    const ofAttempts = await batches(() =>
      attempts.rewriteOldest({ createdBefore, limit, rewrite: stripValue }),
    )
    if (ofEvents + ofAttempts === 0) return
    await events.eraseTraces()
    log.info(
      { events: ofEvents, attempts: ofAttempts, retentionDays },
      'Old rows were cut down to ids and amounts',
    )
  }

  /** @returns how many rows changed, after the last batch or at the stop. */
  async function batches(
    next: () => Promise<{ readonly examined: number; readonly changed: number }>,
  ): Promise<number> {
    let total = 0
    while (!isStopped) {
      const { examined, changed } = await next()
      total += changed
      if (examined < BATCH) break
    }
    return total
  }

  function run(mayAsk: boolean): void {
    running ??= cutOld(mayAsk)
      // The next hour goes on from the same place.
      .catch((error: unknown) => log.error({ err: error }, 'Old events could not be cut down'))
      .finally(() => {
        running = null
      })
  }

  return {
    start() {
      if (retentionDays === 0) return
      stopTimer = deps.every(HOUR_MS, () => run(true))
      // A start adds no call of its own: gap repair asks Stripe anyway.
      run(false)
    },
    async stop() {
      isStopped = true
      stopTimer()
      await running
    },
  }
}
