/** The alarms that come from looking after the server, and whether it is ready. */
import { beforeEach, expect, test } from 'vitest'
import { anEvent } from '../../../../test/support/an-event.ts'
import { createManualTime, type ManualTime } from '../../../../test/support/manual-time.ts'
import { createAlarms } from '../alarms/create-alarms.ts'
import { ServiceError } from '../errors.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import type { Store } from '../store/store.ts'
import type { StoreHealth } from '../store/store-health.ts'
import { judgeReadiness } from './judge-readiness.ts'
import { createVitals, type VitalsReader } from './vitals.ts'
import { createServerWatch } from './watch-server.ts'

const MEGABYTE = 1024 * 1024
const limits = { toleranceSeconds: 300, leastFreeBytes: 50 * MEGABYTE }

let time: ManualTime
let store: Store
let health: StoreHealth
let vitals: VitalsReader
let skewMs: number
let freeMegabytes: number
let isWritable: boolean

beforeEach(() => {
  time = createManualTime()
  store = createMemoryStore()
  skewMs = 0
  freeMegabytes = 5_000
  isWritable = true
  health = {
    ...store.health,
    async probeWrite() {
      if (!isWritable) throw new ServiceError('store_unavailable', { message: 'The disk is full.' })
    },
    space: async () => ({
      database: 1,
      writeAheadLog: 1,
      diskFree: freeMegabytes * MEGABYTE,
      disk: 10_000 * MEGABYTE,
    }),
  }
  const steady = { elapsed: () => time.now() }
  vitals = createVitals({ health, appIds: () => ['app_1'], skewsMs: () => [skewMs], clock: time, steady })
})

const readiness = async () => judgeReadiness(await vitals.look({ atMostOldMs: 0 }), limits)

async function watching() {
  const alarms = createAlarms({ store: store.alarms, clock: time, log: silentLog })
  const watch = createServerWatch({
    vitals,
    alarms,
    events: store.events,
    health,
    diskAlarmBytes: 500 * MEGABYTE,
    steady: { elapsed: () => time.now() },
    every: time.timers.every,
    log: silentLog,
  })
  watch.start()
  await settle()
  return { watch, kinds: async () => (await store.alarms.standing(9)).map(({ kind }) => kind) }
}

const settle = async () => {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
}
const later = async () => {
  time.advance(5_000)
  await settle()
}

test('dead events are one alarm of their app, which names the newest, and ends with the last of them', async () => {
  const inserted = await store.events.insertOnce(anEvent(), { leaseMs: 1 })
  if (inserted.outcome !== 'stored') throw new Error('It is new')
  const at = time.now()
  await store.events.fail(inserted.lease, { error: 'out of paper', retryAt: null, startedAt: at, now: at })
  const { watch } = await watching()
  const { eventId, position } = inserted.event
  expect(await store.alarms.standing(9)).toMatchObject([
    {
      kind: 'event_dead',
      appId: 'app_1',
      message: `1 event is dead. The newest is ${eventId} (charge.succeeded): out of paper`,
    },
  ])
  await later()
  expect(await store.alarms.standing(9)).toMatchObject([{ count: 1 }])
  await store.events.replay('app_1', [position], time.now())
  await later()
  expect(await store.alarms.standing(9)).toEqual([])
  await watch.stop()
})

test('a store that takes nothing, a full disk and a queue that stands are alarms while they last', async () => {
  const { watch, kinds } = await watching()
  expect(await kinds()).toEqual([])
  isWritable = false
  freeMegabytes = 499
  await store.events.insertOnce(anEvent({ receivedAt: time.now() - 70_000 }), { leaseMs: 1 })
  await later()
  expect((await kinds()).toSorted()).toEqual(['disk_nearly_full', 'queue_delayed', 'store_failing'])
  expect(
    await store.alarms.list({ appId: 'app_1', onlyStanding: true, kind: 'disk_nearly_full', limit: 1 }),
  ).toMatchObject([{ appId: null, message: '499 MB are free on the disk of the database, of 10000 MB.' }])
  isWritable = true
  freeMegabytes = 500
  await later()
  expect(await kinds()).toEqual(['queue_delayed'])
  await watch.stop()
})

test('an alarm that an earlier run left is cleared when its condition is over', async () => {
  const key = { appId: null, kind: 'store_failing', subject: 'store' } as const
  await store.alarms.raise({ ...key, message: 'No writes.' }, time.now(), { reopens: false })
  const { watch, kinds } = await watching()
  expect(await kinds()).toEqual([])
  await watch.stop()
})

test('a server is ready while it can write, handle, and trust its clock and disk', async () => {
  expect(await readiness()).toEqual({
    checks: { store: 'ok', queue: 'ok', clock: 'ok', disk: 'ok' },
    reasons: [],
  })
  isWritable = false
  skewMs = -301_000
  freeMegabytes = 49
  await store.events.insertOnce(anEvent({ receivedAt: time.now() - 70_000 }), { leaseMs: 1 })
  expect(await readiness()).toEqual({
    checks: { store: 'failing', queue: 'failing', clock: 'failing', disk: 'failing' },
    reasons: [
      'The database takes no writes.',
      'Events have waited for 70 s to be handled.',
      'The clock of this machine is 301 s off, so webhooks are refused.',
      'Only 49 MB are free on the disk of the database.',
    ],
  })
})

test('many who ask at once cost one look', async () => {
  let looks = 0
  const probeWrite = async () => {
    looks += 1
  }
  const counted = createVitals({
    health: { ...health, probeWrite },
    appIds: () => [],
    skewsMs: () => [],
    clock: time,
    steady: { elapsed: () => time.now() },
  })
  await Promise.all(Array.from({ length: 50 }, () => counted.look({ atMostOldMs: 1_000 })))
  expect(looks).toBe(1)
})
