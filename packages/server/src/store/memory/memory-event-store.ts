/** The event log in memory: for tests and for trying out; a restart forgets it. */
import { compileMatcher, type SelectorRow } from '@tollbridge/protocol'
import { stripeEventFields } from '../event-columns.ts'
import type {
  Attempt,
  EventFlag,
  EventQuery,
  EventStore,
  FlagFilter,
  Handling,
  HandlingState,
  Lease,
  RewritePayload,
  StoredEvent,
  Tally,
} from '../event-store.ts'
import { refreshedColumns } from '../refreshed-columns.ts'
import { storedEvent } from '../stored-event.ts'
import type { MemoryPaymentStore } from './memory-payment-store.ts'
import { orderEvents } from './order-events.ts'

interface HandlingRecord {
  state: HandlingState
  /** Tries begun, the running one among them. */
  begun: number
  /** Of these, the tries before the event was last given back to be handled. */
  earlier: number
  token: string | null
  /** The end of the lease, or the next try; null when nothing is left to do. */
  dueAt: number | null
  handledAt: number | null
  readonly attempts: Attempt[]
}

/** @param newToken a new lease token that nobody else has. */
export function createMemoryEventStore(
  newToken: () => string,
  foldPayment: MemoryPaymentStore['fold'],
): EventStore {
  /** `position - 1` is the index. */
  const log: { event: StoredEvent; readonly handling: HandlingRecord }[] = []
  const eventIds = new Set<string>()
  const objectIds = new Set<string>()
  let retainedTo = 0
  /** How far the columns of older events were made anew. */
  let walk = { version: 0, position: 0, upto: 0 }
  const tallies = new Map<string, Tally & { readonly appId: string }>()

  function select({
    appId,
    flag,
    state,
    where,
  }: Pick<EventQuery, 'appId' | 'flag' | 'state' | 'where'>): StoredEvent[] {
    const isMeant = flagTest(flag)
    const matches = where === null ? () => true : compileMatcher(where, stripeEventFields)
    return log
      .filter(({ handling }) => state === undefined || handling.state === state)
      .map(({ event }) => event)
      .filter(
        (event) => event.appId === appId && isMeant(event.flag) && matches(event as unknown as SelectorRow),
      )
  }

  function held(lease: Lease): { event: StoredEvent; handling: HandlingRecord } | null {
    const entry = log[lease.position - 1]
    return entry?.handling.token === lease.token ? entry : null
  }

  function replacePayload(entry: { event: StoredEvent }, rewrite: RewritePayload, now: number): boolean {
    const payload = rewrite(entry.event.payload)
    if (payload === entry.event.payload) return false
    entry.event = { ...entry.event, payload, updated: now }
    return true
  }

  function addToTally(appId: string, day: string, type: string): void {
    const key = JSON.stringify([appId, day, type])
    tallies.set(key, { appId, day, type, count: (tallies.get(key)?.count ?? 0) + 1 })
  }

  function end(handling: HandlingRecord, state: HandlingState, dueAt: number | null, attempt: Attempt): void {
    handling.state = state
    handling.token = null
    handling.dueAt = dueAt
    handling.handledAt = state === 'handled' ? attempt.finishedAt : null
    handling.attempts.push(attempt)
  }

  return {
    async insertOnce(event, { leaseMs }) {
      const eventKey = JSON.stringify([event.appId, event.eventId])
      if (eventIds.has(eventKey)) return { outcome: 'duplicate' }
      const objectKey = JSON.stringify([event.appId, event.objectId])
      if (objectIds.has(objectKey)) throw new Error(`The object id ${event.objectId} is taken`)
      eventIds.add(eventKey)
      objectIds.add(objectKey)
      const stored = storedEvent(event, log.length + 1)
      const lease: Lease = { appId: event.appId, position: stored.position, token: newToken(), attempt: 1 }
      log.push({
        event: stored,
        handling: {
          state: 'received',
          begun: 1,
          earlier: 0,
          token: lease.token,
          dueAt: event.receivedAt + leaseMs,
          handledAt: null,
          attempts: [],
        },
      })
      return { outcome: 'stored', event: stored, lease }
    },
    readAfter: async (position, limit) => log.slice(position, position + limit).map(({ event }) => event),
    lastPosition: async () => log.length,
    async find({ orderBy, limit, offset, ...query }) {
      return orderEvents(select(query), orderBy).slice(offset, offset + limit)
    },
    async page({ limit, ...query }) {
      const selected = select(query)
      return 'after' in query
        ? selected.filter(({ position }) => position > query.after).slice(0, limit)
        : selected
            .filter(({ position }) => position < query.before)
            .reverse()
            .slice(0, limit)
    },
    count: async (query) => select(query).length,
    findByObjectId: async (appId, objectId) =>
      log.find(({ event }) => event.appId === appId && event.objectId === objectId)?.event ?? null,
    findByEventId: async (appId, eventId) =>
      log.find(({ event }) => event.appId === appId && event.eventId === eventId)?.event ?? null,
    async leaseDue({ now, leaseMs, limit }) {
      return log
        .filter(({ handling }) => handling.dueAt !== null && handling.dueAt <= now)
        .toSorted((a, b) => (a.handling.dueAt ?? 0) - (b.handling.dueAt ?? 0))
        .slice(0, limit)
        .map(({ event, handling }) => {
          handling.begun += 1
          handling.token = newToken()
          handling.dueAt = now + leaseMs
          const { appId, position } = event
          return {
            event,
            lease: { appId, position, token: handling.token, attempt: handling.begun - handling.earlier },
          }
        })
    },
    async finish(lease, { changes, startedAt, now }) {
      const entry = held(lease)
      if (entry === null) return 'lease_lost'
      const { appId, position } = entry.event
      for (const change of changes) {
        if (change.kind === 'tally') addToTally(appId, change.day, change.type)
        else foldPayment(appId, change.facts, position, now)
      }
      const attempt = { number: entry.handling.begun, startedAt, finishedAt: now, error: null }
      end(entry.handling, 'handled', null, { ...attempt, outcome: 'handled' })
      return 'done'
    },
    async fail(lease, { error, retryAt, startedAt, now }) {
      const entry = held(lease)
      if (entry === null) return 'lease_lost'
      const attempt = { number: entry.handling.begun, startedAt, finishedAt: now, error }
      end(entry.handling, retryAt === null ? 'dead' : 'failed', retryAt, { ...attempt, outcome: 'failed' })
      return 'done'
    },
    async replay(appId, positions, now) {
      return positions.filter((position) => {
        const entry = log[position - 1]
        if (entry === undefined || entry.event.appId !== appId) return false
        const { handling } = entry
        const isOver = handling.state === 'dead' || handling.state === 'failed'
        const isHeld = handling.token !== null && (handling.dueAt ?? 0) > now
        if (!isOver || isHeld) return false
        handling.state = 'received'
        handling.dueAt = now
        handling.earlier = handling.begun
        handling.token = null
        return true
      })
    },
    async rewritePayloads(appId, positions, { rewrite, now }) {
      const entries = positions.flatMap((position) => log[position - 1] ?? [])
      return entries.filter((entry) => entry.event.appId === appId && replacePayload(entry, rewrite, now))
        .length
    },
    async rewriteOldest({ createdBefore, limit, rewrite, now }) {
      const next = log.slice(retainedTo, retainedTo + limit)
      const firstYoung = next.findIndex(({ event }) => event.created >= createdBefore)
      const old = firstYoung < 0 ? next : next.slice(0, firstYoung)
      retainedTo += old.length
      return {
        examined: old.length,
        changed: old.filter((entry) => replacePayload(entry, rewrite, now)).length,
      }
    },
    async refreshColumns({ version, limit, factsOf }) {
      if (walk.version !== version) walk = { version, position: 0, upto: log.length }
      const next = log.slice(walk.position, Math.min(walk.position + limit, walk.upto))
      walk = { ...walk, position: walk.position + next.length }
      let changed = 0
      for (const entry of next) {
        const columns = refreshedColumns(entry.event, factsOf(entry.event.payload))
        if (columns === null) continue
        entry.event = { ...entry.event, ...columns }
        changed += 1
      }
      return { examined: next.length, changed, isDone: walk.position >= walk.upto }
    },
    async repairedSinceLastWebhook(appId) {
      const own = log.map(({ event }) => event).filter((event) => event.appId === appId)
      const last =
        own.findLast(({ source, flag }) => source === 'webhook' && flag !== 'doctor')?.position ?? 0
      const missed = own.find(
        ({ position, source, flag, objectType }) =>
          position > last && source === 'repair' && flag === null && isAboutPayment(objectType),
      )
      return missed?.created ?? null
    },
    eraseTraces: async () => {},
    async handling(position): Promise<Handling | null> {
      const handling = log[position - 1]?.handling
      if (handling === undefined) return null
      const { state, attempts, dueAt, handledAt } = handling
      return { state, attempts: [...attempts], nextAttemptAt: dueAt, handledAt }
    },
    async tallies(appId, { from, to }) {
      return [...tallies.values()]
        .filter((tally) => tally.appId === appId && tally.day >= from && tally.day <= to)
        .toSorted((a, b) => compareText(a.day, b.day) || compareText(a.type, b.type))
        .map(({ day, type, count }) => ({ day, type, count }))
    },
  }
}

function isAboutPayment(objectType: string | null): boolean {
  return objectType === 'payment_intent' || objectType === 'charge'
}

function flagTest(filter: FlagFilter = 'none'): (flag: EventFlag | null) => boolean {
  if (filter === 'none') return (flag) => flag === null
  if (filter === 'any') return (flag) => flag !== null
  return (flag) => flag === filter
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
