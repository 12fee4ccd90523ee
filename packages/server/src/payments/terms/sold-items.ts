/** What was sold, as Stripe's metadata tells it where it fits. */
import { ITEMS_METADATA } from '../../stripe/event-facts.ts'
import type { SoldItem } from '../ports.ts'

/** Stripe's limits. */
const LONGEST_VALUE = 500
const MOST_NAMES = 50

/**
 * `{"tea":2}`: ids with their quantities.
 * @param names how many names the payment's metadata has otherwise
 * @returns null where it does not fit; the API tells the items all the same
 */
export function itemsText(items: readonly SoldItem[] | null, names: number): string | null {
  if (items === null || names >= MOST_NAMES) return null
  const text = JSON.stringify(Object.fromEntries(items.map(({ id, quantity }) => [id, quantity])))
  return text.length <= LONGEST_VALUE ? text : null
}

export function itemsMetadata(items: readonly SoldItem[] | null, names: number): Record<string, string> {
  const text = itemsText(items, names)
  return text === null ? {} : { [ITEMS_METADATA]: text }
}
