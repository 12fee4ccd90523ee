/** Policies, catalog, quote keys and used quotes in memory. */
import type { CatalogItem, PricePolicyRecord, PriceStore, QuoteKeyRecord, QuoteUse } from '../price-store.ts'
import type { MemoryAuditTrail } from './memory-audit-trail-store.ts'

export function createMemoryPriceStore(audit: Pick<MemoryAuditTrail, 'append'>): PriceStore {
  const policies = new Map<string, PricePolicyRecord>()
  const quoteUses = new Map<string, QuoteUse>()
  const items = new Map<string, CatalogItem>()
  const issues = new Map<string, number>()
  let quoteKeys: QuoteKeyRecord[] = []
  const keyOf = (appId: string, id: string) => JSON.stringify([appId, id])

  return {
    policy: async (appId) => policies.get(appId) ?? null,
    async putPolicy(record, entry) {
      policies.set(record.appId, record)
      audit.append(entry)
    },

    quoteKeys: async (appId, now) =>
      quoteKeys
        .filter((key) => key.appId === appId && (key.retiresAt === null || key.retiresAt > now))
        .reverse(),
    async addQuoteKey(record, retireOthersAt, entry) {
      quoteKeys = quoteKeys.map((key) =>
        key.appId === record.appId && (key.retiresAt ?? Number.POSITIVE_INFINITY) > retireOthersAt
          ? { ...key, retiresAt: retireOthersAt }
          : key,
      )
      quoteKeys.push(record)
      audit.append(entry)
    },

    async nextIssue(appId, now) {
      const next = Math.max(now, (issues.get(appId) ?? -1) + 1)
      issues.set(appId, next)
      return next
    },
    async useQuote(use) {
      const key = keyOf(use.appId, use.quoteId)
      const first = quoteUses.get(key) ?? use
      quoteUses.set(key, first)
      return first
    },
    async forgetQuoteUses(now, most) {
      const gone = [...quoteUses].filter(([, { forgetAt }]) => forgetAt <= now).slice(0, most)
      for (const [key] of gone) quoteUses.delete(key)
      return gone.length
    },

    async insertItem(item) {
      const key = keyOf(item.appId, item.id)
      if (items.has(key)) return 'exists'
      items.set(key, item)
      return 'inserted'
    },
    findItems: async (appId, ids) => [...new Set(ids)].flatMap((id) => items.get(keyOf(appId, id)) ?? []),
    async listItems(appId, { limit, startingAfter, active }) {
      const newestFirst = [...items.values()].filter((item) => item.appId === appId).reverse()
      const start = startingAfter === null ? 0 : newestFirst.findIndex(({ id }) => id === startingAfter) + 1
      if (startingAfter !== null && start === 0) return []
      return newestFirst
        .slice(start)
        .filter((item) => active === null || item.active === active)
        .slice(0, limit)
    },
    async updateItem(appId, id, change, now) {
      const item = items.get(keyOf(appId, id))
      if (item === undefined) return null
      const changed = { ...item, ...change, updatedAt: now }
      items.set(keyOf(appId, id), changed)
      return changed
    },
    deleteItem: async (appId, id) => (items.delete(keyOf(appId, id)) ? 'deleted' : 'unknown'),
  }
}
