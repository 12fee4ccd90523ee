/** What becomes of the columns of a stored event when another version of the code reads its text. Pure. */
import type { RefreshedColumns } from './event-store.ts'

const REFRESHED = [
  'id',
  'chargeId',
  'paymentIntentId',
  'customerId',
  'orderId',
  'amount',
  'currency',
  'status',
] as const satisfies readonly (keyof RefreshedColumns)[]

/**
 * null: nothing changes. What the text no longer says is kept, since it may have been cut down after the columns were made.
 */
export function refreshedColumns(
  stored: RefreshedColumns,
  made: RefreshedColumns | null,
): RefreshedColumns | null {
  if (made === null) return null
  const merged = Object.fromEntries(
    REFRESHED.map((name) => [name, made[name] ?? stored[name]]),
  ) as unknown as RefreshedColumns
  return REFRESHED.some((name) => merged[name] !== stored[name]) ? merged : null
}
