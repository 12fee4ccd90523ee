/** Another program holds the write lock, or reads for long: nothing here waits for it but the write itself. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anEvent } from '../event-store-fixture.conformance.ts'
import type { Store } from '../store.ts'
import { LOG_LIMIT_BYTES } from './checkpointer.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-locks-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
let file: string
let store: Store
let other: DatabaseSync
/** The monotonic clock and the timers of the commits, in the test's hand. */
let elapsed: number
let retries: { push(run: () => void): unknown; shift(): (() => void) | undefined }

beforeEach(async () => {
  files += 1
  file = join(folder, `${files}.db`)
  elapsed = 0
  retries = []
  store = await openSqliteStore({
    file,
    autoMigrate: true,
    clock: { now: () => 0 },
    lockWaitMs: 2_000,
    groupCommit: { elapsed: () => elapsed, later: (run) => retries.push(run) },
  })
  other = new DatabaseSync(file)
})
afterEach(async () => {
  other.close()
  await store.close()
})

const insert = (eventId: string) =>
  store.events.insertOnce(anEvent({ eventId, objectId: eventId }), { leaseMs: 1_000 })

/** Runs `count` turns of the event loop, and the timers that have come; @returns the longest turn in milliseconds. */
async function longestTurn(count: number, during: () => unknown): Promise<number> {
  let longest = 0
  for (let turn = 0; turn < count; turn++) {
    const startedAt = performance.now()
    retries.shift()?.()
    await during()
    await nextTurn()
    longest = Math.max(longest, performance.now() - startedAt)
  }
  return longest
}

test('while another program holds the write lock, turns stay short and reads are answered', async () => {
  await insert('evt_1')
  other.exec('BEGIN IMMEDIATE')
  let isTold = false
  const waiting = insert('evt_2').then((result) => {
    isTold = true
    return result
  })
  // Were there one synchronous wait on the lock, a turn would take the seconds that a write may wait.
  expect(await longestTurn(200, () => store.events.lastPosition())).toBeLessThan(50)
  expect(isTold).toBe(false)
  other.exec('COMMIT')
  await longestTurn(10, () => {})
  expect(await waiting).toMatchObject({ outcome: 'stored' })
})

test('what is queued meanwhile goes with the commit that gets the lock', async () => {
  other.exec('BEGIN IMMEDIATE')
  const writes = ['evt_1', 'evt_2'].map(insert)
  await longestTurn(10, () => {})
  writes.push(insert('evt_3'))
  await longestTurn(10, () => {})
  other.exec('ROLLBACK')
  await longestTurn(10, () => {})
  expect((await Promise.all(writes)).map(({ outcome }) => outcome)).toEqual(['stored', 'stored', 'stored'])
})

test('a write gives up after its time, and those that came later go on waiting', async () => {
  other.exec('BEGIN IMMEDIATE')
  const first = insert('evt_1')
  await longestTurn(5, () => {})
  elapsed = 1_500
  const second = insert('evt_2')
  elapsed = 2_000
  await Promise.all([
    expect(first).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('another process holds its lock'),
    }),
    longestTurn(10, () => {}),
  ])
  expect(store.health.trouble()).toMatchObject({ kind: 'failing' })
  other.exec('ROLLBACK')
  await longestTurn(5, () => {})
  expect(await second).toMatchObject({ outcome: 'stored' })
  expect(store.health.trouble()).toBeNull()
})

test('a stop waits for the lock as long as a write does', async () => {
  other.exec('BEGIN IMMEDIATE')
  const write = insert('evt_1')
  await longestTurn(5, () => {})
  const closed = store.close()
  elapsed = 2_000
  await Promise.all([
    expect(write).rejects.toMatchObject({ code: 'store_unavailable' }),
    longestTurn(5, () => {}),
  ])
  await closed
  other.exec('ROLLBACK')
})

const asSoonAsPossible = { push: (run: () => void) => setImmediate(run), shift: () => undefined }

test('the write-ahead log is copied in the background, and its file stays small', async () => {
  retries = asSoonAsPossible
  const payload = JSON.stringify({ text: 'x'.repeat(30_000) })
  const wave = (from: number) =>
    Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        store.events.insertOnce(anEvent({ eventId: `evt_${from + n}`, objectId: `o_${from + n}`, payload }), {
          leaseMs: 1_000,
        }),
      ),
    )
  // Ten times what is copied at once, as fast as it goes.
  for (let n = 0; n < 12; n++) await wave(n * 100)
  const written = 12 * 100 * payload.length
  await vi.waitFor(async () => {
    expect((await store.health.space())?.writeAheadLog).toBeLessThan(written / 2)
    expect(statSync(file).size).toBeGreaterThan(written / 2)
  })
})

test('a log that grew under a long reader is cut back when the reader is gone', async () => {
  retries = asSoonAsPossible
  const payload = JSON.stringify({ text: 'x'.repeat(60_000) })
  const wave = async (from: number) => {
    for (let n = from; n < from + 100; n++) {
      void store.events.insertOnce(anEvent({ eventId: `evt_${n}`, objectId: `o_${n}`, payload }), {
        leaseMs: 1_000,
      })
    }
    await insert(`evt_last_of_${from}`)
  }
  other.exec('BEGIN')
  other.prepare('SELECT count(*) FROM events').get()
  for (let n = 0; n < 4; n++) await wave(n * 100)
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(LOG_LIMIT_BYTES)
  other.exec('COMMIT')
  let next = 1_000
  await vi.waitFor(
    async () => {
      next += 100
      await wave(next)
      expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(LOG_LIMIT_BYTES)
    },
    { timeout: 10_000 },
  )
})
