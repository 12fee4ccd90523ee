import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { anEvent } from '../event-store-fixture.conformance.ts'
import { backupDatabase } from './backup-database.ts'
import { openSqliteStore } from './open-sqlite-store.ts'
import { restoreDatabase } from './restore-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-backup-'))
afterAll(() => rmSync(folder, { recursive: true }))
const clock = { now: () => 1_790_000_000_000 }
const open = (file: string) => openSqliteStore({ file, autoMigrate: true, clock })
const quiet = { clock, onPages: () => {} }

test('a backup under load holds the state of one moment, and is not begun anew by each commit', async () => {
  const file = join(folder, 'busy.db')
  const store = await open(file)
  const payload = JSON.stringify({ text: 'x'.repeat(20_000) })
  let stored = 0
  const insert = async () => {
    stored += 1
    const id = `evt_${String(stored).padStart(6, '0')}`
    await store.events.insertOnce(anEvent({ eventId: id, objectId: id, payload }), { leaseMs: 1_000 })
  }
  await Promise.all(Array.from({ length: 1_000 }, insert))
  const before = stored
  let isDone = false
  const load = (async () => {
    while (!isDone) await Promise.all(Array.from({ length: 20 }, insert))
  })()
  const steps: number[] = []
  const facts = await backupDatabase(file, join(folder, 'busy-backup.db'), (done) => steps.push(done))
  isDone = true
  await load
  await store.close()
  expect(stored).toBeGreaterThan(before)
  // It went forward only.
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
  expect(steps.length).toBeGreaterThan(2)
  const copy = new DatabaseSync(join(folder, 'busy-backup.db'), { readOnly: true })
  const rows = copy
    .prepare(
      'SELECT event_id, (SELECT count(*) FROM event_handling) AS handled FROM events ORDER BY position',
    )
    .all()
  copy.close()
  expect(rows.length).toBe(facts.events)
  expect(rows.length).toBeGreaterThanOrEqual(before)
  expect(rows.at(-1)).toMatchObject({ handled: rows.length })
  expect(existsSync(join(folder, 'busy-backup.db-wal'))).toBe(false)
})

test('a damaged file and one of a newer version are refused with the reason, and the database stays', async () => {
  const file = join(folder, 'kept.db')
  await (await open(file)).close()
  const backup = join(folder, 'kept-backup.db')
  await backupDatabase(file, backup, () => {})
  const before = readFileSync(file)

  const bytes = readFileSync(backup)
  writeFileSync(join(folder, 'damaged.db'), bytes.fill(0xff, 8_192, 40_960))
  await expect(restoreDatabase(file, join(folder, 'damaged.db'), quiet)).rejects.toThrow(/damaged/)

  const newer = new DatabaseSync(backup)
  newer.exec("INSERT INTO migrations (number, name, applied_at) VALUES (9999, 'of-the-future', 0)")
  newer.close()
  await expect(restoreDatabase(file, backup, quiet)).rejects.toThrow(/newer version \(migration 9999/)
  expect(readFileSync(file)).toEqual(before)
})

test('a restore counts on behind the commits that were lost, so that the next start sees no loss of its own', async () => {
  const file = join(folder, 'again.db')
  const backup = join(folder, 'again-backup.db')
  const first = await open(file)
  await first.close()
  await backupDatabase(file, backup, () => {})
  const second = await open(file)
  for (let n = 0; n < 5; n++) await second.repairProgress.advance('app_1', n)
  await second.close()
  for (const name of ['.before-restore', '.before-restore-2']) {
    expect(await restoreDatabase(file, backup, quiet)).toMatchObject({ kept: `${file}${name}` })
    const store = await open(file)
    expect(await store.repairProgress.get('app_1')).toBeNull()
    await store.close()
  }
  const kept = await open(`${file}.before-restore`)
  expect(await kept.repairProgress.get('app_1')).toBe(4)
  await kept.close()
})
