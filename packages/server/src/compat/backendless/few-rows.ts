/** Reads of one row or of none: the first, the last, by the values of its columns, and the count. */
import type { Principal } from '../../access/principal.ts'
import type { StripeEventColumn } from '../../store/event-columns.ts'
import type { StripeEventRow } from '../../store/stripe-event-row.ts'
import { type GivenParameters, parseColumns, parseDataQuery } from './data-query.ts'
import { parsePrimaryKey } from './primary-key.ts'
import { objectNotFound, type StripeEventReader } from './read-stripe-events.ts'

export async function countRows(
  reader: Pick<StripeEventReader, 'count'>,
  caller: Principal,
  given: GivenParameters,
): Promise<number> {
  const { where } = parseDataQuery({ where: given['where'], groupBy: given['groupBy'] })
  return reader.count(caller, where)
}

/** @returns null where no row fits. */
export async function findEdge(
  reader: Pick<StripeEventReader, 'find'>,
  caller: Principal,
  given: GivenParameters,
  direction: 'asc' | 'desc',
): Promise<StripeEventRow | null> {
  const { orderBy, ...query } = parseDataQuery({ ...given, pageSize: 1, offset: 0 })
  const order = orderBy.length === 0 ? [{ field: 'created', direction }] : orderBy
  const [row] = await reader.find(caller, { ...query, orderBy: order })
  return row ?? null
}

/** Throws `object_not_found`. */
export async function findByColumns(
  reader: Pick<StripeEventReader, 'find'>,
  caller: Principal,
  given: GivenParameters,
  columns: readonly StripeEventColumn[] = parseColumns(given),
): Promise<StripeEventRow> {
  const where = parsePrimaryKey(given)
  // Several events can belong to one transaction; the newest says how it stands.
  const page = { where, orderBy: [], limit: 1, offset: 0, columns }
  const [row] = await reader.find(caller, page)
  if (row === undefined) throw objectNotFound(Object.values(given).join(', '))
  return row
}
