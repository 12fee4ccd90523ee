/** The health of the SQLite store. */
import type { DatabaseSync } from 'node:sqlite'
import type { StoreHealth } from '../store-health.ts'
import type { GroupCommit } from './group-commit.ts'
import { missingMigrations } from './migrate.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteStoreHealthDeps {
  readonly database: DatabaseSync
  readonly commits: GroupCommit
}

export function createSqliteStoreHealth({ database, commits }: SqliteStoreHealthDeps): StoreHealth {
  const writeProbe = database.prepare('UPDATE app_changes SET probed_at = ?')
  const readProbe = database.prepare('SELECT probed_at FROM app_changes')
  const selectBacklog = database.prepare(`
    SELECT
      count(*) FILTER (WHERE h.state IN ('received', 'failed')) AS waiting,
      min(e.created) FILTER (WHERE h.state IN ('received', 'failed')) AS oldest_at,
      count(*) FILTER (WHERE h.state = 'dead') AS dead
    FROM event_handling h JOIN events e USING (position)
    WHERE h.app_id = ? AND h.state <> 'handled'
  `)

  return {
    async probeWrite(now) {
      await commits.enqueue(() => void writeProbe.run(now))
      if (readProbe.get()?.['probed_at'] !== now)
        throw new Error('The row that was written does not come back')
    },
    async missingMigrations() {
      return missingMigrations(database)
    },
    async backlog(appId) {
      try {
        const row = selectBacklog.get(appId)
        const oldestAt = row?.['oldest_at']
        return {
          waiting: Number(row?.['waiting'] ?? 0),
          oldestAt: typeof oldestAt === 'number' ? oldestAt : null,
          dead: Number(row?.['dead'] ?? 0),
        }
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
  }
}
