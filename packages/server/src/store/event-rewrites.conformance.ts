/** Taking personal data out of stored events. */
import { describe, expect, test } from 'vitest'
import type { FactsOf } from './event-store.ts'
import { anEvent, NOON, type OpenStore, stored, useEventStore } from './event-store-fixture.conformance.ts'

const shout = (payload: string) => payload.toUpperCase()

export function eventRewritesConformance(backend: string, openStore: OpenStore): void {
  describe(`rewriting payloads on ${backend}`, () => {
    const { events, insert, find } = useEventStore(openStore)
    const change = { rewrite: shout, now: NOON + 9 }

    test('the text changes and the time of it is noted; everything else stays, the place in the log first', async () => {
      const { event } = stored(await insert({ payload: '{"name":"pat"}' }))
      const neighbour = stored(await insert({ payload: '{"name":"sam"}' })).event
      expect(await events.rewritePayloads('app_1', [event.position], change)).toBe(1)
      const rewritten = { ...event, payload: '{"NAME":"PAT"}', updated: NOON + 9 }
      expect(await events.findByObjectId('app_1', event.objectId)).toEqual(rewritten)
      expect(await events.readAfter(0, 10)).toEqual([rewritten, neighbour])
      expect(await events.lastPosition()).toBe(neighbour.position)
    })

    test('a text that stays the same is not touched', async () => {
      const { event } = stored(await insert({ payload: '"LOUD"' }))
      expect(await events.rewritePayloads('app_1', [event.position], change)).toBe(0)
      expect((await find(null))[0]).toEqual(event)
    })

    test('the events of other apps, and places without one, are passed over', async () => {
      const { event } = stored(await insert({ appId: 'app_2', payload: '"x"' }))
      expect(await events.rewritePayloads('app_1', [event.position, 99], change)).toBe(0)
      expect((await find(null, { appId: 'app_2' }))[0]?.payload).toBe('"x"')
    })

    test('an event that is rewritten while it waits to be handled is handled once all the same', async () => {
      const leased = stored(await insert({ payload: '"x"' }))
      await events.rewritePayloads('app_1', [leased.event.position], change)
      const result = { changes: [], startedAt: NOON, now: NOON }
      expect(await events.finish(leased.lease, result)).toBe('done')
    })

    test('columns are made anew batch by batch, each once, and what a text no longer says is kept', async () => {
      const old = stored(
        await insert({ id: 'pi_1', chargeId: null, amount: null, payload: '{"charge":"ch_1"}' }),
      )
      const cut = stored(await insert({ id: 'ch_2', orderId: 'order-2', payload: '{}' }))
      const unreadable = stored(await insert({ payload: 'x' }))
      await insert({ payload: '{"charge":"ch_4"}' })
      const blank = { customerId: null, orderId: null, currency: null, status: null, paymentIntentId: null }
      const factsOf: FactsOf = (payload) => {
        if (payload === 'x') return null
        const { charge = null } = JSON.parse(payload) as { charge?: string }
        return { ...blank, id: charge ?? 'ch_2', chargeId: charge, amount: charge === null ? null : 7 }
      }
      const refresh = (version = 1) => events.refreshColumns({ version, limit: 3, factsOf })
      expect(await refresh()).toEqual({ examined: 3, changed: 1, isDone: false })
      const late = stored(await insert({ id: 'pi_5', payload: '{"charge":"ch_5"}' }))
      expect(await refresh()).toMatchObject({ examined: 1, isDone: true })
      expect(await refresh()).toEqual({ examined: 0, changed: 0, isDone: true })
      const log = await events.readAfter(0, 10)
      expect(log[0]).toEqual({ ...old.event, id: 'ch_1', chargeId: 'ch_1', amount: 7 })
      expect(log.slice(1, 3)).toEqual([cut.event, unreadable.event])
      expect(log[4]).toEqual(late.event)
      expect(await refresh(2)).toMatchObject({ examined: 3, isDone: false })
      await refresh(2)
      expect((await find("id = 'ch_5'")).map(({ position }) => position)).toEqual([late.event.position])
    })

    test('the oldest are rewritten batch by batch, each once, up to the first that is young', async () => {
      for (let n = 0; n < 5; n++) {
        await insert({ appId: `app_${n % 2}`, receivedAt: NOON + n, payload: `"${'x'.repeat(n + 1)}"` })
      }
      const seen: string[] = []
      const next = (createdBefore: number) =>
        events.rewriteOldest({
          createdBefore,
          limit: 2,
          now: NOON + 9,
          rewrite: (payload) => {
            seen.push(payload)
            return shout(payload)
          },
        })
      expect(await next(NOON)).toEqual({ examined: 0, changed: 0 })
      expect(await next(NOON + 3)).toEqual({ examined: 2, changed: 2 })
      expect(await next(NOON + 3)).toEqual({ examined: 1, changed: 1 })
      expect(await next(NOON + 3)).toEqual({ examined: 0, changed: 0 })
      expect(seen).toEqual(['"x"', '"xx"', '"xxx"'])
      expect(await next(NOON + 99)).toEqual({ examined: 2, changed: 2 })
      expect((await events.readAfter(0, 10)).map(({ payload }) => payload)).toEqual(seen.map(shout))
      await events.insertOnce(anEvent({ receivedAt: NOON, payload: '"late"' }), { leaseMs: 1 })
      expect(await next(NOON + 99)).toEqual({ examined: 1, changed: 1 })
    })
  })
}
