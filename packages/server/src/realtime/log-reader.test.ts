import { expect, test } from 'vitest'
import { store } from '../../../../test/support/an-event.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { createLogReader } from './log-reader.ts'
import type { Publication } from './publication.ts'

function setUp() {
  const { events } = createMemoryStore()
  const time = createManualTime()
  const published: number[] = []
  let failures = 0
  const publish = async ({ position }: Publication) => {
    published.push(position)
  }
  const flaky = {
    lastPosition: () => events.lastPosition(),
    readAfter: async (position: number, limit: number) => {
      if (failures-- > 0) throw new Error('the disk is gone')
      return events.readAfter(position, limit)
    },
  }
  const reader = createLogReader({
    events: flaky,
    hub: { publish, size: 1 },
    timers: time.timers,
    log: silentLog,
  })
  const failNext = () => {
    failures = 1
  }
  return { events, time, published, reader, failNext }
}

const has = (published: readonly number[], count: number) => eventually(() => published.length >= count)

test('what was stored before the start is not published, what comes after is, once and in order', async () => {
  const { events, published, reader } = setUp()
  await store(events)
  await reader.start()
  expect(reader.head()).toBe(1)
  await store(events)
  await store(events)
  reader.wake()
  reader.wake()
  await has(published, 2)
  reader.wake()
  await reader.close()
  expect(published).toEqual([2, 3])
  expect(reader.head()).toBe(3)
})

test('a flagged event is passed over, and what comes behind it is published', async () => {
  const { events, published, reader } = setUp()
  await reader.start()
  await store(events, { flag: 'wrong_mode' })
  await store(events)
  await store(events, { flag: 'foreign_account' })
  reader.wake()
  await eventually(() => reader.head() === 3)
  await reader.close()
  expect(published).toEqual([2])
})

test('more than one page is published in order', async () => {
  const { events, published, reader } = setUp()
  await reader.start()
  for (let n = 0; n < 450; n++) await store(events)
  reader.wake()
  await has(published, 450)
  expect(published).toEqual(Array.from({ length: 450 }, (_, index) => index + 1))
  await reader.close()
})

test('without a wake-up the timer finds what another process stored', async () => {
  const { events, time, published, reader } = setUp()
  await reader.start()
  await store(events)
  time.advance(1_000)
  await has(published, 1)
  await reader.close()
})

test('a failed read loses nothing: the next wake-up goes on from the same place', async () => {
  const { events, published, reader, failNext } = setUp()
  await reader.start()
  failNext()
  await store(events)
  reader.wake()
  await eventually(async () => {
    reader.wake()
    return published.length === 1
  })
  expect(published).toEqual([1])
  await reader.close()
})

test('after closing nothing is published', async () => {
  const { events, time, published, reader } = setUp()
  await reader.start()
  await reader.close()
  await store(events)
  reader.wake()
  time.advance(10_000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(published).toEqual([])
})
