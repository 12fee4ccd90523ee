/** Sorts events as the databases do: NULL first when ascending, text by code points, ties by position. */
import type { OrderTerm } from '@tollbridge/protocol'
import type { StoredEvent } from '../event-store.ts'
import { totalOrder } from '../total-order.ts'

export function orderEvents(
  events: readonly StoredEvent[],
  orderBy: readonly OrderTerm[],
): readonly StoredEvent[] {
  const terms = totalOrder(orderBy)
  return events.toSorted((a, b) => {
    for (const { field, direction } of terms) {
      const order = compareValues(fieldOf(a, field), fieldOf(b, field))
      if (order !== 0) return direction === 'asc' ? order : -order
    }
    return 0
  })
}

function fieldOf(event: StoredEvent, field: string): unknown {
  return (event as unknown as Readonly<Record<string, unknown>>)[field] ?? null
}

function compareValues(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null)
  // The bytes of UTF-8 are in the order of the code points.
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return Number(a) - Number(b)
}
