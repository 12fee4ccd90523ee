/** What the suites of the event log share: a fresh store for each test, builders, and shorthands. */
import { parseOrderBy, parseSelector } from '@tollbridge/protocol'
import { afterEach, beforeEach } from 'vitest'
import { STRIPE_EVENTS_TABLE, stripeEventFields } from './event-columns.ts'
import type { EventQuery, EventStore, InsertOutcome, LeasedEvent, NewEvent } from './event-store.ts'
import type { Store } from './store.ts'

export type OpenStore = () => Store | Promise<Store>

export const NOON = Date.UTC(2026, 10, 21, 12)
export const LEASE_MS = 30_000

let made = 0

export function anEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  made += 1
  const eventId = overrides.eventId ?? `evt_${made}`
  return {
    appId: 'app_1',
    objectId: `object-${made}`,
    eventId,
    type: 'charge.succeeded',
    id: `ch_${made}`,
    objectType: 'charge',
    chargeId: `ch_${made}`,
    paymentIntentId: `pi_${made}`,
    customerId: null,
    orderId: null,
    amount: 1000,
    currency: 'usd',
    status: 'succeeded',
    livemode: false,
    apiVersion: '2026-10-28.endive',
    account: null,
    context: null,
    stripeCreated: Math.floor(NOON / 1000),
    receivedAt: NOON,
    source: 'webhook',
    flag: null,
    payload: JSON.stringify({ id: eventId, note: 'é 漢 😀 "quoted" \u2028' }),
    ...overrides,
  }
}

/** Opens a store before each test of the suite that calls this, and closes it afterwards. */
export function useEventStore(openStore: OpenStore) {
  let store: Store
  beforeEach(async () => {
    store = await openStore()
  })
  afterEach(() => store.close())

  /** Reaches through to the store of the running test. */
  const events = new Proxy({} as EventStore, { get: (_target, name) => Reflect.get(store.events, name) })
  const insert = (overrides: Partial<NewEvent> = {}) =>
    events.insertOnce(anEvent(overrides), { leaseMs: LEASE_MS })
  const leaseDue = (now: number, limit = 10) => events.leaseDue({ now, leaseMs: LEASE_MS, limit })
  const finish = (leased: Pick<LeasedEvent, 'lease'>, now = NOON) =>
    events.finish(leased.lease, { changes: [], startedAt: now, now })
  const fail = (leased: Pick<LeasedEvent, 'lease'>, retryAt: number | null, now = NOON) =>
    events.fail(leased.lease, { error: 'out of paper', retryAt, startedAt: now, now })
  const find = (where: string | null, more: Partial<EventQuery> & { sort?: string } = {}) =>
    events.find({
      appId: 'app_1',
      where: where === null ? null : whereClause(where),
      orderBy: order(more.sort ?? ''),
      limit: 100,
      offset: 0,
      ...more,
    })

  return { events, close: () => store.close(), insert, leaseDue, finish, fail, find }
}

export function stored(result: InsertOutcome): LeasedEvent {
  if (result.outcome === 'duplicate') throw new Error('Expected the event to be new')
  return { event: result.event, lease: result.lease }
}

export function eventId(event: { readonly eventId: string }): string {
  return event.eventId
}

export function allTallies(events: EventStore) {
  return events.tallies('app_1', { from: '2000-01-01', to: '2100-01-01' })
}

export function whereClause(text: string) {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.expression
}

export function order(text: string) {
  const outcome = parseOrderBy(text, stripeEventFields, STRIPE_EVENTS_TABLE)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.order
}
