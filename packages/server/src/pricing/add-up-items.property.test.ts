/** The arithmetic of orders, against whole numbers without a limit. */
import { type Currency, currencies } from '@tollbridge/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServiceError } from '../errors.ts'
import type { CatalogItem } from '../store/price-store.ts'
import { addUpItems, type OrderedItem } from './add-up-items.ts'

const anyCurrency = fc.constantFrom(...currencies.values())

const catalogIn = ({ code, step, maximum }: Currency) =>
  fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 8 }).chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.integer({ min: 1, max: Math.floor(maximum / step) }).map(
          (steps): CatalogItem => ({
            id,
            appId: 'app_1',
            name: id,
            prices: { [code]: steps * step },
            active: true,
            maxQuantity: null,
            createdAt: 0,
            updatedAt: 0,
          }),
        ),
      ),
    ),
  )

const order = anyCurrency.chain((currency) =>
  catalogIn(currency).chain((catalog) =>
    fc.record({
      currency: fc.constant(currency),
      catalog: fc.constant(catalog),
      lines: fc.array(
        fc.record({
          id: fc.constantFrom(...catalog.map(({ id }) => id)),
          quantity: fc.oneof(
            fc.integer({ min: 1, max: 20 }),
            fc.maxSafeInteger().map((n) => Math.abs(n) + 1),
          ),
        }),
        { minLength: 1, maxLength: 20 },
      ),
    }),
  ),
)

function exactSum(lines: readonly OrderedItem[], catalog: readonly CatalogItem[], code: string): bigint {
  return lines.reduce((sum, { id, quantity }) => {
    const price = catalog.find((item) => item.id === id)?.prices[code] ?? 0
    return sum + BigInt(price) * BigInt(quantity)
  }, 0n)
}

test('the sum is exact, or refused as too large, in every currency', () => {
  fc.assert(
    fc.property(order, ({ currency, catalog, lines }) => {
      // Quantities past what numbers hold are no quantities.
      fc.pre(lines.every(({ quantity }) => Number.isSafeInteger(quantity)))
      const exact = exactSum(lines, catalog, currency.code)
      try {
        const { amount, items } = addUpItems(lines, catalog, currency)
        expect(BigInt(amount)).toBe(exact)
        expect(amount).toBeLessThanOrEqual(currency.maximum)
        expect(amount % currency.step).toBe(0)
        expect(exactSum(items, catalog, currency.code)).toBe(exact)
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        expect(error.code).toBe('amount_too_large')
        expect(exact > BigInt(currency.maximum)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test('the order of the lines, and splitting one in two, changes nothing', () => {
  fc.assert(
    fc.property(order, ({ currency, catalog, lines }) => {
      const small = lines.map(({ id, quantity }) => ({ id, quantity: 1 + (quantity % 3) }))
      const sum = (of: readonly OrderedItem[]) => {
        try {
          return addUpItems(of, catalog, currency).amount
        } catch {
          return null
        }
      }
      const single = small.flatMap(({ id, quantity }) =>
        Array.from({ length: quantity }, () => ({ id, quantity: 1 })),
      )
      expect(sum([...small].reverse())).toBe(sum(small))
      expect(sum(single)).toBe(sum(small))
    }),
  )
})
