/** What a payment was sold for, as the terms of the attempts at it say: items at the price of the moment. */

export interface SoldItem {
  readonly id: string
  readonly quantity: number
  /** Minor units; null: only the sum was priced. */
  readonly unit_amount: number | null
}

type Terms = Readonly<Record<string, unknown>>

/** @returns null where only a sum was priced */
export function soldItemsOf(terms: Terms): readonly SoldItem[] | null {
  // Rows of before say only what was asked for.
  const asked = terms['asked'] as Terms | null | undefined
  const items = terms['items'] ?? asked?.['items']
  if (!Array.isArray(items)) return null
  const sold = items.flatMap(({ id, quantity, unit_amount = null }) =>
    // A row that was cut down may lack what somebody typed.
    typeof id === 'string' && typeof quantity === 'number' ? [{ id, quantity, unit_amount }] : [],
  )
  return sold.length === 0 ? null : sold
}
