/** The alarms on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { Alarm, AlarmKind, AlarmStore } from '../alarm-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

interface AlarmRow {
  readonly sequence: number
  readonly app_id: string
  readonly kind: AlarmKind
  readonly subject: string
  readonly message: string
  readonly first_seen: number
  readonly last_seen: number
  readonly count: number
  readonly cleared_at: number | null
}

export function createSqliteAlarmStore(database: DatabaseSync, commits: GroupCommit): AlarmStore {
  const insert = database.prepare(
    `INSERT INTO alarms (app_id, kind, subject, message, first_seen, last_seen, count)
     VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)
     ON CONFLICT (app_id, kind, subject) DO UPDATE SET
       message = excluded.message, last_seen = excluded.last_seen, cleared_at = NULL,
       first_seen = iif(cleared_at IS NULL, first_seen, excluded.first_seen),
       count = iif(cleared_at IS NULL, count + 1, 1)
     RETURNING count`,
  )
  const setCleared = database.prepare(
    `UPDATE alarms SET cleared_at = ? WHERE app_id = ? AND kind = ? AND subject = ? AND cleared_at IS NULL`,
  )
  const select = database.prepare(
    `SELECT * FROM alarms WHERE app_id = ?1 AND (cleared_at IS NULL OR NOT ?2)
     ORDER BY first_seen DESC, sequence DESC LIMIT ?3`,
  )

  return {
    raise: ({ appId, kind, subject, message }, now) =>
      commits.enqueue(() =>
        insert.get(appId, kind, subject, message, now)?.['count'] === 1 ? 'raised' : 'repeated',
      ),
    clear: ({ appId, kind, subject }, now) =>
      commits.enqueue(() => (setCleared.run(now, appId, kind, subject).changes === 0 ? 'none' : 'cleared')),
    async list({ appId, onlyStanding, limit }) {
      try {
        return (select.all(appId, onlyStanding ? 1 : 0, limit) as unknown as AlarmRow[]).map(toAlarm)
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
  }
}

function toAlarm(row: AlarmRow): Alarm {
  return {
    appId: row.app_id,
    kind: row.kind,
    subject: row.subject,
    message: row.message,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    count: row.count,
    clearedAt: row.cleared_at,
  }
}
