/** The database is taken away, swapped or spoiled under an open store: nothing is acknowledged that would be lost. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { anEvent, NOON } from '../event-store-fixture.conformance.ts'
import type { Store } from '../store.ts'
import type { StoreNews } from '../store-health.ts'
import { diskProbe } from './file-facts.ts'
import { createFileWatch } from './file-watch.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const root = mkdtempSync(join(tmpdir(), 'tollbridge-loss-'))
afterAll(() => rmSync(root, { recursive: true }))
const clock = { now: () => 1_790_000_000_000 }
const LEASE = { leaseMs: 1_000 }

let folders = 0
let folder: string
let file: string
let store: Store
let news: StoreNews[]
/** The timer, in the test's hand. */
let look: () => void

const open = (more: Partial<Parameters<typeof openSqliteStore>[0]> = {}) =>
  openSqliteStore({
    file,
    autoMigrate: true,
    clock,
    every: (_ms, run) => {
      look = run
      return () => {}
    },
    ...more,
  })

beforeEach(async () => {
  folders += 1
  folder = join(root, String(folders))
  mkdirSync(folder)
  file = join(folder, 'tollbridge.db')
  store = await open()
  const heard: StoreNews[] = []
  news = heard
  store.health.onNews((it) => heard.push(it))
  await insert('evt_before')
})
afterEach(() => store.close())

const insert = (eventId: string) => store.events.insertOnce(anEvent({ eventId, objectId: eventId }), LEASE)
const refused = { code: 'store_unavailable' }
const eventIds = (path: string) => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database
      .prepare('SELECT event_id FROM events ORDER BY position')
      .all()
      .map((row) => row['event_id'])
  } finally {
    database.close()
  }
}

/** Each leaves the path in a state in which a commit would be lost. */
const losses: readonly (readonly [string, string, () => void])[] = [
  ['deleted', 'gone', () => rmSync(file)],
  ['moved away', 'gone', () => renameSync(file, `${file}.old`)],
  ['deleted with its whole folder', 'gone', () => rmSync(folder, { recursive: true })],
  [
    'replaced by another file',
    'replaced',
    () => {
      writeFileSync(`${file}.new`, readFileSync(file))
      renameSync(`${file}.new`, file)
    },
  ],
  ['cut to nothing', 'cut_short', () => truncateSync(file, 0)],
  ['left without its write-ahead log', 'gone', () => rmSync(`${file}-wal`)],
  ['left without its shared memory', 'gone', () => rmSync(`${file}-shm`)],
]

describe.each(losses)('a database that is %s', (_what, kind, lose) => {
  test('takes no commit, even before anybody looked', async () => {
    // What is cut short shows by its length, which a checkpoint has to have settled first.
    await store.events.eraseTraces()
    lose()
    await expect(insert('evt_lost')).rejects.toMatchObject(refused)
    expect(store.health.trouble()).toMatchObject({ kind })
    expect(news[0]).toMatchObject({ kind: 'trouble', trouble: { kind } })
  })

  test('is noticed by the next look, and refuses reads as well', async () => {
    await store.events.eraseTraces()
    lose()
    look()
    expect(store.health.trouble()).toMatchObject({
      kind,
      message: expect.stringContaining('tollbridge restore'),
    })
    await expect(store.events.lastPosition()).rejects.toMatchObject(refused)
    await expect(
      store.events.find({ appId: 'app_1', where: null, orderBy: [], limit: 1, offset: 0 }),
    ).rejects.toMatchObject(refused)
    await expect(store.paymentAttempts.nextDueAt()).rejects.toMatchObject(refused)
    await expect(insert('evt_lost')).rejects.toMatchObject(refused)
  })
})

describe.each([
  ['emptied', (bytes: number) => bytes * 0],
  ['cut in half', (bytes: number) => Math.floor(bytes / 2)],
])('a write-ahead log that is %s in its place', (what, left) => {
  const cut = () => truncateSync(`${file}-wal`, left(statSync(`${file}-wal`).size))

  test('is noticed by the next look', async () => {
    cut()
    look()
    expect(store.health.trouble()).toMatchObject({
      kind: 'cut_short',
      message: expect.stringContaining('-wal'),
    })
    await expect(insert('evt_lost')).rejects.toMatchObject(refused)
  })

  test('is noticed though it was written on behind the hole', async () => {
    cut()
    const inserted = insert('evt_lost')
    if (what === 'emptied') await expect(inserted).rejects.toMatchObject(refused)
    else await inserted
    look()
    expect(store.health.trouble()).toMatchObject({ kind: 'cut_short' })
  })
})

test('a log that a checkpoint has emptied is as it should be', async () => {
  await store.events.eraseTraces()
  look()
  await insert('evt_after')
  look()
  await store.events.eraseTraces()
  await insert('evt_again')
  look()
  expect(store.health.trouble()).toBeNull()
})

test('what a lost file held is saved beside its place, the last commit included', async () => {
  await insert('evt_last')
  rmSync(file)
  rmSync(`${file}-wal`)
  look()
  await vi.waitFor(() => expect(news.map(({ kind }) => kind)).toEqual(['trouble', 'rescued']))
  expect(eventIds(`${file}.rescued`)).toEqual(['evt_before', 'evt_last'])
  expect(statSync(`${file}.rescued`).mode & 0o077).toBe(0)
})

test('a database that is back at its place is used again', async () => {
  renameSync(file, `${file}.old`)
  look()
  await expect(insert('evt_between')).rejects.toMatchObject(refused)
  renameSync(`${file}.old`, file)
  look()
  expect(store.health.trouble()).toBeNull()
  expect(news.map(({ kind }) => kind)).toContain('over')
  await insert('evt_after')
  expect(eventIds(file)).toEqual(['evt_before', 'evt_after'])
})

test('an older copy that is written over the file is noticed, and stays so', async () => {
  await store.events.eraseTraces()
  copyFileSync(file, join(folder, 'older.db'))
  for (let n = 0; n < 20; n++) await insert(`evt_${n}`)
  await store.events.eraseTraces()
  look()
  // The same inode, and a length that tells nothing.
  const older = readFileSync(join(folder, 'older.db'))
  writeFileSync(file, Buffer.concat([older, Buffer.alloc(Math.max(0, statSync(file).size - older.length))]))
  look()
  await vi.waitFor(() => expect(store.health.trouble()).toMatchObject({ kind: 'overwritten' }))
  await expect(insert('evt_lost')).rejects.toMatchObject(refused)
})

test('checkpoints and vacuums by other programs are nobody’s trouble', async () => {
  for (let n = 0; n < 50; n++) await insert(`evt_${n}`)
  const other = new DatabaseSync(file)
  for (const statement of [
    'PRAGMA wal_checkpoint(PASSIVE)',
    'DELETE FROM events',
    'VACUUM',
    'PRAGMA wal_checkpoint(TRUNCATE)',
  ]) {
    other.exec(statement)
    look()
    await insert(`evt after ${statement}`)
    look()
  }
  other.close()
  look()
  await insert('evt_after')
  expect(news).toEqual([])
  expect(store.health.trouble()).toBeNull()
})

test('a file or folder that may not be written any more is read-only, until it may', () => {
  let code: string | null = null
  const troubles: unknown[] = []
  const watch = createFileWatch({
    file,
    bytesNeeded: () => 0,
    logProgress: () => ({ frames: 0, copied: 0 }),
    isCheckpointing: () => false,
    isLogCut: () => false,
    examine: async () => null,
    onTrouble: (it) => troubles.push(it?.kind ?? null),
    probe: { ...diskProbe, whyNotWritable: (path) => (path === folder ? code : null) },
  })
  watch.look()
  code = 'EROFS'
  watch.look()
  expect(watch.trouble()).toMatchObject({ kind: 'read_only', message: expect.stringContaining(folder) })
  expect(() => watch.assertUsable()).toThrow(expect.objectContaining(refused))
  code = null
  watch.look()
  expect(troubles).toEqual(['read_only', null])
  watch.assertUsable()
})

describe('the next start', () => {
  const reopen = async () => {
    await store.close()
    store = await open()
  }
  const anApp = {
    appId: 'app_1',
    mode: 'test',
    origin: 'environment',
    name: '',
    clientKeys: ['tbc_1'],
  } as const

  test('finds nothing wrong after a stop, and none after a crash', async () => {
    await reopen()
    expect(await store.doubts.list()).toEqual([])
    const crashed = store
    store = await open()
    expect(await store.doubts.list()).toEqual([])
    await crashed.close()
  })

  test('refuses to begin anew where a database was', async () => {
    await store.close()
    rmSync(file)
    await expect(open()).rejects.toThrow(
      /tollbridge\.db is gone.*tollbridge restore.*remove .*tollbridge\.mark/,
    )
    expect(existsSync(file)).toBe(false)
    rmSync(join(folder, 'tollbridge.mark'))
    store = await open()
    expect(await store.events.lastPosition()).toBe(0)
  })

  describe('with an app', () => {
    beforeEach(() =>
      store.apps.insert({
        ...anApp,
        currency: null,
        publishableKey: null,
        stripeAccountId: null,
        publicUrl: null,
        apiBase: null,
        webhookEndpointId: null,
        disabledAt: null,
        serverKeys: [],
        createdAt: clock.now(),
      } as never),
    )

    test('notices a copy that was put back by hand, once', async () => {
      await store.close()
      copyFileSync(file, `${file}.backup`)
      store = await open()
      await insert('evt_later')
      await store.close()
      copyFileSync(`${file}.backup`, file)
      store = await open()
      const doubt = { appId: 'app_1', since: NOON / 1000 - 3_600, reason: 'went_back', notedAt: clock.now() }
      expect(await store.doubts.list()).toEqual([doubt])
      await store.doubts.settle(doubt as never)
      await reopen()
      expect(await store.doubts.list()).toEqual([])
    })

    test('notices a write-ahead log that was cut after a crash', async () => {
      // What a killed process leaves: the files as they are.
      const left = join(folder, 'killed')
      mkdirSync(left)
      await store.events.eraseTraces()
      await insert('evt_in_the_log')
      for (const name of ['tollbridge.db', 'tollbridge.mark'])
        copyFileSync(join(folder, name), join(left, name))
      const killed = await openSqliteStore({ file: join(left, 'tollbridge.db'), autoMigrate: true, clock })
      expect(await killed.doubts.list()).toMatchObject([{ appId: 'app_1', reason: 'went_back' }])
      await killed.close()
    })

    test('notices another database in its place', async () => {
      await store.close()
      const elsewhere = join(folder, 'elsewhere.db')
      copyFileSync(file, elsewhere)
      const other = new DatabaseSync(elsewhere)
      other.exec("UPDATE store_identity SET id = 'ffffffffffffffffffffffffffffffff', sequence = 1000000")
      other.close()
      renameSync(elsewhere, file)
      store = await open()
      expect(await store.doubts.list()).toMatchObject([{ appId: 'app_1', reason: 'replaced' }])
    })
  })
})
