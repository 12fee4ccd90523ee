/** The audit trail on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { Actor } from '../../access/actor.ts'
import type { AuditAction, AuditEntry, AuditQuery, AuditRow, AuditTrailStore } from '../audit-trail-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

/** Writes a row inside the transaction of the change that it tells of. */
export type AppendAudit = (entry: AuditEntry | undefined) => void

export function createAppendAudit(database: DatabaseSync): AppendAudit {
  const insert = database.prepare(
    `INSERT INTO audit_trail (at, app_id, actor_kind, actor_id, address, action, target, details)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (entry) => {
    if (entry === undefined) return
    const { at, appId, actor, address, action, target, details } = entry
    insert.run(at, appId, actor.kind, actor.id, address, action, target, JSON.stringify(details))
  }
}

export function createSqliteAuditTrailStore(
  database: DatabaseSync,
  commits: GroupCommit,
  append: AppendAudit,
): AuditTrailStore {
  const drop = database.prepare(
    'DELETE FROM audit_trail WHERE number IN (SELECT number FROM audit_trail WHERE at < ? ORDER BY number LIMIT ?)',
  )
  return {
    add: (entry) => commits.enqueue(() => append(entry)),
    async list(query) {
      const { where, values } = conditions(query)
      try {
        const select = database.prepare(`SELECT * FROM audit_trail ${where} ORDER BY number DESC LIMIT ?`)
        return (select.all(...values, query.limit) as unknown as AuditTrailRow[]).map(auditRow)
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
    sweep: (before, most) => commits.enqueue(() => Number(drop.run(before, most).changes)),
  }
}

interface AuditTrailRow {
  readonly number: number
  readonly at: number
  readonly app_id: string | null
  readonly actor_kind: string
  readonly actor_id: string | null
  readonly address: string | null
  readonly action: string
  readonly target: string | null
  readonly details: string
}

function conditions(query: AuditQuery): { readonly where: string; readonly values: (string | number)[] } {
  const all: readonly (readonly [string, string | number | null])[] = [
    ['app_id = ?', query.appId],
    ['action = ?', query.action],
    ['actor_kind = ?', query.actorKind],
    ['actor_id = ?', query.actorId],
    ['target = ?', query.target],
    ['at >= ?', query.from],
    ['at < ?', query.until],
    ['number < ?', query.before],
  ]
  const asked = all.flatMap(([sql, value]) => (value === null ? [] : [{ sql, value }]))
  return {
    where: asked.length === 0 ? '' : `WHERE ${asked.map(({ sql }) => sql).join(' AND ')}`,
    values: asked.map(({ value }) => value),
  }
}

function auditRow(row: AuditTrailRow): AuditRow {
  return {
    number: row.number,
    at: row.at,
    appId: row.app_id,
    actor: { kind: row.actor_kind, id: row.actor_id } as Actor,
    address: row.address,
    action: row.action as AuditAction,
    target: row.target,
    details: JSON.parse(row.details) as Readonly<Record<string, unknown>>,
  }
}
