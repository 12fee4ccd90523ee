/** Storing once, and reading the log in its order. */
import { describe, expect, test } from 'vitest'
import type { StoredEvent } from './event-store.ts'
import {
  anEvent,
  eventId,
  LEASE_MS,
  type OpenStore,
  stored,
  useEventStore,
} from './event-store-fixture.conformance.ts'

export function eventLogConformance(backend: string, openStore: OpenStore): void {
  describe(`the event log on ${backend}`, () => {
    const { events, close, insert, find } = useEventStore(openStore)

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

    describe('closing', () => {
      test('what is queued is written before the store closes', async () => {
        const results = [insert(), insert(), insert()]
        await close()
        expect((await Promise.all(results)).map(({ outcome }) => outcome)).toEqual([
          'stored',
          'stored',
          'stored',
        ])
      })
    })
  })
}
