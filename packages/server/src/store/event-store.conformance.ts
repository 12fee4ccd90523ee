/** What every backend of the event log must do; run by each backend's own test. */
import { parseOrderBy, parseSelector } from '@tollbridge/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { STRIPE_EVENTS_TABLE, stripeEventFields } from './event-columns.ts'
import type {
  EventQuery,
  EventStore,
  InsertOutcome,
  LeasedEvent,
  NewEvent,
  StoredEvent,
} from './event-store.ts'
import type { Store } from './store.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const LEASE_MS = 30_000

let made = 0

function anEvent(overrides: Partial<NewEvent> = {}): NewEvent {
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
    stripeCreated: Math.floor(NOON / 1000),
    receivedAt: NOON,
    source: 'webhook',
    payload: JSON.stringify({ id: eventId, note: 'é 漢 😀 "quoted" \u2028' }),
    ...overrides,
  }
}

export function eventStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the event log on ${backend}`, () => {
    let store: Store
    let events: EventStore
    beforeEach(async () => {
      store = await openStore()
      events = store.events
    })
    afterEach(() => store.close())

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

    describe('storing', () => {
      test('an event is stored with every fact, its place and its lease', async () => {
        const event = anEvent({ orderId: 'order-1', customerId: 'cus_1', livemode: true })
        const result = stored(await events.insertOnce(event, { leaseMs: LEASE_MS }))
        const { receivedAt, ...facts } = event
        const expected = {
          ...facts,
          position: result.event.position,
          created: receivedAt,
          updated: null,
          ownerId: null,
        }
        expect(result.event).toEqual(expected)
        expect(result.lease).toEqual({
          appId: 'app_1',
          position: result.event.position,
          token: expect.any(String),
          attempt: 1,
        })
        expect(await events.findByObjectId('app_1', event.objectId)).toEqual(expected)
        expect(await events.readAfter(0, 10)).toEqual([expected])
      })

      test('facts that an event lacks come back as null', async () => {
        const event = anEvent({
          objectType: null,
          chargeId: null,
          paymentIntentId: null,
          amount: null,
          currency: null,
          status: null,
          apiVersion: null,
        })
        await events.insertOnce(event, { leaseMs: LEASE_MS })
        expect(await events.findByObjectId('app_1', event.objectId)).toMatchObject({
          objectType: null,
          chargeId: null,
          paymentIntentId: null,
          amount: null,
          currency: null,
          status: null,
          apiVersion: null,
        })
      })

      test('a redelivered event is stored once, and the first delivery stays as it is', async () => {
        const first = stored(await insert({ eventId: 'evt_twice', amount: 1 }))
        expect(await insert({ eventId: 'evt_twice', amount: 2 })).toEqual({ outcome: 'duplicate' })
        expect(await find(null)).toEqual([first.event])
      })

      test('of many deliveries of one event at once, one is stored', async () => {
        const results = await Promise.all(Array.from({ length: 20 }, () => insert({ eventId: 'evt_race' })))
        expect(results.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1)
        expect(await find(null)).toHaveLength(1)
      })

      test('two apps may store the same event id, and neither sees the other', async () => {
        const mine = stored(await insert({ eventId: 'evt_shared' }))
        const theirs = stored(await insert({ eventId: 'evt_shared', appId: 'app_2' }))
        expect(await find(null)).toEqual([mine.event])
        expect(await find(null, { appId: 'app_2' })).toEqual([theirs.event])
        expect(await events.findByObjectId('app_1', theirs.event.objectId)).toBeNull()
      })

      test('an insert that breaks a rule fails alone', async () => {
        await insert({ objectId: 'object-taken' })
        const results = await Promise.allSettled([
          insert({ eventId: 'evt_before' }),
          insert({ eventId: 'evt_bad', objectId: 'object-taken' }),
          insert({ eventId: 'evt_after' }),
        ])
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect((await find("eventId IN ('evt_before', 'evt_bad', 'evt_after')")).map(eventId)).toEqual([
          'evt_after',
          'evt_before',
        ])
      })

      test('a payload comes back to the letter, however large', async () => {
        const payload = JSON.stringify({ text: 'é😀"\\'.repeat(50_000) })
        const { event } = stored(await insert({ payload }))
        expect((await events.findByObjectId('app_1', event.objectId))?.payload).toBe(payload)
      })
    })

    describe('the log', () => {
      test('an empty log ends at 0', async () => {
        expect(await events.lastPosition()).toBe(0)
        expect(await events.readAfter(0, 10)).toEqual([])
      })

      test('positions grow in the order of storing, over all apps', async () => {
        const inserted: StoredEvent[] = []
        for (const appId of ['app_1', 'app_2', 'app_1']) inserted.push(stored(await insert({ appId })).event)
        const positions = inserted.map(({ position }) => position)
        expect(positions).toEqual(positions.toSorted((a, b) => a - b))
        expect(new Set(positions).size).toBe(3)
        expect(await events.lastPosition()).toBe(positions[2])
        expect(await events.readAfter(0, 10)).toEqual(inserted)
      })

      test('reading after a position starts with the next event and keeps to the limit', async () => {
        const inserted: StoredEvent[] = []
        for (let i = 0; i < 5; i++) inserted.push(stored(await insert()).event)
        const second = inserted[1]?.position ?? 0
        expect(await events.readAfter(second, 2)).toEqual(inserted.slice(2, 4))
        expect(await events.readAfter(await events.lastPosition(), 10)).toEqual([])
      })

      test('a duplicate takes no place that a reader could see', async () => {
        await insert({ eventId: 'evt_once' })
        await insert({ eventId: 'evt_once' })
        await insert({ eventId: 'evt_next' })
        expect((await events.readAfter(0, 10)).map(eventId)).toEqual(['evt_once', 'evt_next'])
      })
    })

    describe('finding', () => {
      test('the newest come first unless an order is asked for', async () => {
        await insert({ eventId: 'evt_a' })
        await insert({ eventId: 'evt_b' })
        await insert({ eventId: 'evt_c' })
        expect((await find(null)).map(eventId)).toEqual(['evt_c', 'evt_b', 'evt_a'])
        await insert({ eventId: 'evt_old', receivedAt: NOON - 1 })
        await insert({ eventId: 'evt_new', receivedAt: NOON + 1 })
        expect((await find(null, { limit: 2 })).map(eventId)).toEqual(['evt_new', 'evt_c'])
        expect((await find(null)).at(-1)?.eventId).toBe('evt_old')
        expect((await find(null, { sort: 'created' })).map(eventId)).toEqual([
          'evt_old',
          'evt_a',
          'evt_b',
          'evt_c',
          'evt_new',
        ])
      })

      test('an order may have several columns, and null comes first when ascending', async () => {
        await insert({ eventId: 'evt_a', currency: 'usd', amount: 5 })
        await insert({ eventId: 'evt_b', currency: null, amount: 7 })
        await insert({ eventId: 'evt_c', currency: 'eur', amount: 5 })
        await insert({ eventId: 'evt_d', currency: 'usd', amount: 9 })
        expect((await find(null, { sort: 'currency, amount desc' })).map(eventId)).toEqual([
          'evt_b',
          'evt_c',
          'evt_d',
          'evt_a',
        ])
        expect((await find(null, { sort: 'amount desc, currency desc' })).map(eventId)).toEqual([
          'evt_d',
          'evt_b',
          'evt_a',
          'evt_c',
        ])
      })

      test('text is ordered by code points', async () => {
        for (const status of ['\u{1F600}', '\uFF5E', 'b', 'B', 'a']) await insert({ status })
        const sorted = await find(null, { sort: 'status' })
        expect(sorted.map(({ status }) => status)).toEqual(['B', 'a', 'b', '\uFF5E', '\u{1F600}'])
      })

      test('pages follow one another without gap or repetition', async () => {
        for (let i = 0; i < 7; i++) await insert({ amount: 1000 })
        const pages = [
          await find(null, { sort: 'amount', limit: 3 }),
          await find(null, { sort: 'amount', limit: 3, offset: 3 }),
          await find(null, { sort: 'amount', limit: 3, offset: 6 }),
        ]
        expect(pages.map((page) => page.length)).toEqual([3, 3, 1])
        expect(pages.flat()).toEqual(await find(null, { sort: 'amount' }))
      })

      test.each([
        ["id = 'ch_x'", ['evt_x']],
        ["paymentIntentId = 'pi_x' OR orderId = 'order-7'", ['evt_x', 'evt_y']],
        ['amount BETWEEN 1 AND 999', ['evt_y']],
        ['amount > 999 AND livemode = TRUE', ['evt_z']],
        ['livemode = FALSE', ['evt_x', 'evt_y']],
        ["type LIKE 'charge.%'", ['evt_x', 'evt_y']],
        ["type NOT LIKE 'charge.%'", ['evt_z']],
        ['orderId IS NULL', ['evt_x', 'evt_z']],
        ["status <> 'succeeded'", ['evt_y']],
        ["currency IN ('eur', 'chf')", ['evt_z']],
        [`created >= ${NOON + 1}`, ['evt_z']],
        ['updated IS NULL AND ownerId IS NULL', ['evt_x', 'evt_y', 'evt_z']],
        ["id = 'ch_x?' OR orderId = 'it''s'", []],
        ["orderId > 5 AND orderId = 'order-7'", []],
      ])('where %s', async (where, expected) => {
        await insert({ eventId: 'evt_x', id: 'ch_x', paymentIntentId: 'pi_x', amount: 1000 })
        await insert({ eventId: 'evt_y', orderId: 'order-7', amount: 50, status: 'failed' })
        await insert({
          eventId: 'evt_z',
          type: 'payment_intent.succeeded',
          amount: 5000,
          livemode: true,
          currency: 'eur',
          status: null,
          receivedAt: NOON + 1,
        })
        expect((await find(where, { sort: 'eventId' })).map(eventId)).toEqual(expected)
        expect(await events.count({ appId: 'app_1', where: whereClause(where) })).toBe(expected.length)
      })

      test('a page goes forward after a place, or backward before one', async () => {
        const inserted: StoredEvent[] = []
        for (let i = 0; i < 6; i++) {
          // The clock may step back; the log's order is that of its positions.
          inserted.push(stored(await insert({ receivedAt: NOON - i, amount: i % 2 })).event)
          await insert({ appId: 'app_2' })
        }
        const place = (index: number) => inserted[index]?.position ?? 0
        const page = { appId: 'app_1', where: null, limit: 2 }
        expect(await events.page({ ...page, after: place(1) })).toEqual([inserted[2], inserted[3]])
        expect(await events.page({ ...page, before: place(4) })).toEqual([inserted[3], inserted[2]])
        expect(await events.page({ ...page, after: 0, limit: 100 })).toEqual(inserted)
        expect(await events.page({ ...page, after: place(5) })).toEqual([])
        expect(await events.page({ ...page, before: place(0) })).toEqual([])
        const even = whereClause('amount = 0')
        expect(await events.page({ ...page, where: even, before: place(5) })).toEqual([
          inserted[4],
          inserted[2],
        ])
      })

      test('an event is found by our id and by that of Stripe, within its app', async () => {
        const { event } = stored(await insert({ eventId: 'evt_1', objectId: 'object-one' }))
        expect(await events.findByObjectId('app_1', 'object-one')).toEqual(event)
        expect(await events.findByEventId('app_1', 'evt_1')).toEqual(event)
        expect(await events.findByObjectId('app_2', 'object-one')).toBeNull()
        expect(await events.findByEventId('app_2', 'evt_1')).toBeNull()
        expect(await events.findByEventId('app_1', 'object-one')).toBeNull()
      })

      test('counting counts one app', async () => {
        await insert()
        await insert()
        await insert({ appId: 'app_2' })
        expect(await events.count({ appId: 'app_1', where: null })).toBe(2)
        expect(await events.count({ appId: 'app_3', where: null })).toBe(0)
      })
    })

    describe('handling', () => {
      test('a fresh event is leased to whoever stored it', async () => {
        const { event } = stored(await insert())
        expect(await leaseDue(NOON + LEASE_MS - 1)).toEqual([])
        expect(await events.handling(event.position)).toEqual({
          state: 'received',
          attempts: [],
          nextAttemptAt: NOON + LEASE_MS,
          handledAt: null,
        })
      })

      test('a finished event is handled, with its changes, and never due again', async () => {
        const leased = stored(await insert())
        const changes = [{ kind: 'tally', day: '2026-11-21', type: 'charge.succeeded' }] as const
        const result = { changes, startedAt: NOON + 1, now: NOON + 2 }
        expect(await events.finish(leased.lease, result)).toBe('done')
        expect(await events.handling(leased.event.position)).toEqual({
          state: 'handled',
          attempts: [
            { number: 1, startedAt: NOON + 1, finishedAt: NOON + 2, outcome: 'handled', error: null },
          ],
          nextAttemptAt: null,
          handledAt: NOON + 2,
        })
        expect(await leaseDue(NOON * 2)).toEqual([])
        expect(await allTallies(events)).toEqual([{ day: '2026-11-21', type: 'charge.succeeded', count: 1 }])
      })

      test('a lease is good for one finish: the second changes nothing', async () => {
        const { lease } = stored(await insert())
        const changes = [{ kind: 'tally', day: '2026-11-21', type: 'charge.succeeded' }] as const
        const outcomes = await Promise.all([
          events.finish(lease, { changes, startedAt: NOON, now: NOON }),
          events.finish(lease, { changes, startedAt: NOON, now: NOON }),
        ])
        expect(outcomes).toEqual(['done', 'lease_lost'])
        expect(await fail({ lease }, NOON)).toBe('lease_lost')
        expect((await allTallies(events)).map(({ count }) => count)).toEqual([1])
      })

      test('an event whose lease ran out goes to the next worker, and the first one has lost it', async () => {
        const first = stored(await insert())
        const [second] = await leaseDue(NOON + LEASE_MS)
        expect(second).toEqual({
          event: first.event,
          lease: { appId: 'app_1', position: first.event.position, token: expect.any(String), attempt: 2 },
        })
        expect(second?.lease.token).not.toBe(first.lease.token)
        expect(await leaseDue(NOON + LEASE_MS)).toEqual([])
        expect(await finish(first)).toBe('lease_lost')
        expect(await fail(first, NOON)).toBe('lease_lost')
        expect(second && (await finish(second))).toBe('done')
      })

      test('a worker that is late but still alone may finish', async () => {
        const leased = stored(await insert())
        expect(await finish(leased, NOON + 10 * LEASE_MS)).toBe('done')
      })

      test('a failed event waits for its next try and keeps the story of each', async () => {
        const first = stored(await insert())
        expect(await fail(first, NOON + 5_000)).toBe('done')
        expect(await events.handling(first.event.position)).toMatchObject({
          state: 'failed',
          nextAttemptAt: NOON + 5_000,
        })
        expect(await leaseDue(NOON + 4_999)).toEqual([])
        const [second] = await leaseDue(NOON + 5_000)
        expect(second?.lease.attempt).toBe(2)
        expect(second && (await finish(second, NOON + 5_001))).toBe('done')
        expect(await events.handling(first.event.position)).toEqual({
          state: 'handled',
          attempts: [
            { number: 1, startedAt: NOON, finishedAt: NOON, outcome: 'failed', error: 'out of paper' },
            {
              number: 2,
              startedAt: NOON + 5_001,
              finishedAt: NOON + 5_001,
              outcome: 'handled',
              error: null,
            },
          ],
          nextAttemptAt: null,
          handledAt: NOON + 5_001,
        })
      })

      test('an event that fails with no next try is dead', async () => {
        const leased = stored(await insert())
        expect(await fail(leased, null)).toBe('done')
        expect(await events.handling(leased.event.position)).toMatchObject({
          state: 'dead',
          nextAttemptAt: null,
          handledAt: null,
        })
        expect(await leaseDue(NOON * 2)).toEqual([])
      })

      test('due events come the longest due first, up to the limit', async () => {
        const late = stored(await insert({ receivedAt: NOON + 2 }))
        const early = stored(await insert({ receivedAt: NOON + 1 }))
        const last = stored(await insert({ receivedAt: NOON + 3 }))
        const now = NOON + 2 * LEASE_MS
        expect((await leaseDue(now, 2)).map(({ event }) => event)).toEqual([early.event, late.event])
        expect((await leaseDue(now, 2)).map(({ event }) => event)).toEqual([last.event])
      })

      test('an unknown position has no handling', async () => {
        expect(await events.handling(999)).toBeNull()
      })

      test('tallies count per app, UTC day and type, within the days asked for', async () => {
        const days = [
          ['app_1', '2026-11-19', 'charge.failed'],
          ['app_1', '2026-11-20', 'charge.succeeded'],
          ['app_1', '2026-11-20', 'charge.succeeded'],
          ['app_1', '2026-11-20', 'charge.failed'],
          ['app_1', '2026-11-21', 'charge.succeeded'],
          ['app_2', '2026-11-20', 'charge.succeeded'],
        ] as const
        for (const [appId, day, type] of days) {
          const { lease } = stored(await insert({ appId, type }))
          const changes = [{ kind: 'tally', day, type }] as const
          await events.finish(lease, { changes, startedAt: NOON, now: NOON })
        }
        expect(await events.tallies('app_1', { from: '2026-11-20', to: '2026-11-21' })).toEqual([
          { day: '2026-11-20', type: 'charge.failed', count: 1 },
          { day: '2026-11-20', type: 'charge.succeeded', count: 2 },
          { day: '2026-11-21', type: 'charge.succeeded', count: 1 },
        ])
      })
    })

    describe('closing', () => {
      test('what is queued is written before the store closes', async () => {
        const results = [insert(), insert(), insert()]
        await store.close()
        expect((await Promise.all(results)).map(({ outcome }) => outcome)).toEqual([
          'stored',
          'stored',
          'stored',
        ])
      })
    })
  })
}

function stored(result: InsertOutcome): LeasedEvent {
  if (result.outcome === 'duplicate') throw new Error('Expected the event to be new')
  return { event: result.event, lease: result.lease }
}

function eventId(event: { readonly eventId: string }): string {
  return event.eventId
}

function allTallies(events: EventStore) {
  return events.tallies('app_1', { from: '2000-01-01', to: '2100-01-01' })
}

function whereClause(text: string) {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.expression
}

function order(text: string) {
  const outcome = parseOrderBy(text, stripeEventFields, STRIPE_EVENTS_TABLE)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.order
}
