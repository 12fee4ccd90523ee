/** The alarms on SQLite. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { AlarmKind } from '../../alarms/alarm-kinds.ts'
import { alarmId } from '../alarm-id.ts'
import type { Alarm, AlarmId, AlarmStore, ClearedBy } from '../alarm-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

interface AlarmRow {
  readonly sequence: number
  readonly id: AlarmId
  /** Empty: the whole server. */
  readonly app_id: string
  readonly kind: AlarmKind
  readonly subject: string
  readonly message: string
  readonly first_seen: number
  readonly last_seen: number
  readonly count: number
  readonly cleared_at: number | null
  readonly cleared_by: ClearedBy | null
}

const SERVER = ''
/** What a row is told as; `told` holds it once that has been done. */
const STATE = `iif(cleared_at IS NULL, 'standing ' || first_seen, 'over ' || cleared_at)`

export function createSqliteAlarmStore(database: DatabaseSync, commits: GroupCommit): AlarmStore {
  // The row goes on while the alarm stands, and where somebody has dismissed it: ?7 says whether that ends here.
  const goesOn = `(cleared_at IS NULL OR (cleared_by = 'hand' AND NOT ?7))`
  const insert = database.prepare(
    `INSERT INTO alarms (id, app_id, kind, subject, message, first_seen, last_seen, count)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)
     ON CONFLICT (app_id, kind, subject) DO UPDATE SET
       message = excluded.message, last_seen = excluded.last_seen,
       first_seen = iif(${goesOn}, first_seen, excluded.first_seen),
       count = iif(${goesOn}, count + 1, 1),
       cleared_at = iif(${goesOn}, cleared_at, NULL),
       cleared_by = iif(${goesOn}, cleared_by, NULL)
     RETURNING *`,
  )
  const setCleared = database.prepare(
    `UPDATE alarms SET cleared_at = ?1, cleared_by = ?2
     WHERE app_id = ?3 AND kind = ?4 AND subject = ?5 AND cleared_at IS NULL RETURNING *`,
  )
  const setOver = database.prepare(
    `UPDATE alarms SET cleared_by = 'itself' WHERE app_id = ? AND kind = ? AND subject = ? AND cleared_by = 'hand'`,
  )
  const select = database.prepare(
    `SELECT * FROM alarms WHERE app_id IN (?1, '${SERVER}') AND (cleared_at IS NULL OR NOT ?2)
       AND (?3 IS NULL OR kind = ?3)
     ORDER BY first_seen DESC, sequence DESC LIMIT ?4`,
  )
  const selectStanding = database.prepare(
    'SELECT * FROM alarms WHERE cleared_at IS NULL ORDER BY first_seen DESC, sequence DESC LIMIT ?',
  )
  const selectOne = database.prepare('SELECT * FROM alarms WHERE id = ?')
  const selectUntold = database.prepare(
    `SELECT * FROM alarms WHERE told IS NOT ${STATE} AND (cleared_at IS NULL OR cleared_at >= ?)
     ORDER BY coalesce(cleared_at, first_seen), sequence LIMIT ?`,
  )
  const setTold = database.prepare('UPDATE alarms SET told = ? WHERE id = ?')

  const rows = (statement: ReturnType<DatabaseSync['prepare']>, ...values: SQLInputValue[]) => {
    try {
      return (statement.all(...values) as unknown as AlarmRow[]).map(toAlarm)
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  return {
    raise: (alarm, now, { reopens }) =>
      commits.enqueue(() => {
        const { kind, subject, message } = alarm
        const appId = alarm.appId ?? SERVER
        const row = insert.get(alarmId(alarm), appId, kind, subject, message, now, reopens ? 1 : 0)
        const raised = toAlarm(row as unknown as AlarmRow)
        const outcome =
          raised.clearedAt !== null ? 'dismissed' : raised.count === 1 ? 'raised' : ('repeated' as const)
        return { outcome, alarm: raised }
      }),
    clear: ({ appId, kind, subject }, now, by) =>
      commits.enqueue(() => {
        const row = setCleared.get(now, by, appId ?? SERVER, kind, subject)
        if (row !== undefined) return toAlarm(row as unknown as AlarmRow)
        if (by === 'itself') setOver.run(appId ?? SERVER, kind, subject)
        return null
      }),
    list: async ({ appId, onlyStanding, kind, limit }) =>
      rows(select, appId, onlyStanding ? 1 : 0, kind ?? null, limit),
    standing: async (limit) => rows(selectStanding, limit),
    find: async (id) => rows(selectOne, id)[0] ?? null,
    untold: async ({ since, limit }) => rows(selectUntold, since, limit),
    markTold: ({ id, firstSeen, clearedAt }) =>
      commits.enqueue(
        () => void setTold.run(clearedAt === null ? `standing ${firstSeen}` : `over ${clearedAt}`, id),
        { canWait: true },
      ),
  }
}

function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.id,
    appId: row.app_id === SERVER ? null : row.app_id,
    kind: row.kind,
    subject: row.subject,
    message: row.message,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    count: row.count,
    clearedAt: row.cleared_at,
    clearedBy: row.cleared_by,
  }
}
