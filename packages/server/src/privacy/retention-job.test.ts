import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { store as insert } from '../../../../test/support/an-event.ts'
import { createManualTime, type ManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import type { Store } from '../store/store.ts'
import { createRetentionJob, type RetentionJobDeps } from './retention-job.ts'

const DAY = 86_400_000
let store: Store
let time: ManualTime
/** As Stripe tells the time. */
let confirmed: () => number | null

beforeEach(() => {
  store = createMemoryStore()
  time = createManualTime()
  confirmed = () => time.now()
})

function job(retentionDays: number, events: RetentionJobDeps['events'] = store.events) {
  return createRetentionJob({
    events,
    attempts: store.paymentAttempts,
    retentionDays,
    clock: time,
    confirmedNow: async () => confirmed(),
    every: time.timers.every,
    log: silentLog,
  })
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await nextTurn()
}

const ofPat = async () =>
  (await store.events.readAfter(0, 1_000)).flatMap(({ position, payload }) =>
    payload.includes('Pat Payer') ? [position] : [],
  )

test('a clock that jumped ahead makes nothing old, and neither does one that Stripe cannot confirm', async () => {
  await insert(store.events, { receivedAt: time.now() - 399 * DAY, amount: 1234 })
  const real = time.now()
  const retention = job(400)
  for (const answer of [real, null]) {
    confirmed = () => answer
    time.advance(10 * DAY)
    retention.start()
    await quiet()
    expect(await ofPat()).toEqual([1])
  }
  confirmed = () => time.now()
  time.advance(3_600_000)
  await quiet()
  expect(await ofPat()).toEqual([])
})

test('an event loses its personal text on the day it grows too old, and keeps its row', async () => {
  const before = await insert(store.events, { receivedAt: time.now() - 399 * DAY, amount: 1234 })
  const retention = job(400)
  retention.start()
  await quiet()
  expect(await ofPat()).toEqual([1])
  time.advance(2 * DAY)
  await quiet()
  // The hours went by at once, and a look that runs is not begun again.
  time.advance(3_600_000)
  await quiet()
  expect(await ofPat()).toEqual([])
  const [event] = await store.events.readAfter(0, 10)
  const { payload, updated, ...rest } = event ?? before
  expect({ ...rest, payload: before.payload, updated: null }).toEqual(before)
  expect(JSON.parse(payload)).toMatchObject({ data: { object: { amount: 1234, customer: 'cus_1' } } })
  expect(updated).toBeGreaterThanOrEqual(time.now() - 2 * DAY)
  await retention.stop()
})

test('many old events are cut in batches, and the young ones behind them are left', async () => {
  for (let n = 0; n < 120; n++) await insert(store.events, { receivedAt: time.now() - 500 * DAY })
  await insert(store.events, { receivedAt: time.now() })
  const retention = job(400)
  retention.start()
  await quiet()
  expect(await ofPat()).toEqual([121])
  await retention.stop()
})

test('0 days keep everything', async () => {
  await insert(store.events, { receivedAt: 0 })
  const retention = job(0)
  retention.start()
  time.advance(10 * DAY)
  await quiet()
  expect(await ofPat()).toEqual([1])
  await retention.stop()
})

test('a store that fails is asked again an hour later', async () => {
  await insert(store.events, { receivedAt: 0 })
  let failures = 1
  const flaky: RetentionJobDeps['events'] = {
    eraseTraces: store.events.eraseTraces,
    rewriteOldest: async (options) => {
      if (failures-- > 0) throw new Error('the disk is gone')
      return store.events.rewriteOldest(options)
    },
  }
  const retention = job(400, flaky)
  retention.start()
  await quiet()
  expect(await ofPat()).toEqual([1])
  time.advance(3_600_000)
  await quiet()
  expect(await ofPat()).toEqual([])
  await retention.stop()
})
