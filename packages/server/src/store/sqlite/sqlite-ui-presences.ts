/** Which tabs and which processes of the app's servers are connected, to any process of ours, on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { UiMessageStore, UiPresence } from '../ui-message-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export type UiPresences = Pick<
  UiMessageStore,
  'putPresence' | 'renewPresences' | 'dropPresence' | 'countPages' | 'hasInstance'
>

export function createSqliteUiPresences(database: DatabaseSync, commits: GroupCommit): UiPresences {
  const upsert = database.prepare(
    `INSERT INTO ui_presences (holder, app_id, user_id, tab, instance, until) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (holder) DO UPDATE SET until = excluded.until`,
  )
  const drop = database.prepare('DELETE FROM ui_presences WHERE holder = ?')
  const count = database.prepare(
    `SELECT count(*) AS pages FROM (SELECT DISTINCT user_id, tab FROM ui_presences
     WHERE app_id = ?1 AND user_id IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR tab = ?3) AND until > ?4)`,
  )
  const find = database.prepare(
    'SELECT 1 FROM ui_presences WHERE app_id = ? AND instance = ? AND until > ? LIMIT 1',
  )

  const put = ({ holder, appId, page, instance, until }: UiPresence): void => {
    upsert.run(holder, appId, page?.user ?? null, page?.tab ?? null, instance, until)
  }

  return {
    putPresence: (presence) => commits.enqueue(() => put(presence)),
    renewPresences: (presences) => commits.enqueue(() => presences.forEach(put), { canWait: true }),
    dropPresence: (holder) =>
      commits.enqueue(
        () => {
          drop.run(holder)
        },
        { canWait: true },
      ),
    countPages: (appId, { users, tab }, now) =>
      reading(() => Number(count.get(appId, JSON.stringify(users), tab, now)?.['pages'] ?? 0)),
    hasInstance: (appId, instance, now) => reading(() => find.get(appId, instance, now) !== undefined),
  }
}

async function reading<T>(read: () => T): Promise<T> {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
