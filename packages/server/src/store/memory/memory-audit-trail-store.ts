/** The audit trail in memory. */
import type { AuditEntry, AuditQuery, AuditRow, AuditTrailStore } from '../audit-trail-store.ts'

export interface MemoryAuditTrail extends AuditTrailStore {
  /** Beside the change that it tells of. */
  append(entry: AuditEntry | undefined): void
}

export function createMemoryAuditTrail(): MemoryAuditTrail {
  let rows: AuditRow[] = []
  let last = 0

  function append(entry: AuditEntry | undefined): void {
    if (entry === undefined) return
    last += 1
    rows.push({ ...entry, number: last })
  }

  return {
    append,
    add: async (entry) => append(entry),
    list: async (query) =>
      rows
        .filter((row) => fits(row, query))
        .reverse()
        .slice(0, query.limit),
    async sweep(before, most) {
      const old = new Set(rows.filter(({ at }) => at < before).slice(0, most))
      rows = rows.filter((row) => !old.has(row))
      return old.size
    },
  }
}

function fits(row: AuditRow, query: AuditQuery): boolean {
  return (
    (query.appId === null || row.appId === query.appId) &&
    (query.action === null || row.action === query.action) &&
    (query.actorKind === null || row.actor.kind === query.actorKind) &&
    (query.actorId === null || row.actor.id === query.actorId) &&
    (query.target === null || row.target === query.target) &&
    (query.from === null || row.at >= query.from) &&
    (query.until === null || row.at < query.until) &&
    (query.before === null || row.number < query.before)
  )
}
