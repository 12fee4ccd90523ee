/** Sends due webhook deliveries, each endpoint apart from the others, and lets tests disturb them. */
import type { Clock } from './clock.ts'
import type { WebhookSender } from './deliver-webhook.ts'
import type { Delivery, DeliveryLog } from './delivery-log.ts'
import { renderEvent } from './events.ts'
import { retryWait } from './retry-schedule.ts'
import type { ObjectStore } from './store/object-store.ts'

/** Disturbs the deliveries to come, the way a network does. */
export interface DeliveryFaults {
  /** Holds every delivery until `resume`. */
  pause(): void
  /** Releases what was held, in the given order (as sent, unless said otherwise). */
  resume(order?: 'as_sent' | 'reversed' | ((a: HeldDelivery, b: HeldDelivery) => number)): void
  /** Loses the next `count` deliveries: they are never sent nor retried. */
  dropNext(count: number): void
  /** Sends each of the next `count` deliveries twice. */
  duplicateNext(count: number): void
  /** Sends the next `count` deliveries `delayMs` later, on the sandbox's clock. */
  delayNext(count: number, delayMs: number): void
}

export interface HeldDelivery {
  eventId: string
  eventType: string
  endpointId: string
}

export interface DeliveryQueue extends DeliveryFaults {
  /** Takes deliveries whose time has come or will come. */
  enqueue(deliveries: Delivery[]): void
  /** Sends everything whose time has come. */
  sendDue(): void
  /** When the next delivery is due that is not due yet. */
  nextDue(): number | undefined
  /** Resolves when nothing is under way; what is held or due later does not count. */
  idle(): Promise<void>
  clear(): void
  close(): void
}

export interface DeliveryQueueDeps {
  clock: Clock
  log: DeliveryLog
  store: Pick<ObjectStore, 'get' | 'hidden'>
  sender: WebhookSender
  timeoutMs: number
  /** Called when something became due later, so that a timer can be set. */
  onScheduled(): void
  report(line: string): void
}

const CONCURRENCY = 8

export function createDeliveryQueue(deps: DeliveryQueueDeps): DeliveryQueue {
  const { clock, log, store, sender } = deps
  const waiting = new Map<number, Delivery>()
  const active = new Map<string, number>()
  let ready: Delivery[] = []
  let paused = false
  let closed = false
  const faults = { drop: 0, duplicate: 0, delay: { count: 0, ms: 0 } }
  let idleWaiters: (() => void)[] = []

  function admit(delivery: Delivery): void {
    if (delivery.attempts === 0 && !delivery.byHand) {
      if (faults.drop > 0) {
        faults.drop--
        log.settle(delivery.id, 'failed', 0)
        return
      }
      if (faults.delay.count > 0) {
        faults.delay.count--
        waitUntil({ ...delivery, nextAt: clock.now() + faults.delay.ms })
        return
      }
      if (faults.duplicate > 0) {
        faults.duplicate--
        ready.push({ ...delivery, id: log.add({ ...delivery, byHand: true }).id, byHand: true })
      }
    }
    ready.push(delivery)
  }

  function waitUntil(delivery: Delivery): void {
    log.reschedule(delivery.id, delivery.attempts, delivery.nextAt)
    waiting.set(delivery.id, delivery)
    deps.onScheduled()
  }

  function pump(): void {
    if (paused || closed) return
    const later: Delivery[] = []
    for (const delivery of ready) {
      const underWay = active.get(delivery.endpointId) ?? 0
      if (underWay >= CONCURRENCY) later.push(delivery)
      else {
        active.set(delivery.endpointId, underWay + 1)
        void attempt(delivery)
      }
    }
    ready = later
    settleIdle()
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const attempts = delivery.attempts + 1
    const delivered = await send(delivery)
    active.set(delivery.endpointId, (active.get(delivery.endpointId) ?? 1) - 1)
    // A delivery that was broken off by close() stays pending, and is sent again at the next start.
    if (closed) return
    const wait = delivered || delivery.byHand ? undefined : retryWait(attempts)
    if (wait === undefined) log.settle(delivery.id, delivered ? 'delivered' : 'failed', attempts)
    else waitUntil({ ...delivery, attempts, nextAt: clock.now() + wait })
    pump()
  }

  /** Whether the endpoint took it. A disabled endpoint is not asked, a deleted one never again. */
  async function send(delivery: Delivery): Promise<boolean> {
    const endpoint = store.get('webhook_endpoint', delivery.endpointId)
    const event = store.get('event', delivery.eventId)
    if (!event || endpoint?.status !== 'enabled') return false
    const result = await sender.send({
      url: endpoint.url,
      payload: renderEvent(event, endpoint.api_version),
      secret: store.hidden(endpoint.id).secret ?? '',
      timestamp: Math.floor(clock.now() / 1000),
      timeoutMs: deps.timeoutMs,
    })
    const outcome = 'status' in result ? `${result.status}` : result.failure
    deps.report(`webhook ${event.type} ${event.id} -> ${endpoint.url} [${outcome}]`)
    return 'status' in result && result.status >= 200 && result.status < 300
  }

  const busy = (): boolean => (!paused && ready.length > 0) || [...active.values()].some((count) => count > 0)

  function settleIdle(): void {
    if (busy()) return
    for (const resolve of idleWaiters) resolve()
    idleWaiters = []
  }

  const held = (delivery: Delivery): HeldDelivery => ({
    eventId: delivery.eventId,
    eventType: store.get('event', delivery.eventId)?.type ?? '',
    endpointId: delivery.endpointId,
  })

  return {
    enqueue(deliveries) {
      for (const delivery of deliveries) {
        if (delivery.nextAt > clock.now()) waiting.set(delivery.id, delivery)
        else admit(delivery)
      }
      // Not in this turn: the API's answer goes out first.
      setImmediate(pump)
      deps.onScheduled()
    },
    sendDue() {
      const due = [...waiting.values()].filter((delivery) => delivery.nextAt <= clock.now())
      for (const delivery of due) {
        waiting.delete(delivery.id)
        ready.push(delivery)
      }
      pump()
    },
    nextDue() {
      let next: number | undefined
      for (const { nextAt } of waiting.values()) if (next === undefined || nextAt < next) next = nextAt
      return next
    },
    idle() {
      return new Promise((resolve) => {
        idleWaiters.push(resolve)
        setImmediate(settleIdle)
      })
    },
    pause() {
      paused = true
    },
    resume(order = 'as_sent') {
      paused = false
      if (order === 'reversed') ready.reverse()
      else if (order !== 'as_sent') ready.sort((a, b) => order(held(a), held(b)))
      pump()
    },
    dropNext(count) {
      faults.drop += count
    },
    duplicateNext(count) {
      faults.duplicate += count
    },
    delayNext(count, ms) {
      faults.delay = { count, ms }
    },
    clear() {
      ready = []
      waiting.clear()
      Object.assign(faults, { drop: 0, duplicate: 0, delay: { count: 0, ms: 0 } })
      paused = false
    },
    close() {
      closed = true
      sender.close()
    },
  }
}
