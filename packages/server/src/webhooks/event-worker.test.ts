/** Handling, on a real store, with the clock and the timers in the test's hand. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../log.ts'
import type { EventStore, LeasedEvent, NewEvent } from '../store/event-store.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import type { EventHandlers } from './event-handlers.ts'
import { createEventWorker, type EventWorker } from './event-worker.ts'
import { LEASE_MS } from './lease.ts'
import { MOST_ATTEMPTS } from './retry-schedule.ts'

const START = Date.UTC(2026, 10, 21, 12)
const HOUR = 3_600_000

let now: number
let ticks: (() => void)[]
let broken: Set<string>
let events: EventStore
let worker: EventWorker

const handlers: EventHandlers = {
  everyType: [
    (event) => {
      if (broken.has(event.eventId)) throw new Error('out of paper')
      return [{ kind: 'tally', day: '2026-11-21', type: event.type }]
    },
  ],
  byType: {},
}

function startWorker(store: EventStore): EventWorker {
  const made = createEventWorker({
    events: store,
    handlers,
    clock: { now: () => now },
    log: silentLog,
    every: (_ms, run) => {
      ticks.push(run)
      return () => {
        ticks = ticks.filter((it) => it !== run)
      }
    },
  })
  made.start()
  return made
}

beforeEach(async () => {
  now = START
  ticks = []
  broken = new Set()
  events = createMemoryStore().events
  worker = startWorker(events)
  await quiet()
})

let made = 0

async function insert(eventId = `evt_${++made}`, flag: NewEvent['flag'] = null): Promise<LeasedEvent> {
  const facts = { appId: 'app_1', objectId: `object of ${eventId}`, eventId, type: 'charge.succeeded' }
  const event = { ...facts, receivedAt: now, flag, payload: '{}' } as NewEvent
  const result = await events.insertOnce(event, { leaseMs: LEASE_MS })
  if (result.outcome === 'duplicate') throw new Error('expected a new event')
  return { event: result.event, lease: result.lease }
}

/** Several turns of the event loop: the store in memory needs one for each of its steps. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn()
}

async function tick(at: number): Promise<void> {
  now = at
  for (const run of ticks) run()
  await quiet()
}

const handling = async (leased: LeasedEvent) => events.handling(leased.event.position)
const counted = async () => {
  const tallies = await events.tallies('app_1', { from: '2026-01-01', to: '2026-12-31' })
  return tallies.reduce((sum, { count }) => sum + count, 0)
}

test('a fresh event is handled after its delivery was answered, with no sweep', async () => {
  const leased = await insert()
  worker.take(leased)
  expect(await handling(leased)).toMatchObject({ state: 'received' })
  await quiet()
  expect(await handling(leased)).toMatchObject({ state: 'handled', handledAt: START })
  expect(await counted()).toBe(1)
})

test('a flagged event is done with, and no rule sees it', async () => {
  broken.add('evt_live')
  const leased = await insert('evt_live', 'wrong_mode')
  worker.take(leased)
  await quiet()
  expect(await handling(leased)).toMatchObject({ state: 'handled', attempts: [{ outcome: 'handled' }] })
  expect(await counted()).toBe(0)
})

test('a failing event is tried again when it is due, not before, until it succeeds', async () => {
  broken.add('evt_flaky')
  const leased = await insert('evt_flaky')
  worker.take(leased)
  await quiet()
  expect(await handling(leased)).toMatchObject({ state: 'failed', nextAttemptAt: START + 5_000 })
  await tick(START + 4_999)
  expect((await handling(leased))?.attempts).toHaveLength(1)
  await tick(START + 5_000)
  expect(await handling(leased)).toMatchObject({ state: 'failed', nextAttemptAt: START + 35_000 })
  broken.clear()
  await tick(START + 35_000)
  expect(await handling(leased)).toMatchObject({
    state: 'handled',
    attempts: [
      { number: 1, outcome: 'failed', error: 'out of paper' },
      { number: 2, outcome: 'failed', error: 'out of paper' },
      { number: 3, outcome: 'handled', error: null },
    ],
  })
  expect(await counted()).toBe(1)
})

test('an event that never succeeds is dead after the last try', async () => {
  broken.add('evt_poison')
  const leased = await insert('evt_poison')
  worker.take(leased)
  await quiet()
  for (let hours = 1; hours <= 30; hours++) await tick(START + hours * HOUR)
  const story = await handling(leased)
  expect(story).toMatchObject({ state: 'dead', nextAttemptAt: null })
  expect(story?.attempts).toHaveLength(MOST_ATTEMPTS)
  expect(await counted()).toBe(0)
})

test('one failing event does not keep others from being handled', async () => {
  broken.add('evt_bad')
  const [bad, good] = [await insert('evt_bad'), await insert('evt_good')]
  worker.take(bad)
  worker.take(good)
  await quiet()
  expect(await handling(bad)).toMatchObject({ state: 'failed' })
  expect(await handling(good)).toMatchObject({ state: 'handled' })
})

describe('what another process left', () => {
  test('is swept up at the start', async () => {
    const leased = []
    for (let i = 0; i < 250; i++) leased.push(await insert())
    now = START + LEASE_MS
    startWorker(events)
    await quiet()
    for (const one of leased) expect(await handling(one)).toMatchObject({ state: 'handled' })
    expect(await counted()).toBe(250)
  })

  test('is left alone while its lease lives', async () => {
    const leased = await insert()
    await tick(START + LEASE_MS - 1)
    expect(await handling(leased)).toMatchObject({ state: 'received' })
    await tick(START + LEASE_MS)
    expect(await handling(leased)).toMatchObject({ state: 'handled' })
  })

  test('is dead once processes have ended as often as there are tries', async () => {
    const leased = await insert()
    for (let attempt = 2; attempt <= MOST_ATTEMPTS; attempt++) {
      now += LEASE_MS
      await events.leaseDue({ now, leaseMs: LEASE_MS, limit: 1 })
    }
    await tick(now + LEASE_MS)
    expect(await handling(leased)).toMatchObject({
      state: 'dead',
      attempts: [{ error: `The process ended ${MOST_ATTEMPTS} times while handling this event` }],
    })
  })
})

test('two workers on one store handle each event once', async () => {
  const other = startWorker(events)
  const leased = []
  for (let i = 0; i < 50; i++) leased.push(await insert())
  for (const one of leased.slice(0, 25)) worker.take(one)
  await tick(START + LEASE_MS)
  await tick(START + 2 * LEASE_MS)
  expect(await counted()).toBe(50)
  await other.stop()
})

test('when the store does not take the result, the event is due again', async () => {
  const leased = await insert()
  const failing = createEventWorker({
    events: { ...events, finish: () => Promise.reject(new Error('disk full')) },
    handlers,
    clock: { now: () => now },
    log: silentLog,
  })
  failing.take(leased)
  await quiet()
  expect(await handling(leased)).toMatchObject({ state: 'received' })
  await tick(START + LEASE_MS)
  expect(await handling(leased)).toMatchObject({ state: 'handled' })
})

test('a sweep that cannot read is tried again at the next tick', async () => {
  let isDown = true
  const leaseDue: EventStore['leaseDue'] = (options) =>
    isDown ? Promise.reject(new Error('disk full')) : events.leaseDue(options)
  const leased = await insert()
  await worker.stop()
  startWorker({ ...events, leaseDue })
  await tick(START + LEASE_MS)
  expect(await handling(leased)).toMatchObject({ state: 'received' })
  isDown = false
  await tick(START + LEASE_MS)
  expect(await handling(leased)).toMatchObject({ state: 'handled' })
})

test('stopping finishes what was taken, and takes no more', async () => {
  const [taken, late] = [await insert(), await insert()]
  worker.take(taken)
  await worker.stop()
  expect(await handling(taken)).toMatchObject({ state: 'handled' })
  worker.take(late)
  await quiet()
  expect(await handling(late)).toMatchObject({ state: 'received' })
  expect(ticks).toEqual([])
})
