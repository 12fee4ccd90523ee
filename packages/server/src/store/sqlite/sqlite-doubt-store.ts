/** The doubts on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { Doubt, DoubtReason, DoubtStore } from '../doubt-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

/** Also run outside the store, on a file that is being restored. */
export const RAISE_DOUBT = `INSERT INTO doubts (app_id, since, reason, noted_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (app_id) DO UPDATE SET since = min(since, excluded.since), reason = excluded.reason,
    noted_at = excluded.noted_at`

export function createSqliteDoubtStore(database: DatabaseSync, commits: GroupCommit): DoubtStore {
  const selectOne = database.prepare('SELECT * FROM doubts WHERE app_id = ?')
  const selectAll = database.prepare('SELECT * FROM doubts ORDER BY app_id')
  const upsert = database.prepare(RAISE_DOUBT)
  const remove = database.prepare('DELETE FROM doubts WHERE app_id = ? AND since = ? AND noted_at = ?')

  return {
    standing: async (appId) => reading(() => toDoubt(selectOne.get(appId))),
    list: async () => reading(() => selectAll.all().flatMap((row) => toDoubt(row) ?? [])),
    raise: ({ appId, since, reason, notedAt }) =>
      commits.enqueue(() => {
        upsert.run(appId, since, reason, notedAt)
      }),
    settle: ({ appId, since, notedAt }) =>
      commits.enqueue(() => {
        remove.run(appId, since, notedAt)
        return selectOne.get(appId) === undefined ? ('settled' as const) : ('changed' as const)
      }),
  }
}

function toDoubt(row: Record<string, unknown> | undefined): Doubt | null {
  if (row === undefined) return null
  return {
    appId: String(row['app_id']),
    since: Number(row['since']),
    reason: row['reason'] as DoubtReason,
    notedAt: Number(row['noted_at']),
  }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
