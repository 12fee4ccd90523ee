/** What only the SQLite store promises: its file, its indexes, other processes, and what a crash leaves. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import type { NewEvent } from '../event-store.ts'
import { openDatabase } from './open-database.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const freshFile = () => join(folder, `${files++}.db`)
const clock = { now: () => 1_790_000_000_000 }
const open = (file: string, more: Partial<Parameters<typeof openSqliteStore>[0]> = {}) =>
  openSqliteStore({ file, autoMigrate: true, clock, ...more })

function anEvent(eventId: string): NewEvent {
  return {
    appId: 'app_1',
    objectId: `object of ${eventId}`,
    eventId,
    type: 'charge.succeeded',
    id: 'ch_1',
    objectType: 'charge',
    chargeId: 'ch_1',
    paymentIntentId: null,
    customerId: null,
    orderId: null,
    amount: 1000,
    currency: 'usd',
    status: 'succeeded',
    livemode: false,
    apiVersion: null,
    account: null,
    context: null,
    stripeCreated: 1,
    receivedAt: clock.now(),
    source: 'webhook',
    flag: null,
    payload: '{}',
  }
}

test('every commit is flushed to disk before it returns', () => {
  const database = openDatabase(freshFile())
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  expect(pragma('journal_mode')).toBe('wal')
  // 2 is FULL: NORMAL would flush at checkpoints only.
  expect(pragma('synchronous')).toBe(2)
  expect(pragma('page_size')).toBe(4_096)
  expect(pragma('foreign_keys')).toBe(1)
  database.close()
})

test('what was stored is there after reopening, and the log goes on behind it', async () => {
  const file = freshFile()
  const first = await open(file)
  await first.events.insertOnce(anEvent('evt_1'), { leaseMs: 1_000 })
  await first.close()
  const second = await open(file)
  expect(await second.events.insertOnce(anEvent('evt_1'), { leaseMs: 1_000 })).toEqual({
    outcome: 'duplicate',
  })
  await second.events.insertOnce(anEvent('evt_2'), { leaseMs: 1_000 })
  expect((await second.events.readAfter(0, 10)).map(({ eventId }) => eventId)).toEqual(['evt_1', 'evt_2'])
  await second.close()
})

test('two waves of deliveries share one commit', async () => {
  const turns: (() => void)[] = []
  const sizes: number[] = []
  const store = await open(freshFile(), {
    groupCommit: { soon: (run) => turns.push(run), onCommit: (writes) => sizes.push(writes) },
  })
  const firstWave = ['evt_1', 'evt_2'].map((id) => store.events.insertOnce(anEvent(id), { leaseMs: 1_000 }))
  await Promise.resolve()
  const secondWave = ['evt_3', 'evt_2'].map((id) => store.events.insertOnce(anEvent(id), { leaseMs: 1_000 }))
  turns.shift()?.()
  const results = await Promise.all([...firstWave, ...secondWave])
  expect(results.map(({ outcome }) => outcome)).toEqual(['stored', 'stored', 'stored', 'duplicate'])
  expect(sizes).toEqual([4])
  await store.close()
})

test('leases of a process that is gone are free at the next opening', async () => {
  const file = freshFile()
  const crashed = await open(file)
  const inserted = await crashed.events.insertOnce(anEvent('evt_1'), { leaseMs: 60_000 })
  const next = await open(file)
  const [leased] = await next.events.leaseDue({ now: clock.now(), leaseMs: 60_000, limit: 10 })
  expect(leased).toMatchObject({ event: { eventId: 'evt_1' }, lease: { attempt: 2 } })
  // Were the first process alive after all, it could still not handle the event a second time.
  if (inserted.outcome === 'duplicate') throw new Error('expected a new event')
  const result = { changes: [], startedAt: 0, now: 0 }
  expect(await crashed.events.finish(inserted.lease, result)).toBe('lease_lost')
  await crashed.close()
  await next.close()
})

test('events that another process stored are read too', async () => {
  const file = freshFile()
  const ours = await open(file)
  const theirs = await open(file)
  await ours.events.insertOnce(anEvent('evt_1'), { leaseMs: 1_000 })
  await theirs.events.insertOnce(anEvent('evt_2'), { leaseMs: 1_000 })
  await ours.events.insertOnce(anEvent('evt_3'), { leaseMs: 1_000 })
  const ids = async (after: number) =>
    (await ours.events.readAfter(after, 10)).map(({ eventId, position }) => `${position} ${eventId}`)
  expect(await ids(0)).toEqual(['1 evt_1', '2 evt_2', '3 evt_3'])
  expect(await ids(1)).toEqual(['2 evt_2', '3 evt_3'])
  await theirs.events.insertOnce(anEvent('evt_4'), { leaseMs: 1_000 })
  expect(await ids(3)).toEqual(['4 evt_4'])
  await ours.close()
  await theirs.close()
})

test('a write lock that another process keeps is store_unavailable, and keeps nothing', async () => {
  const file = freshFile()
  const store = await open(file, { lockWaitMs: 10 })
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  await expect(store.events.insertOnce(anEvent('evt_1'), { leaseMs: 1_000 })).rejects.toMatchObject({
    code: 'store_unavailable',
  })
  other.exec('ROLLBACK')
  other.close()
  expect(await store.events.insertOnce(anEvent('evt_1'), { leaseMs: 1_000 })).toMatchObject({
    outcome: 'stored',
  })
  await store.close()
})

test('a closed store refuses with a sentence', async () => {
  const store = await open(freshFile())
  await store.close()
  await store.close()
  await expect(store.events.insertOnce(anEvent('evt_1'), { leaseMs: 1 })).rejects.toMatchObject({
    code: 'shutting_down',
  })
  await expect(store.events.count({ appId: 'app_1', where: null })).rejects.toMatchObject({
    code: 'shutting_down',
  })
  await expect(store.events.lastPosition()).rejects.toMatchObject({ code: 'shutting_down' })
})

test('opening says what is wrong with the file', async () => {
  await expect(open(join(folder, 'no-such-folder', 'x.db'))).rejects.toThrow(
    /no-such-folder.*cannot be opened/,
  )
  await expect(open(freshFile(), { autoMigrate: false })).rejects.toThrow(/0001-events-and-apps/)
})
