/** Older rows get the columns that this version reads out of their texts, in steps that may be interrupted. */
import { expect, test } from 'vitest'
import { anEvent } from '../../../../test/support/an-event.ts'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { ServiceError } from '../errors.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { createColumnRefresh } from './column-refresh.ts'

const ROWS = 120

async function aLogOfOldRows() {
  const { events } = createMemoryStore()
  for (let n = 0; n < ROWS; n++) {
    await events.insertOnce({ ...anEvent(), id: 'evt', chargeId: null, orderId: null }, { leaseMs: 1 })
  }
  const unread = async () =>
    (await events.readAfter(0, ROWS)).filter(({ chargeId }) => chargeId === null).length
  return { events, unread }
}

const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

test('it goes on where it was interrupted, and ends', async () => {
  const { events, unread } = await aLogOfOldRows()
  const time = createManualTime()
  const first = createColumnRefresh({ events, after: time.timers.after, log: silentLog })
  first.start()
  await settle()
  expect(await unread()).toBe(ROWS - 50)
  await first.stop()
  const second = createColumnRefresh({ events, after: time.timers.after, log: silentLog })
  second.start()
  await settle()
  expect(await unread()).toBe(ROWS - 100)
  time.advance(25)
  await settle()
  expect(await unread()).toBe(0)
  const [row] = await events.readAfter(0, 1)
  expect(row).toMatchObject({ id: expect.stringMatching(/^ch_/), position: 1 })
  await second.stop()
})

test('a store that fails is asked again later, and a stop does not wait for that', async () => {
  const { events, unread } = await aLogOfOldRows()
  let isFailing = true
  const time = createManualTime()
  const refresh = createColumnRefresh({
    events: {
      refreshColumns: async (options) => {
        if (isFailing) throw new ServiceError('store_unavailable', { message: 'No.' })
        return events.refreshColumns(options)
      },
    },
    after: time.timers.after,
    log: silentLog,
  })
  refresh.start()
  await settle()
  isFailing = false
  time.advance(9_999)
  await settle()
  expect(await unread()).toBe(ROWS)
  time.advance(1)
  await settle()
  expect(await unread()).toBe(ROWS - 50)
  await refresh.stop()
})
