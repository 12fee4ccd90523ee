/** The health of the SQLite store. */
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { StoreHealth } from '../store-health.ts'
import type { GroupCommit } from './group-commit.ts'
import { missingMigrations } from './migrate.ts'
import type { StoreNews } from './store-news.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteStoreHealthDeps {
  readonly database: DatabaseSync
  readonly file: string
  readonly commits: GroupCommit
  readonly news: StoreNews
}

export function createSqliteStoreHealth({
  database,
  file,
  commits,
  news,
}: SqliteStoreHealthDeps): StoreHealth {
  const writeProbe = database.prepare('UPDATE app_changes SET probed_at = ?')
  const readProbe = database.prepare('SELECT probed_at FROM app_changes')
  // `event_handling_state` holds what is not handled, and serves where the text says so: a log of millions costs no
  // more than an empty one.
  const selectWaiting = database.prepare(`
    SELECT count(*) AS waiting, min(e.created) AS oldest_at
    FROM event_handling h JOIN events e USING (position)
    WHERE h.app_id = ? AND h.state IN ('received', 'failed') AND h.state <> 'handled'
  `)
  const selectDead = database.prepare(
    `SELECT count(*) AS dead FROM event_handling WHERE app_id = ? AND state = 'dead' AND state <> 'handled'`,
  )

  const selectDue = database.prepare('SELECT min(due_at) AS at FROM event_handling WHERE due_at IS NOT NULL')
  const selectOpen = database.prepare(`SELECT count(*) AS open FROM payment_attempts WHERE state = 'open'`)

  return {
    trouble: news.trouble,
    onNews: news.onNews,
    onCommit: news.onCommit,
    async space() {
      const [database, log, disk] = await Promise.all([
        sizeOf(file),
        sizeOf(`${file}-wal`),
        statfs(dirname(file)),
      ])
      return {
        database,
        writeAheadLog: log,
        diskFree: disk.bavail * disk.bsize,
        disk: disk.blocks * disk.bsize,
      }
    },
    async probeWrite(now) {
      await commits.enqueue(() => void writeProbe.run(now))
      if (readProbe.get()?.['probed_at'] !== now)
        throw new Error('The row that was written does not come back')
    },
    async queues() {
      try {
        const at = selectDue.get()?.['at']
        const openAttempts = Number(selectOpen.get()?.['open'] ?? 0)
        return { oldestDueAt: typeof at === 'number' ? at : null, openAttempts }
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
    async missingMigrations() {
      return missingMigrations(database)
    },
    async backlog(appId) {
      try {
        const row = selectWaiting.get(appId)
        const oldestAt = row?.['oldest_at']
        return {
          waiting: Number(row?.['waiting'] ?? 0),
          oldestAt: typeof oldestAt === 'number' ? oldestAt : null,
          dead: Number(selectDead.get(appId)?.['dead'] ?? 0),
        }
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
  }
}

/** 0 for a file that is not there. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}
