/** Alarms are told once, and reach people also where the store takes nothing. */
import { beforeEach, expect, test } from 'vitest'
import { ServiceError } from '../errors.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import { createMemoryAlarmStore } from '../store/memory/memory-alarm-store.ts'
import { type AlarmDesk, createAlarms } from './create-alarms.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const FULL = { appId: null, kind: 'disk_nearly_full', subject: 'disk' } as const
const PAID_TWICE = { appId: 'app_1', kind: 'order_paid_twice', subject: 'order-1' } as const

let now: number
let isFailing: boolean
/** false: as on a full disk, where reading goes on. */
let mayWrite: boolean
let alarms: AlarmDesk
let logged: string[]
let heard: string[]

beforeEach(() => {
  now = NOON
  isFailing = false
  mayWrite = true
  logged = []
  heard = []
  const store = createMemoryAlarmStore()
  const guarded = new Proxy(store, {
    get(_target, name: keyof AlarmStore) {
      if (isFailing || (!mayWrite && (name === 'raise' || name === 'clear')))
        return async () => Promise.reject(new ServiceError('store_unavailable', { message: 'No.' }))
      return store[name]
    },
  })
  const note = (level: string) => (facts: object, message: string) =>
    void logged.push(`${level} ${(facts as { alarm: string }).alarm}: ${message}`)
  const log = { info: note('info'), warn: note('warn'), error: note('error') }
  alarms = createAlarms({ store: guarded, clock: { now: () => now }, log: log as never })
  alarms.onChange((change, { kind }) => void heard.push(`${change} ${kind}`))
})

const list = (onlyStanding = true) => alarms.list({ appId: 'app_1', onlyStanding, limit: 10 })

test('an alarm is told when it begins and when it is over, however often it is raised', async () => {
  for (let n = 0; n < 3; n++) await alarms.raise({ ...PAID_TWICE, message: 'Paid by pi_1 and pi_2.' })
  expect(await list()).toMatchObject([{ count: 3 }])
  await alarms.clear(PAID_TWICE)
  await alarms.clear(PAID_TWICE)
  expect(logged).toEqual([
    'error order_paid_twice: Paid by pi_1 and pi_2.',
    'warn order_paid_twice: The alarm is over: An order was paid twice',
  ])
  expect(heard).toEqual(['raised order_paid_twice', 'cleared order_paid_twice'])
})

test('with a store that takes nothing an alarm is told and listed, and stored once it can be', async () => {
  isFailing = true
  await alarms.raise({ ...FULL, message: '1 MB is left.' })
  await alarms.raise({ ...FULL, message: '0 MB are left.' })
  expect(heard).toEqual(['raised disk_nearly_full'])
  expect(await list()).toMatchObject([{ kind: 'disk_nearly_full', count: 2, message: '0 MB are left.' }])
  await alarms.handOver()
  isFailing = false
  await alarms.handOver()
  expect(await list()).toMatchObject([{ kind: 'disk_nearly_full', clearedAt: null }])
  now += 1
  await alarms.clear(FULL)
  expect(await list()).toEqual([])
  expect(heard).toEqual(['raised disk_nearly_full', 'cleared disk_nearly_full'])
})

test('one that came and went while nothing could be stored is in the list of those that are over', async () => {
  isFailing = true
  await alarms.raise({ ...FULL, message: '0 MB are left.' })
  await alarms.clear(FULL)
  isFailing = false
  await alarms.handOver()
  expect(await list(false)).toMatchObject([{ kind: 'disk_nearly_full', clearedBy: 'itself' }])
  expect(heard).toEqual(['raised disk_nearly_full', 'cleared disk_nearly_full'])
})

test('one that ended while nothing could be stored is cleared once something can be', async () => {
  await alarms.raise({ ...FULL, message: '1 MB is left.' })
  isFailing = true
  await alarms.clear(FULL)
  await alarms.handOver()
  expect(heard).toEqual(['raised disk_nearly_full'])
  isFailing = false
  await alarms.handOver()
  await alarms.handOver()
  expect(await list()).toEqual([])
  expect(heard).toEqual(['raised disk_nearly_full', 'cleared disk_nearly_full'])
})

test('one that ended and began again while nothing could be stored goes on', async () => {
  await alarms.raise({ ...FULL, message: '1 MB is left.' })
  isFailing = true
  await alarms.clear(FULL)
  await alarms.raise({ ...FULL, message: '0 MB are left.' })
  isFailing = false
  await alarms.handOver()
  expect(await list()).toMatchObject([{ kind: 'disk_nearly_full', count: 2, clearedAt: null }])
})

test('nobody is told that an alarm was cleared by hand which the store did not clear', async () => {
  await alarms.raise({ ...PAID_TWICE, message: 'Paid by pi_1 and pi_2.' })
  const [standing] = await list()
  mayWrite = false
  await expect(alarms.clearByHand(standing?.id ?? '', 'app_1')).rejects.toMatchObject({
    code: 'store_unavailable',
  })
  expect(heard).toEqual(['raised order_paid_twice'])
})

test('by hand an app clears its own alarms and those of the server, and no other', async () => {
  await alarms.raise({ ...PAID_TWICE, message: 'Twice.' })
  const [{ id = '' } = {}] = await list()
  expect(await alarms.clearByHand(id, 'app_2')).toBeNull()
  expect(await alarms.clearByHand('alm_unknown', 'app_1')).toBeNull()
  expect(await alarms.clearByHand(id, 'app_1')).toMatchObject({ clearedBy: 'hand' })
  await alarms.raise({ ...PAID_TWICE, message: 'Still twice.' })
  expect(await list()).toEqual([])
})
