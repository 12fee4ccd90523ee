/** The progress of gap repair on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { RepairProgressStore } from '../repair-progress-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export function createSqliteRepairProgressStore(
  database: DatabaseSync,
  commits: GroupCommit,
): RepairProgressStore {
  const select = database.prepare('SELECT stripe_created FROM repair_progress WHERE app_id = ?')
  const upsert = database.prepare(
    `INSERT INTO repair_progress (app_id, stripe_created) VALUES (?, ?)
     ON CONFLICT (app_id) DO UPDATE SET stripe_created = max(stripe_created, excluded.stripe_created)`,
  )
  return {
    async get(appId) {
      try {
        const row = select.get(appId)
        return row === undefined ? null : Number(row['stripe_created'])
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
    advance: (appId, stripeCreated) =>
      commits.enqueue(() => {
        upsert.run(appId, stripeCreated)
      }),
  }
}
