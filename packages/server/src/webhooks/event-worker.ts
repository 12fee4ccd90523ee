/** Keeps events from staying unhandled: takes fresh ones as they are stored, and sweeps up what is due. */
import type { EventStore } from '../store/event-store.ts'
import { type FreshEvent, type HandleEventDeps, handleEvent } from './handle-event.ts'
import { LEASE_MS } from './lease.ts'

/** Calls `run` every `ms` milliseconds until the returned function is called. */
export type Every = (ms: number, run: () => void) => () => void

export interface EventWorkerDeps extends HandleEventDeps {
  readonly events: Pick<EventStore, 'finish' | 'fail' | 'leaseDue'>
  /** A timer that does not keep the process alive, unless told. */
  readonly every?: Every
  /** Runs the callback after the answers that are ready have been sent; `setImmediate` unless told. */
  readonly afterAnswers?: (run: () => void) => void
}

export interface EventWorker {
  /** Sweeps what an earlier process left, and from then on what becomes due. */
  start(): void
  /** Handles a fresh event, soon: its delivery is answered first. Failures are logged and tried again when due. */
  take(leased: FreshEvent): void
  /** Takes no more; resolves when all that was under way is settled. */
  stop(): Promise<void>
}

/** The shortest delay of the retry schedule is seconds, so a look each second is soon enough. */
const SWEEP_EVERY_MS = 1_000
const SWEEP_LIMIT = 100

const everyInterval: Every = (ms, run) => {
  const timer = setInterval(run, ms)
  timer.unref()
  return () => clearInterval(timer)
}

export function createEventWorker(deps: EventWorkerDeps): EventWorker {
  const { events, clock, log, every = everyInterval } = deps
  const afterAnswers = deps.afterAnswers ?? ((run) => void setImmediate(run))
  const underWay = new Set<Promise<void>>()
  let fresh: FreshEvent[] = []
  let isSweeping = false
  let isStopped = false
  let stopTimer = () => {}

  function track(work: Promise<void>): Promise<void> {
    underWay.add(work)
    return work.finally(() => underWay.delete(work))
  }

  async function handle(leased: FreshEvent): Promise<void> {
    try {
      await handleEvent(leased, deps)
    } catch (error) {
      log.error({ err: error, eventId: leased.event.eventId }, 'Event handling could not be recorded')
    }
  }

  function handleFresh(): void {
    const taken = fresh
    fresh = []
    for (const leased of taken) void track(handle(leased))
  }

  async function sweep(): Promise<void> {
    if (isSweeping || isStopped) return
    isSweeping = true
    try {
      for (;;) {
        const due = await events.leaseDue({ now: clock.now(), leaseMs: LEASE_MS, limit: SWEEP_LIMIT })
        await Promise.all(due.map(handle))
        if (due.length < SWEEP_LIMIT || isStopped) return
      }
    } catch (error) {
      log.error({ err: error }, 'Events that are due could not be read')
    } finally {
      isSweeping = false
    }
  }

  return {
    start() {
      stopTimer = every(SWEEP_EVERY_MS, () => void track(sweep()))
      void track(sweep())
    },
    take(leased) {
      if (isStopped) return
      fresh.push(leased)
      if (fresh.length === 1) afterAnswers(handleFresh)
    },
    async stop() {
      isStopped = true
      stopTimer()
      handleFresh()
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
