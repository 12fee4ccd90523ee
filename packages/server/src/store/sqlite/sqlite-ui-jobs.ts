/** The callbacks that the app's server has to run, on SQLite: leased, renewed, finished once. */
import type { DatabaseSync } from 'node:sqlite'
import type { SealedTexts } from '../../secrets/client-secrets.ts'
import { instanceOf, MOST_DELIVERIES, UNANSWERED_JOB } from '../ui-message-state.ts'
import type { UiJob, UiMessage, UiMessageStore, UiSettlement } from '../ui-message-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'
import { toUiJob, type UiCallbackRow } from './ui-message-row.ts'

type Jobs = Pick<UiMessageStore, 'job' | 'jobOf' | 'leaseJobs' | 'renewLease' | 'cutLeases' | 'finishJob'>

export interface SqliteUiJobs extends Jobs {
  /** The next two run inside a write of somebody else. */
  insertIn(message: UiMessage, settlement: UiSettlement, now: number): void
  giveUpIn(now: number, most: number): number
  hasWornOut(now: number): boolean
}

export function createSqliteUiJobs(
  database: DatabaseSync,
  commits: GroupCommit,
  texts: SealedTexts,
): SqliteUiJobs {
  const insert = database.prepare(
    `INSERT INTO ui_callbacks
       (id, app_id, message_id, callback, data, verified, page, handler, handler_data, instance, state, deliveries, due_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?)`,
  )
  const selectJob = database.prepare('SELECT * FROM ui_callbacks WHERE app_id = ? AND id = ?')
  const selectOfMessage = database.prepare('SELECT * FROM ui_callbacks WHERE message_id = ?')
  const due = `due_at <= ?2 AND deliveries < ${MOST_DELIVERIES} AND
    iif(handler IS NULL, ?3, iif(instance IS NULL, handler IN (SELECT value FROM json_each(?4)), instance IS ?5))`
  const anyDue = database.prepare(`SELECT 1 FROM ui_callbacks WHERE app_id = ?1 AND ${due} LIMIT 1`)
  const lease = database.prepare(
    `UPDATE ui_callbacks SET lease_token = ?6, due_at = ?7, deliveries = deliveries + 1
     WHERE sequence IN (SELECT sequence FROM ui_callbacks WHERE app_id = ?1 AND ${due} ORDER BY sequence LIMIT ?8)
     RETURNING *`,
  )
  const renew = database.prepare(
    'UPDATE ui_callbacks SET due_at = ? WHERE app_id = ? AND id = ? AND lease_token = ? AND due_at IS NOT NULL',
  )
  const cut = database.prepare('UPDATE ui_callbacks SET due_at = ?1 WHERE lease_token = ?2 AND due_at > ?1')
  const finish = database.prepare(
    `UPDATE ui_callbacks SET state = ?, error = ?, lease_token = NULL, due_at = NULL
     WHERE app_id = ? AND id = ? AND state = 'pending'`,
  )
  const wornOut = `due_at <= ? AND deliveries >= ${MOST_DELIVERIES}`
  const anyWornOut = database.prepare(`SELECT 1 FROM ui_callbacks WHERE ${wornOut} LIMIT 1`)
  const giveUp = database.prepare(
    `UPDATE ui_callbacks SET state = 'failed', error = '${UNANSWERED_JOB}', lease_token = NULL, due_at = NULL
     WHERE sequence IN (SELECT sequence FROM ui_callbacks WHERE ${wornOut} LIMIT ?)`,
  )

  const readJob = (appId: string, id: string): UiJob | null => {
    const row = selectJob.get(appId, id) as UiCallbackRow | undefined
    return row === undefined ? null : toUiJob(row, texts)
  }

  return {
    insertIn(message, { id, callback, data, verified, page }, now) {
      const handler = message.callbacks[callback] ?? { name: null, data: null }
      insert.run(
        id,
        message.appId,
        message.id,
        callback,
        texts.seal(message.appId, JSON.stringify(data)),
        verified ? 1 : 0,
        JSON.stringify(page),
        handler.name,
        JSON.stringify(handler.data),
        instanceOf(handler.name),
        now,
      )
    },
    giveUpIn: (now, most) => Number(giveUp.run(now, most).changes),
    hasWornOut: (now) => anyWornOut.get(now) !== undefined,

    job: (appId, id) => reading(() => readJob(appId, id)),
    jobOf: (messageId) =>
      reading(() => {
        const row = selectOfMessage.get(messageId) as UiCallbackRow | undefined
        return row === undefined ? null : toUiJob(row, texts)
      }),
    async leaseJobs(appId, { handlers, instance, listens }, { token, until }, now, most) {
      const wish = [appId, now, listens ? 1 : 0, JSON.stringify(handlers), instance] as const
      // Mostly there is nothing, and then nothing is written.
      if (await reading(() => anyDue.get(...wish) === undefined)) return []
      const rows = await commits.enqueue(
        () => lease.all(...wish, token, until, most) as unknown as (UiCallbackRow & { sequence: number })[],
      )
      return rows.sort((a, b) => a.sequence - b.sequence).map((row) => toUiJob(row, texts))
    },
    renewLease: (appId, id, { token, until }) =>
      commits.enqueue(() => (renew.run(until, appId, id, token).changes === 1 ? 'renewed' : 'lost')),
    cutLeases: (token, until) =>
      commits.enqueue(() => {
        cut.run(until, token)
      }),
    finishJob: (appId, id, { state, error }) =>
      commits.enqueue(() => {
        finish.run(state, error, appId, id)
        return readJob(appId, id)
      }),
  }
}

async function reading<T>(read: () => T): Promise<T> {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
