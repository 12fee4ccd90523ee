/** The statements that take personal data out of stored events; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import type { EventStore, RewritePayload } from '../event-store.ts'

type RewriteOldest = Parameters<EventStore['rewriteOldest']>[0]

export interface PayloadWrites {
  /** @returns how many payloads changed. */
  rewrite(
    appId: string,
    positions: readonly number[],
    change: { readonly rewrite: RewritePayload; readonly now: number },
  ): number
  rewriteOldest(options: RewriteOldest): { readonly examined: number; readonly changed: number }
}

export function createPayloadWrites(database: DatabaseSync): PayloadWrites {
  const selectPayload = database.prepare('SELECT payload FROM events WHERE position = ? AND app_id = ?')
  const updatePayload = database.prepare('UPDATE events SET payload = ?, updated = ? WHERE position = ?')
  const selectNext = database.prepare(
    `SELECT position, created, payload FROM events
     WHERE position > (SELECT position FROM retention) ORDER BY position LIMIT ?`,
  )
  const setRetention = database.prepare('UPDATE retention SET position = max(position, ?)')

  function replace(position: number, payload: string, rewrite: RewritePayload, now: number): boolean {
    const rewritten = rewrite(payload)
    if (rewritten === payload) return false
    updatePayload.run(rewritten, now, position)
    return true
  }

  return {
    rewrite(appId, positions, { rewrite, now }) {
      return positions.filter((position) => {
        const row = selectPayload.get(position, appId)
        return row !== undefined && replace(position, String(row['payload']), rewrite, now)
      }).length
    },

    rewriteOldest({ createdBefore, limit, rewrite, now }) {
      let examined = 0
      let changed = 0
      for (const { position, created, payload } of selectNext.all(limit)) {
        if (Number(created) >= createdBefore) break
        if (replace(Number(position), String(payload), rewrite, now)) changed += 1
        setRetention.run(Number(position))
        examined += 1
      }
      return { examined, changed }
    },
  }
}
