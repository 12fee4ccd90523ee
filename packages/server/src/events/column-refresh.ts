/**
 * Brings the columns of older events up to what this version reads out of them: in the background, a few at a time, from
 * where an earlier run was interrupted. Their places in the log stay, so nobody is told of them again.
 */
import type { Log } from '../log.ts'
import type { EventStore, FactsOf } from '../store/event-store.ts'
import { readStoredJson } from '../store/stored-json.ts'
import { eventFacts, FACTS_VERSION } from '../stripe/event-facts.ts'

export interface ColumnRefreshDeps {
  readonly events: Pick<EventStore, 'refreshColumns'>
  /** A timer that does not keep the process alive. */
  after(ms: number, run: () => void): () => void
  readonly log: Pick<Log, 'info' | 'error'>
}

export interface ColumnRefresh {
  /** Begins, or goes on; resolves at once. */
  start(): void
  /** Ends after the batch at hand. */
  stop(): Promise<void>
}

/** One commit's worth: reading and rewriting these takes the event loop a few milliseconds. */
const BATCH = 50
/** Between two batches, so that requests and webhooks have most of the time. */
const PAUSE_MS = 25
/** After a failure of the store. */
const RETRY_MS = 10_000

export function createColumnRefresh({ events, after, log }: ColumnRefreshDeps): ColumnRefresh {
  let running: Promise<void> = Promise.resolve()
  let stop: (() => void) | null = null

  async function run(stopped: Promise<void>, isStopped: () => boolean): Promise<void> {
    let total = 0
    while (!isStopped()) {
      const outcome = await events
        .refreshColumns({ version: FACTS_VERSION, limit: BATCH, factsOf: columnsOf })
        .catch((error: unknown) => {
          if (!isStopped())
            log.error({ err: error }, 'Columns of older events could not be brought up to date')
          return null
        })
      total += outcome?.changed ?? 0
      if (outcome?.isDone === true) break
      let stopWaiting = () => {}
      const paused = new Promise<void>((resolve) => {
        stopWaiting = after(outcome === null ? RETRY_MS : PAUSE_MS, resolve)
      })
      await Promise.race([paused, stopped])
      stopWaiting()
    }
    if (total > 0) log.info({ events: total }, 'Columns of older events were brought up to date')
  }

  return {
    start() {
      if (stop !== null) return
      const { promise, resolve } = Promise.withResolvers<void>()
      let isStopped = false
      stop = () => {
        isStopped = true
        resolve()
      }
      running = run(promise, () => isStopped)
    },
    async stop() {
      stop?.()
      await running
    },
  }
}

/** null for a text that is no event any more. */
const columnsOf: FactsOf = (payload) => {
  try {
    const event = readStoredJson(payload)
    return typeof event === 'object' && event !== null ? eventFacts({ ...event }) : null
  } catch {
    return null
  }
}
