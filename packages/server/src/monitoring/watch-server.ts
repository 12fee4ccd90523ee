/** Looks after the server every few seconds, and raises what an operator must know. */
import type { Alarms } from '../alarms/alarms.ts'
import type { SteadyClock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EventStore } from '../store/event-store.ts'
import type { StoreHealth } from '../store/store-health.ts'
import { createConditionAlarms } from './condition-alarms.ts'
import { MOST_OVERDUE_MS } from './judge-readiness.ts'
import type { Vitals, VitalsReader } from './vitals.ts'

export interface ServerWatchDeps {
  readonly vitals: VitalsReader
  readonly alarms: Alarms
  readonly events: Pick<EventStore, 'page' | 'handling'>
  readonly health: Pick<StoreHealth, 'onNews'>
  /** Below it the disk is nearly full. */
  readonly diskAlarmBytes: number
  readonly steady: SteadyClock
  every(ms: number, run: () => void): () => void
  readonly log: Pick<Log, 'error'>
}

export interface ServerWatch {
  start(): void
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 5_000
const MEGABYTE = 1024 * 1024
const END_OF_LOG = Number.MAX_SAFE_INTEGER

export function createServerWatch(deps: ServerWatchDeps): ServerWatch {
  const { vitals, alarms, steady, every, log } = deps
  const conditions = createConditionAlarms(alarms, steady)
  let running: Promise<void> | null = null
  let cancels: (() => void)[] = []

  async function look(): Promise<void> {
    const seen = await vitals.look({ atMostOldMs: 0 })
    conditions.set({ appId: null, kind: 'store_failing', subject: 'store' }, seen.storeTrouble)
    conditions.set({ appId: null, kind: 'disk_nearly_full', subject: 'disk' }, diskMessage(seen))
    conditions.set({ appId: null, kind: 'queue_delayed', subject: 'events' }, queueMessage(seen))
    for (const [appId, { dead }] of seen.apps) {
      const message = dead === 0 ? null : await deadMessage(appId, dead)
      conditions.set({ appId, kind: 'event_dead', subject: appId }, message)
    }
  }

  const run = () => {
    running ??= look()
      .catch((error: unknown) => log.error({ err: error }, 'The server could not be looked after'))
      .finally(() => {
        running = null
      })
  }

  function diskMessage({ space }: Vitals): string | null {
    if (space === null || space.diskFree >= deps.diskAlarmBytes) return null
    const free = Math.floor(space.diskFree / MEGABYTE)
    return `${free} MB are free on the disk of the database, of ${Math.floor(space.disk / MEGABYTE)} MB.`
  }

  /** With the newest of them by name, and why it failed. */
  async function deadMessage(appId: string, dead: number): Promise<string> {
    const newest = { appId, state: 'dead', where: null, before: END_OF_LOG, limit: 1 } as const
    const [event] = await deps.events.page(newest)
    const count = `${dead} ${dead === 1 ? 'event is' : 'events are'} dead.`
    if (event === undefined) return count
    const error = (await deps.events.handling(event.position))?.attempts.at(-1)?.error
    return `${count} The newest is ${event.eventId} (${event.type})${typeof error === 'string' ? `: ${error}` : ''}`
  }

  return {
    start() {
      cancels = [every(LOOK_EVERY_MS, run), deps.health.onNews(run)]
      run()
    },
    async stop() {
      for (const cancel of cancels) cancel()
      await running
    },
  }
}

function queueMessage({ overdueMs, waiting }: Vitals): string | null {
  if (overdueMs <= MOST_OVERDUE_MS) return null
  return `${waiting} events wait, and one has been due for ${Math.round(overdueMs / 1000)} s.`
}
