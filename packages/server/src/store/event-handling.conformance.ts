/** Leases, tries, changes and tallies. */
import { describe, expect, test } from 'vitest'
import type { HandlingState } from './event-store.ts'
import {
  allTallies,
  LEASE_MS,
  NOON,
  type OpenStore,
  stored,
  useEventStore,
  whereClause,
} from './event-store-fixture.conformance.ts'

export function eventHandlingConformance(backend: string, openStore: OpenStore): void {
  describe(`handling events on ${backend}`, () => {
    const { events, insert, leaseDue, finish, fail } = useEventStore(openStore)

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
        attempts: [{ number: 1, startedAt: NOON + 1, finishedAt: NOON + 2, outcome: 'handled', error: null }],
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

    test('a dead event that is given back is due at once, with all its tries, and goes on with its story', async () => {
      const leased = stored(await insert())
      const { position } = leased.event
      await fail(leased, null)
      expect(await events.replay('app_2', [position], NOON + 5)).toEqual([])
      expect(await events.replay('app_1', [position, 999], NOON + 5)).toEqual([position])
      expect(await events.handling(position)).toMatchObject({ state: 'received', nextAttemptAt: NOON + 5 })
      const [second] = await leaseDue(NOON + 5)
      expect(second?.lease).toMatchObject({ position, attempt: 1 })
      expect(second && (await fail(second, NOON + 9, NOON + 6))).toBe('done')
      expect(await events.handling(position)).toMatchObject({
        state: 'failed',
        attempts: [{ number: 1 }, { number: 2 }],
      })
      const [third] = await leaseDue(NOON + 9)
      expect(third?.lease.attempt).toBe(2)
      expect(third && (await finish(third, NOON + 9))).toBe('done')
      expect((await events.handling(position))?.attempts.map(({ outcome }) => outcome)).toEqual([
        'failed',
        'failed',
        'handled',
      ])
    })

    test('what waits for its next try is given back, what is handled or being handled is not', async () => {
      const failed = stored(await insert())
      await fail(failed, NOON + 60_000)
      const handled = stored(await insert())
      await finish(handled)
      const fresh = stored(await insert())
      const again = stored(await insert())
      await fail(again, NOON + 1)
      await leaseDue(NOON + 1)
      const positions = [failed, handled, fresh, again].map(({ event }) => event.position)
      expect(await events.replay('app_1', positions, NOON + 2)).toEqual([failed.event.position])
    })

    test('events are listed and counted by how far their handling has come', async () => {
      const dead = stored(await insert())
      await fail(dead, null)
      const failed = stored(await insert())
      await fail(failed, NOON + 60_000)
      await finish(stored(await insert()))
      const fresh = stored(await insert())
      await fail(stored(await insert({ appId: 'app_2' })), null)
      const page = async (state: HandlingState) =>
        (await events.page({ appId: 'app_1', state, where: null, limit: 9, after: 0 })).map(
          ({ position }) => position,
        )
      expect(await page('dead')).toEqual([dead.event.position])
      expect(await page('failed')).toEqual([failed.event.position])
      expect(await page('received')).toEqual([fresh.event.position])
      expect(await page('handled')).toHaveLength(1)
      const where = whereClause(`eventId = '${dead.event.eventId}'`)
      expect(await events.count({ appId: 'app_1', state: 'dead', where })).toBe(1)
      expect(await events.count({ appId: 'app_1', state: 'failed', where })).toBe(0)
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

    test('what gap repair stored since the newest webhook is known, the first of it', async () => {
      const intent = { objectType: 'payment_intent', source: 'repair' } as const
      await insert({ source: 'repair' })
      await insert({ source: 'webhook' })
      expect(await events.repairedSinceLastWebhook('app_1')).toBeNull()
      await insert({ objectType: 'balance', source: 'repair', receivedAt: NOON + 1 })
      await insert({ ...intent, flag: 'wrong_mode', receivedAt: NOON + 2 })
      await insert({ ...intent, appId: 'app_2', receivedAt: NOON + 3 })
      expect(await events.repairedSinceLastWebhook('app_1')).toBeNull()
      await insert({ ...intent, receivedAt: NOON + 4 })
      await insert({ ...intent, receivedAt: NOON + 5 })
      await insert({ source: 'webhook', flag: 'doctor', receivedAt: NOON + 6 })
      expect(await events.repairedSinceLastWebhook('app_1')).toBe(NOON + 4)
      await insert({ source: 'webhook', receivedAt: NOON + 7 })
      expect(await events.repairedSinceLastWebhook('app_1')).toBeNull()
      expect(await events.repairedSinceLastWebhook('app_2')).toBe(NOON + 3)
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
}
