/** Whatever Stripe's list holds and however much of it: each event is handed over once, the oldest first. */
import fc from 'fast-check'
import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { createMemoryRepairProgressStore } from '../store/memory/memory-repair-progress-store.ts'
import { type EventSourceGateway, repairEvents } from './repair-events.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const NOW_SECONDS = NOW / 1000
const DAY_MS = 24 * 3600_000

type Listed = Pick<Stripe.Event, 'id' | 'created' | 'type'>

/** Stripe's list over the given events, by the rules that its reference states. */
function listOf(events: readonly Listed[]) {
  const seen = { calls: 0 }
  const listEvents: EventSourceGateway['listEvents'] = async (params) => {
    seen.calls += 1
    const { gte = 0, lte = Number.POSITIVE_INFINITY } = params.created as { gte?: number; lte?: number }
    const newestFirst = events.filter(({ created }) => created >= gte && created <= lte).toReversed()
    const start = newestFirst.findIndex(({ id }) => id === params.starting_after) + 1
    const data = newestFirst.slice(start, start + (params.limit ?? 10)) as Stripe.Event[]
    return { object: 'list', url: '/v1/events', data, has_more: start + data.length < newestFirst.length }
  }
  return { stripe: { listEvents }, seen }
}

/** The log, which takes each id once. */
function emptyLog() {
  const ids: string[] = []
  const known = new Set<string>()
  const storeEvent = async ({ event }: { readonly event: { readonly id: string } }) => {
    if (known.has(event.id)) return 'duplicate' as const
    known.add(event.id)
    ids.push(event.id)
    return 'stored' as const
  }
  return { ids, storeEvent }
}

function eventsAt(seconds: readonly number[]): Listed[] {
  return [...seconds]
    .sort((a, b) => a - b)
    .map((created, index) => ({ id: `evt_${index}`, created, type: 'charge.succeeded' }) as const)
}

const request = { appId: 'app_1', appCreatedAt: NOW - DAY_MS, now: NOW, graceMs: 0 }

test('everything since the app was made is handed over once and in order, and the next run finds nothing new', async () => {
  // Few seconds and many events: windows are halved down to one second, and that one is read whole.
  const seconds = fc.oneof(
    fc.array(fc.integer({ min: NOW_SECONDS - 80_000, max: NOW_SECONDS }), { maxLength: 300 }),
    fc.array(fc.integer({ min: NOW_SECONDS - 3, max: NOW_SECONDS }), { minLength: 1_100, maxLength: 2_600 }),
  )
  await fc.assert(
    fc.asyncProperty(seconds, async (times) => {
      const events = eventsAt(times)
      const { stripe } = listOf(events)
      const { ids, storeEvent } = emptyLog()
      const progress = createMemoryRepairProgressStore()
      const outcome = await repairEvents(request, { stripe, storeEvent, progress })
      expect(ids).toEqual(events.map(({ id }) => id))
      expect(outcome.stored).toBe(events.length)
      expect(await progress.get('app_1')).toBe(events.at(-1)?.created ?? null)
      expect((await repairEvents(request, { stripe, storeEvent, progress })).stored).toBe(0)
    }),
    { numRuns: 25 },
  )
})

test('the next run reads only the end of the list, and still finds what appeared in it late', async () => {
  const events = eventsAt(Array.from({ length: 900 }, (_, index) => NOW_SECONDS - 80_000 + index * 80))
  const { stripe, seen } = listOf(events)
  const { ids, storeEvent } = emptyLog()
  const progress = createMemoryRepairProgressStore()
  await repairEvents(request, { stripe, storeEvent, progress })
  const before = seen.calls
  const last = events.at(-1)?.created ?? 0
  events.push({ id: 'evt_late', created: last - 60, type: 'charge.updated' } as Listed)
  await repairEvents(request, { stripe, storeEvent, progress })
  expect(seen.calls - before).toBe(1)
  expect(ids.at(-1)).toBe('evt_late')
})

test('young events are left to their webhook, unless there is no time to wait', async () => {
  const events = eventsAt([NOW_SECONDS - 30, NOW_SECONDS - 5, NOW_SECONDS + 2])
  const { stripe } = listOf(events)
  const { ids, storeEvent } = emptyLog()
  const deps = { stripe, storeEvent, progress: createMemoryRepairProgressStore() }
  await repairEvents({ ...request, graceMs: 10_000 }, deps)
  expect(ids).toEqual(['evt_0'])
  await repairEvents(request, deps)
  expect(ids).toEqual(['evt_0', 'evt_1', 'evt_2'])
})

test('what was before the app, or before the thirty days that Stripe keeps, is not asked for', async () => {
  const events = eventsAt([NOW_SECONDS - 40 * 86_400, NOW_SECONDS - 2 * 86_400, NOW_SECONDS - 60])
  const { stripe } = listOf(events)
  const { ids, storeEvent } = emptyLog()
  await repairEvents(request, { stripe, storeEvent, progress: createMemoryRepairProgressStore() })
  expect(ids).toEqual(['evt_2'])
  const old = emptyLog()
  const deps = { stripe, storeEvent: old.storeEvent, progress: createMemoryRepairProgressStore() }
  await repairEvents({ ...request, appCreatedAt: NOW - 60 * DAY_MS }, deps)
  expect(old.ids).toEqual(['evt_1', 'evt_2'])
})

test('a run that breaks off begins again where the last whole one ended', async () => {
  const events = eventsAt([NOW_SECONDS - 500, NOW_SECONDS - 400])
  const { stripe } = listOf(events)
  const { ids, storeEvent } = emptyLog()
  const progress = createMemoryRepairProgressStore()
  const failing = async (missing: { readonly event: { readonly id: string } }) => {
    if (missing.event.id === 'evt_1') throw new Error('the disk is full')
    return storeEvent(missing)
  }
  await expect(repairEvents(request, { stripe, storeEvent: failing, progress })).rejects.toThrow('disk')
  expect(await progress.get('app_1')).toBeNull()
  await repairEvents(request, { stripe, storeEvent, progress })
  expect(ids).toEqual(['evt_0', 'evt_1'])
})
