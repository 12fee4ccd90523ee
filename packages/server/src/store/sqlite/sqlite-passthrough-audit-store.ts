/** The record of calls to Stripe on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import {
  type CallEnd,
  type CallOutcome,
  type CallQuery,
  OPEN_CALL,
  type PassthroughAuditStore,
  type StartedCall,
  type StripeCall,
} from '../passthrough-audit-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

interface CallRow {
  readonly number: number
  readonly app_id: string
  readonly key_id: string
  readonly method: string
  readonly path: string
  readonly account: string | null
  readonly idempotency_key: string | null
  readonly started_at: number
  readonly outcome: CallOutcome
  readonly status: number | null
  readonly error: string | null
  readonly stripe_request_id: string | null
  readonly ended_at: number | null
  readonly bytes_sent: number
  readonly bytes_received: number
}

export function createSqlitePassthroughAuditStore(
  database: DatabaseSync,
  commits: GroupCommit,
): PassthroughAuditStore {
  const insert = database.prepare(
    `INSERT INTO stripe_calls (app_id, key_id, method, path, account, idempotency_key, started_at,
       outcome, status, error, stripe_request_id, ended_at, bytes_sent, bytes_received)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const update = database.prepare(
    `UPDATE stripe_calls SET outcome = ?, status = ?, error = ?, stripe_request_id = ?, ended_at = ?,
       bytes_sent = ?, bytes_received = ?
     WHERE number = ? AND ended_at IS NULL`,
  )
  // The oldest come first by number too, but for a few that were written down after a later one.
  const drop = database.prepare(
    `DELETE FROM stripe_calls WHERE started_at < ?
       AND number IN (SELECT number FROM stripe_calls ORDER BY number LIMIT ?)`,
  )

  const write = (call: StartedCall, end: CallEnd): number => {
    const { lastInsertRowid } = insert.run(
      call.appId,
      call.keyId,
      call.method,
      call.path,
      call.account,
      call.idempotencyKey,
      call.startedAt,
      ...endColumns(end),
    )
    return Number(lastInsertRowid)
  }

  return {
    begin: (call) => commits.enqueue(() => write(call, OPEN_CALL)),
    end: (number, end) =>
      commits.enqueue(() => void update.run(...endColumns(end), number), { canWait: true }),
    addAll: (calls) =>
      commits.enqueue(
        () => {
          for (const call of calls) write(call, call)
        },
        { canWait: true },
      ),
    async list(query) {
      const { where, values } = conditions(query)
      try {
        const select = database.prepare(`SELECT * FROM stripe_calls ${where} ORDER BY number DESC LIMIT ?`)
        return (select.all(...values, query.limit) as unknown as CallRow[]).map(toCall)
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
    sweep: (startedBefore, most) => commits.enqueue(() => Number(drop.run(startedBefore, most).changes)),
  }
}

function endColumns(end: CallEnd) {
  return [
    end.outcome,
    end.status,
    end.error,
    end.stripeRequestId,
    end.endedAt,
    end.bytesSent,
    end.bytesReceived,
  ] as const
}

function conditions(query: CallQuery): { readonly where: string; readonly values: (string | number)[] } {
  const all: readonly (readonly [string, string | number | null])[] = [
    ['app_id = ?', query.appId],
    ['key_id = ?', query.keyId],
    ['method = ?', query.method],
    ['instr(path, ?) = 1', query.pathStart],
    ['outcome = ?', query.outcome],
    ['started_at >= ?', query.startedFrom],
    ['started_at < ?', query.startedBefore],
    ['number < ?', query.before],
  ]
  const asked = all.flatMap(([sql, value]) => (value === null ? [] : [{ sql, value }]))
  const terms = asked.map(({ sql }) => sql)
  // SQLite opens the index of these only where the text of the query shows that it is enough.
  if (query.outcome !== null && query.outcome !== 'answered') terms.push("outcome <> 'answered'")
  return {
    where: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`,
    values: asked.map(({ value }) => value),
  }
}

function toCall(row: CallRow): StripeCall {
  return {
    number: row.number,
    appId: row.app_id,
    keyId: row.key_id,
    method: row.method,
    path: row.path,
    account: row.account,
    idempotencyKey: row.idempotency_key,
    startedAt: row.started_at,
    outcome: row.outcome,
    status: row.status,
    error: row.error,
    stripeRequestId: row.stripe_request_id,
    endedAt: row.ended_at,
    bytesSent: row.bytes_sent,
    bytesReceived: row.bytes_received,
  }
}
