/** The price of some catalog items in one currency. */
import type { Currency } from '@tollbridge/protocol'
import { ServiceError } from '../errors.ts'
import type { CatalogItem } from '../store/price-store.ts'

export interface OrderedItem {
  readonly id: string
  readonly quantity: number
}

/** An item at the moment of its sale. */
export interface SoldItem extends OrderedItem {
  /** Minor units; null: only the sum was priced. */
  readonly unit_amount: number | null
}

const MOST_LINES = 100

/**
 * @param catalog the items of the catalog, at least those that are ordered
 * @returns the sum in minor units, and the order with each item once, at its price.
 * Throws `parameter_invalid`, `catalog_item_unknown`, `catalog_price_missing`, `catalog_quantity_too_large` or
 * `amount_too_large`.
 */
export function addUpItems(
  ordered: readonly OrderedItem[],
  catalog: readonly CatalogItem[],
  currency: Currency,
): { readonly amount: number; readonly items: readonly SoldItem[] } {
  if (ordered.length === 0 || ordered.length > MOST_LINES) {
    throw new ServiceError('parameter_invalid', {
      message: `The field items must hold 1 to ${MOST_LINES} items, such as [{"id": "tea", "quantity": 2}].`,
      param: 'items',
    })
  }
  const quantities = new Map<string, { quantity: number; index: number }>()
  for (const [index, { id, quantity }] of ordered.entries()) {
    if (!Number.isSafeInteger(quantity) || quantity < 1) {
      throw new ServiceError('parameter_invalid', {
        message: `The field items.${index}.quantity must be a whole number from 1 on.`,
        param: `items.${index}.quantity`,
      })
    }
    const before = quantities.get(id)
    quantities.set(id, { quantity: quantity + (before?.quantity ?? 0), index: before?.index ?? index })
  }
  let amount = 0
  const items: SoldItem[] = []
  for (const [id, { quantity, index }] of quantities) {
    const unit_amount = priceOf(id, catalog, currency, index)
    amount += unit_amount * allowed(quantity, id, catalog, index)
    items.push({ id, quantity, unit_amount })
    // A sum past the largest charge is refused before it is past what numbers hold exactly.
    if (amount > currency.maximum) {
      throw new ServiceError('amount_too_large', {
        message: `The items add up to more than ${currency.maximum} minor units of ${currency.code}, the most that Stripe charges at once.`,
        param: 'items',
      })
    }
  }
  return { amount, items }
}

function priceOf(id: string, catalog: readonly CatalogItem[], { code }: Currency, index: number): number {
  const item = catalog.find((it) => it.id === id)
  const param = `items.${index}.id`
  if (item === undefined || !item.active) {
    throw new ServiceError('catalog_item_unknown', {
      message:
        item === undefined
          ? `The catalog has no item ${id.slice(0, 64)}.`
          : `The item ${id} cannot be bought at the moment.`,
      param,
    })
  }
  const price = item.prices[code]
  if (price !== undefined) return price
  throw new ServiceError('catalog_price_missing', {
    message: `The item ${id} has no price in ${code}, only in ${Object.keys(item.prices).join(', ')}; all items of an order are charged in one currency, which the field currency names.`,
    param,
  })
}

function allowed(quantity: number, id: string, catalog: readonly CatalogItem[], index: number): number {
  const most = catalog.find((it) => it.id === id)?.maxQuantity ?? null
  if (most === null || quantity <= most) return quantity
  throw new ServiceError('catalog_quantity_too_large', {
    message: `At most ${most} of the item ${id} can be bought in one order, not ${quantity}.`,
    param: `items.${index}.quantity`,
  })
}
