/** Runs calls one at a time, each in one transaction, and whatever comes due on the clock. */
import type { Call } from './api/call.ts'
import { type Clock, isManualClock } from './clock.ts'
import type { Delivery, DeliveryLog } from './delivery-log.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import { recordEvent } from './events.ts'
import type { Ids } from './ids.ts'
import type { Database } from './store/database.ts'
import type { ObjectStore } from './store/object-store.ts'
import { timerActions } from './timer-actions.ts'
import type { Timers } from './timers.ts'

/** Who calls: a request, or a timer, which has neither id nor key. */
export interface Caller {
  requestId: string | null
  idempotencyKey: string | null
  apiVersion?: string | undefined
  publishable?: boolean
}

export interface Engine {
  /** Keeps all that `work` does, or nothing if it throws; then its events go out. */
  run<T>(caller: Caller, work: (call: Call) => T): T
  /** Runs the timers and sends the deliveries whose time has come. */
  runDue(): void
  /** When something is due that is not due yet, in epoch milliseconds. */
  nextDue(): number | undefined
  /** With a real clock: wakes up when the next thing is due. */
  schedule(): void
  stop(): void
}

export interface EngineDeps {
  database: Database
  store: ObjectStore
  timers: Timers
  deliveries: DeliveryLog
  queue: DeliveryQueue
  ids: Ids
  clock: Clock
  accountId(): string
  baseUrl(): string
  reportFault(error: unknown): void
}

const LONGEST_WAIT_MS = 0x7fffffff
const ON_ITS_OWN: Caller = { requestId: null, idempotencyKey: null }

export function createEngine(deps: EngineDeps): Engine {
  const { database, store, timers, deliveries, queue, ids, clock } = deps
  let alarm: NodeJS.Timeout | undefined

  function callFor(caller: Caller, outgoing: Delivery[]): Call {
    const nowMs = clock.now()
    const request = { id: caller.requestId, idempotency_key: caller.idempotencyKey }
    return {
      store,
      now: Math.floor(nowMs / 1000),
      newId: (prefix, length) => ids.next(prefix, length),
      record(type, object, before) {
        outgoing.push(...recordEvent({ store, deliveries, ids, nowMs, request }, type, object, before))
      },
      later: (kind, objectId, delayMs) => timers.add({ kind, objectId, dueAt: nowMs + delayMs }),
      redeliver(eventId, endpointId) {
        outgoing.push(deliveries.add({ eventId, endpointId, nextAt: nowMs, byHand: true }))
      },
      apiVersion: caller.apiVersion ?? '',
      publishable: caller.publishable ?? false,
      baseUrl: deps.baseUrl(),
      requestLogUrl: `https://dashboard.stripe.com/test/logs/${caller.requestId}?t=${Math.floor(nowMs / 1000)}`,
      accountId: deps.accountId(),
    }
  }

  function run<T>(caller: Caller, work: (call: Call) => T): T {
    const outgoing: Delivery[] = []
    const result = database.transaction(() => work(callFor(caller, outgoing)))
    if (outgoing.length > 0) queue.enqueue(outgoing)
    return result
  }

  function runDueTimers(): void {
    for (;;) {
      const timer = timers.first()
      if (!timer || timer.dueAt > clock.now()) return
      try {
        run(ON_ITS_OWN, (call) => {
          timers.remove(timer.id)
          timerActions[timer.kind](call, timer.objectId)
        })
      } catch (error) {
        // What it would have done is undone; it must not come due for ever.
        timers.remove(timer.id)
        deps.reportFault(error)
      }
    }
  }

  const engine: Engine = {
    run,
    runDue() {
      runDueTimers()
      queue.sendDue()
      engine.schedule()
    },
    nextDue() {
      const dueTimes = [timers.first()?.dueAt, queue.nextDue()].filter((due) => due !== undefined)
      return dueTimes.length > 0 ? Math.min(...dueTimes) : undefined
    },
    schedule() {
      if (isManualClock(clock)) return
      clearTimeout(alarm)
      const due = engine.nextDue()
      if (due === undefined) return
      alarm = setTimeout(engine.runDue, Math.min(Math.max(due - clock.now(), 0), LONGEST_WAIT_MS))
      alarm.unref()
    },
    stop: () => clearTimeout(alarm),
  }
  return engine
}
