/** The statements that bring columns of older events up to date; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import { unsealedTexts } from '../../secrets/client-secrets.ts'
import type { EventStore } from '../event-store.ts'
import { refreshedColumns } from '../refreshed-columns.ts'
import { toStoredEvent } from './event-row.ts'
import type { EventRow } from './schema.ts'

export type RefreshColumns = (
  options: Parameters<EventStore['refreshColumns']>[0],
) => Awaited<ReturnType<EventStore['refreshColumns']>>

export function createColumnRefreshWrites(database: DatabaseSync): RefreshColumns {
  const selectPlace = database.prepare('SELECT version, position, upto FROM column_refresh')
  const begin = database.prepare(
    'UPDATE column_refresh SET version = ?, position = 0, upto = (SELECT coalesce(max(position), 0) FROM events)',
  )
  const advance = database.prepare('UPDATE column_refresh SET position = ?')
  const selectNext = database.prepare(
    'SELECT * FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?',
  )
  const update = database.prepare(
    `UPDATE events SET id = ?, charge_id = ?, payment_intent_id = ?, customer_id = ?, order_id = ?, amount = ?,
       currency = ?, status = ? WHERE position = ?`,
  )

  return ({ version, limit, factsOf }) => {
    if (Number(selectPlace.get()?.['version']) !== version) begin.run(version)
    const place = selectPlace.get()
    const upto = Number(place?.['upto'])
    const position = Number(place?.['position'])
    // A walk that is done costs no read of the log.
    if (position >= upto) return { examined: 0, changed: 0, isDone: true }
    const rows = selectNext.all(position, upto, limit) as unknown as EventRow[]
    let changed = 0
    for (const row of rows) {
      // No column is made of a client secret, so they stay sealed here.
      const columns = refreshedColumns(toStoredEvent(row, unsealedTexts), factsOf(row.payload))
      if (columns === null) continue
      const { id, chargeId, paymentIntentId, customerId, orderId, amount, currency, status } = columns
      update.run(id, chargeId, paymentIntentId, customerId, orderId, amount, currency, status, row.position)
      changed += 1
    }
    const last = rows.length < limit ? upto : (rows.at(-1)?.position ?? upto)
    advance.run(last)
    return { examined: rows.length, changed, isDone: last >= upto }
  }
}
