/** What every backend of the prices must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CatalogItem, PricePolicyRecord, PriceStore, QuoteKeyRecord, QuoteUse } from './price-store.ts'
import type { Store } from './store.ts'

const policy = (overrides: Partial<PricePolicyRecord> = {}): PricePolicyRecord => ({
  appId: 'app_1',
  policy: 'catalog',
  currencies: [
    { currency: 'usd', minAmount: 100, maxAmount: null },
    { currency: 'jpy', minAmount: null, maxAmount: 90_000 },
  ],
  allowOpen: false,
  allowClientCapture: false,
  updatedAt: 1000,
  ...overrides,
})

const key = (keyId: QuoteKeyRecord['keyId'], overrides: Partial<QuoteKeyRecord> = {}): QuoteKeyRecord => ({
  keyId,
  appId: 'app_1',
  createdAt: 1000,
  retiresAt: null,
  ...overrides,
})

const use = (overrides: Partial<QuoteUse> = {}): QuoteUse => ({
  appId: 'app_1',
  quoteId: 'quote-1',
  orderId: 'order-1',
  usedAt: 1000,
  forgetAt: 5000,
  ...overrides,
})

const item = (id: string, overrides: Partial<CatalogItem> = {}): CatalogItem => ({
  id,
  appId: 'app_1',
  name: `Item ${id}`,
  prices: { usd: 1999, jpy: 300 },
  active: true,
  maxQuantity: null,
  createdAt: 1000,
  updatedAt: 1000,
  ...overrides,
})

export function priceStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the prices on ${backend}`, () => {
    let store: Store
    let prices: PriceStore
    beforeEach(async () => {
      store = await openStore()
      prices = store.prices
    })
    afterEach(() => store.close())

    test('a policy comes back as it was put, the last one counts, and each app has its own', async () => {
      expect(await prices.policy('app_1')).toBeNull()
      await prices.putPolicy(policy())
      expect(await prices.policy('app_1')).toEqual(policy())
      const open = policy({
        policy: 'open',
        currencies: null,
        allowOpen: true,
        allowClientCapture: true,
        updatedAt: 2000,
      })
      await prices.putPolicy(open)
      expect(await prices.policy('app_1')).toEqual(open)
      expect(await prices.policy('app_2')).toBeNull()
    })

    test('a new quote key retires the one before at the time given, and no other app’s', async () => {
      await prices.addQuoteKey(key('qk_other', { appId: 'app_2' }), 0)
      await prices.addQuoteKey(key('qk_1'), 0)
      await prices.addQuoteKey(key('qk_2', { createdAt: 2000 }), 3000)
      expect(await prices.quoteKeys('app_1', 2999)).toEqual([
        key('qk_2', { createdAt: 2000 }),
        key('qk_1', { retiresAt: 3000 }),
      ])
      expect(await prices.quoteKeys('app_1', 3000)).toEqual([key('qk_2', { createdAt: 2000 })])
      await prices.addQuoteKey(key('qk_3'), 4000)
      const known = await prices.quoteKeys('app_1', 0)
      expect(known.map(({ keyId, retiresAt }) => [keyId, retiresAt])).toEqual([
        ['qk_3', null],
        ['qk_2', 4000],
        ['qk_1', 3000],
      ])
      await prices.addQuoteKey(key('qk_4'), 2500)
      expect((await prices.quoteKeys('app_1', 2500)).map(({ keyId }) => keyId)).toEqual(['qk_4'])
      expect(await prices.quoteKeys('app_2', 9999)).toEqual([key('qk_other', { appId: 'app_2' })])
    })

    test('each place in the order of issue is greater than the one before, whatever the clock does', async () => {
      expect(await prices.nextIssue('app_1', 1000)).toBe(1000)
      expect(await prices.nextIssue('app_1', 1000)).toBe(1001)
      expect(await prices.nextIssue('app_1', 500)).toBe(1002)
      expect(await prices.nextIssue('app_1', 2000)).toBe(2000)
      expect(await prices.nextIssue('app_2', 7)).toBe(7)
      const atOnce = await Promise.all(Array.from({ length: 20 }, () => prices.nextIssue('app_1', 3000)))
      expect(new Set(atOnce).size).toBe(20)
      expect(Math.max(...atOnce)).toBe(3019)
    })

    test('the first use of a quote stays, also when two come at once', async () => {
      const [first, second] = await Promise.all([
        prices.useQuote(use()),
        prices.useQuote(use({ orderId: 'order-2', usedAt: 1001 })),
      ])
      expect(first).toEqual(use())
      expect(second).toEqual(use())
      expect(await prices.useQuote(use({ appId: 'app_2', orderId: 'order-9' }))).toMatchObject({
        orderId: 'order-9',
      })
    })

    test('uses are forgotten when their time has passed, a few at a time', async () => {
      for (const quoteId of ['a', 'b', 'c']) await prices.useQuote(use({ quoteId }))
      expect(await prices.forgetQuoteUses(4999, 10)).toBe(0)
      expect(await prices.forgetQuoteUses(5000, 2)).toBe(2)
      expect(await prices.forgetQuoteUses(5000, 2)).toBe(1)
      expect(await prices.useQuote(use({ quoteId: 'a', orderId: 'order-2' }))).toMatchObject({
        orderId: 'order-2',
      })
    })

    test('an item is inserted once in each app', async () => {
      expect(await prices.insertItem(item('tea'))).toBe('inserted')
      expect(await prices.insertItem(item('tea', { name: 'Other' }))).toBe('exists')
      expect(await prices.insertItem(item('tea', { appId: 'app_2' }))).toBe('inserted')
      expect(await prices.findItems('app_1', ['tea', 'tea', 'milk'])).toEqual([item('tea')])
    })

    test('a change leaves what it does not name', async () => {
      await prices.insertItem(item('tea', { maxQuantity: 3 }))
      const changed = item('tea', { maxQuantity: 3, active: false, prices: { eur: 5 }, updatedAt: 2000 })
      expect(await prices.updateItem('app_1', 'tea', { active: false, prices: { eur: 5 } }, 2000)).toEqual(
        changed,
      )
      expect(await prices.findItems('app_1', ['tea'])).toEqual([changed])
      expect(await prices.updateItem('app_1', 'tea', { maxQuantity: null }, 3000)).toMatchObject({
        maxQuantity: null,
      })
      expect(await prices.updateItem('app_2', 'tea', { active: true }, 3000)).toBeNull()
    })

    test('items are listed newest first, in pages, with or without the inactive ones', async () => {
      for (const id of ['a', 'b', 'c', 'd'])
        await prices.insertItem(item(id, { active: id !== 'b', createdAt: 1 }))
      await prices.insertItem(item('z', { appId: 'app_2' }))
      const ids = async (page: Parameters<PriceStore['listItems']>[1]) =>
        (await prices.listItems('app_1', page)).map(({ id }) => id).join('')
      expect(await ids({ limit: 10, startingAfter: null, active: null })).toBe('dcba')
      expect(await ids({ limit: 2, startingAfter: 'd', active: null })).toBe('cb')
      expect(await ids({ limit: 10, startingAfter: 'c', active: true })).toBe('a')
      expect(await ids({ limit: 10, startingAfter: null, active: false })).toBe('b')
      expect(await ids({ limit: 10, startingAfter: 'z', active: null })).toBe('')
    })

    test('a deleted item is gone, and its id is free', async () => {
      await prices.insertItem(item('tea'))
      expect(await prices.deleteItem('app_2', 'tea')).toBe('unknown')
      expect(await prices.deleteItem('app_1', 'tea')).toBe('deleted')
      expect(await prices.deleteItem('app_1', 'tea')).toBe('unknown')
      expect(await prices.findItems('app_1', ['tea'])).toEqual([])
      expect(await prices.insertItem(item('tea'))).toBe('inserted')
    })
  })
}
