/** Policies, catalog, quote keys and used quotes on SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { CatalogItem, PriceStore, QuoteKeyRecord, QuoteUse } from '../price-store.ts'
import type { GroupCommit } from './group-commit.ts'
import {
  type CatalogItemRow,
  catalogItem,
  pricePolicy,
  type QuoteUseRow,
  quoteKey,
  quoteUse,
} from './price-rows.ts'
import type { SqliteSchema } from './schema.ts'
import type { AppendAudit } from './sqlite-audit-trail-store.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqlitePriceStoreDeps {
  readonly database: DatabaseSync
  readonly queries: Kysely<SqliteSchema>
  readonly commits: GroupCommit
  readonly appendAudit: AppendAudit
}

export function createSqlitePriceStore({
  database,
  queries,
  commits,
  appendAudit,
}: SqlitePriceStoreDeps): PriceStore {
  const upsertPolicy = database.prepare(
    `INSERT INTO price_policies (app_id, policy, currencies, allow_open, allow_client_capture, updated_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (app_id) DO UPDATE SET policy = excluded.policy, currencies = excluded.currencies,
       allow_open = excluded.allow_open, allow_client_capture = excluded.allow_client_capture,
       updated_at = excluded.updated_at`,
  )
  const retireQuoteKeys = database.prepare(
    'UPDATE quote_keys SET retires_at = ?1 WHERE app_id = ?2 AND (retires_at IS NULL OR retires_at > ?1)',
  )
  const insertQuoteKey = database.prepare(
    'INSERT INTO quote_keys (app_id, key_id, created_at, retires_at) VALUES (?, ?, ?, ?)',
  )
  const takeIssue = database.prepare(
    `INSERT INTO price_issues (app_id, last) VALUES (?, ?)
     ON CONFLICT (app_id) DO UPDATE SET last = max(last + 1, excluded.last) RETURNING last`,
  )
  const insertQuoteUse = database.prepare(
    `INSERT INTO quote_uses (app_id, quote_id, order_id, used_at, forget_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (app_id, quote_id) DO NOTHING`,
  )
  const selectQuoteUse = database.prepare('SELECT * FROM quote_uses WHERE app_id = ? AND quote_id = ?')
  const dropQuoteUses = database.prepare(
    `DELETE FROM quote_uses WHERE (app_id, quote_id) IN
       (SELECT app_id, quote_id FROM quote_uses WHERE forget_at <= ? LIMIT ?)`,
  )
  const insertItem = database.prepare(
    `INSERT INTO catalog_items (app_id, id, name, prices, active, max_quantity, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, id) DO NOTHING`,
  )
  const selectItem = database.prepare('SELECT * FROM catalog_items WHERE app_id = ? AND id = ?')
  const replaceItem = database.prepare(
    `UPDATE catalog_items SET name = ?, prices = ?, active = ?, max_quantity = ?, updated_at = ?
     WHERE app_id = ? AND id = ?`,
  )
  const deleteItem = database.prepare('DELETE FROM catalog_items WHERE app_id = ? AND id = ?')

  const readItem = (appId: string, id: string): CatalogItem | null => {
    const row = selectItem.get(appId, id) as CatalogItemRow | undefined
    return row === undefined ? null : catalogItem(row)
  }

  return {
    policy: (appId) =>
      reading(async () => {
        const row = await queries
          .selectFrom('price_policies')
          .selectAll()
          .where('app_id', '=', appId)
          .executeTakeFirst()
        return row === undefined ? null : pricePolicy(row)
      }),
    putPolicy: ({ appId, policy, currencies, allowOpen, allowClientCapture, updatedAt }, audit) =>
      commits.enqueue(() => {
        const list = currencies === null ? null : JSON.stringify(currencies)
        upsertPolicy.run(appId, policy, list, allowOpen ? 1 : 0, allowClientCapture ? 1 : 0, updatedAt)
        appendAudit(audit)
      }),

    quoteKeys: (appId, now) =>
      reading(async () => {
        const rows = await queries
          .selectFrom('quote_keys')
          .selectAll()
          .where('app_id', '=', appId)
          .where((it) => it.or([it('retires_at', 'is', null), it('retires_at', '>', now)]))
          .orderBy('sequence', 'desc')
          .execute()
        return rows.map(quoteKey)
      }),
    addQuoteKey: ({ appId, keyId, createdAt, retiresAt }: QuoteKeyRecord, retireOthersAt, audit) =>
      commits.enqueue(() => {
        retireQuoteKeys.run(retireOthersAt, appId)
        insertQuoteKey.run(appId, keyId, createdAt, retiresAt)
        appendAudit(audit)
      }),

    nextIssue: (appId, now) => commits.enqueue(() => Number(takeIssue.get(appId, now)?.['last'])),
    useQuote: ({ appId, quoteId, orderId, usedAt, forgetAt }: QuoteUse) =>
      commits.enqueue(() => {
        insertQuoteUse.run(appId, quoteId, orderId, usedAt, forgetAt)
        return quoteUse(selectQuoteUse.get(appId, quoteId) as unknown as QuoteUseRow)
      }),
    forgetQuoteUses: (now, most) =>
      commits.enqueue(() => Number(dropQuoteUses.run(now, most).changes), { canWait: true }),

    insertItem: ({ appId, id, name, prices, active, maxQuantity, createdAt, updatedAt }) =>
      commits.enqueue(() => {
        const text = JSON.stringify(prices)
        const { changes } = insertItem.run(
          appId,
          id,
          name,
          text,
          active ? 1 : 0,
          maxQuantity,
          createdAt,
          updatedAt,
        )
        return changes === 1 ? ('inserted' as const) : ('exists' as const)
      }),
    findItems: (appId, ids) =>
      reading(async () => [...new Set(ids)].flatMap((id) => readItem(appId, id) ?? [])),
    listItems: (appId, { limit, startingAfter, active }) =>
      reading(async () => {
        let query = queries.selectFrom('catalog_items').selectAll().where('app_id', '=', appId)
        if (active !== null) query = query.where('active', '=', active ? 1 : 0)
        if (startingAfter !== null) {
          query = query.where('sequence', '<', (it) =>
            it
              .selectFrom('catalog_items')
              .select('sequence')
              .where('app_id', '=', appId)
              .where('id', '=', startingAfter),
          )
        }
        const rows = await query.orderBy('sequence', 'desc').limit(limit).execute()
        return rows.map(catalogItem)
      }),
    updateItem: (appId, id, change, now) =>
      commits.enqueue(() => {
        const item = readItem(appId, id)
        if (item === null) return null
        const changed = { ...item, ...change, updatedAt: now }
        const { name, prices, active, maxQuantity } = changed
        replaceItem.run(name, JSON.stringify(prices), active ? 1 : 0, maxQuantity, now, appId, id)
        return changed
      }),
    deleteItem: (appId, id) =>
      commits.enqueue(() =>
        deleteItem.run(appId, id).changes === 1 ? ('deleted' as const) : ('unknown' as const),
      ),
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
