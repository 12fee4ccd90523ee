/** What a find asks for: the same parameters from the JSON body of newer SDKs and the query string of older ones. */
import type { Expression, OrderTerm } from '@tollbridge/protocol'
import { ServiceError } from '../../errors.ts'
import { type StripeEventColumn, stripeEventColumns } from '../../store/event-columns.ts'
import { columnUnknown, parseSortBy, parseWhere } from '../../store/where-clause.ts'

export interface DataQuery {
  readonly where: Expression | null
  /** Empty: newest first. */
  readonly orderBy: readonly OrderTerm[]
  readonly limit: number
  readonly offset: number
  readonly columns: readonly StripeEventColumn[]
}

export type GivenParameters = Readonly<Record<string, unknown>>

const DEFAULT_PAGE_SIZE = 10
const LARGEST_PAGE_SIZE = 100
const ALL_COLUMNS = Object.keys(stripeEventColumns) as StripeEventColumn[]

/**
 * `distinct` is left aside, since rows differ by their objectId, and so is `relationsDepth`, since there are no
 * relations to follow; what would change the rows is refused.
 */
export function parseDataQuery(given: GivenParameters): DataQuery {
  refuseUnsupported(given)
  return {
    where: parseWhere(given['where']),
    orderBy: parseSortBy(given['sortBy']),
    limit: parseWhole(given, 'pageSize', { from: 1, to: LARGEST_PAGE_SIZE, absent: DEFAULT_PAGE_SIZE }),
    offset: parseWhole(given, 'offset', { from: 0, to: Number.MAX_SAFE_INTEGER, absent: 0 }),
    columns: parseColumns(given),
  }
}

/** The columns alone, for a read of one row. */
export function parseColumns(given: GivenParameters): readonly StripeEventColumn[] {
  const wanted = ['props', 'property', 'properties'].flatMap((name) => parseNames(given, name))
  const unwanted = new Set(parseNames(given, 'excludeProps'))
  const columns = wanted.length === 0 || wanted.includes('*') ? ALL_COLUMNS : wanted
  // Without the objectId a client could not name the row again, so a projection always keeps it.
  return ALL_COLUMNS.filter((name) => name === 'objectId' || (columns.includes(name) && !unwanted.has(name)))
}

function parseNames(given: GivenParameters, param: string): string[] {
  const value = given[param]
  if (value === undefined || value === null) return []
  const items = [value].flat()
  if (!items.every((item) => typeof item === 'string')) {
    throw new ServiceError('parameter_invalid', {
      message: `The field ${param} must hold names of columns, such as "id,type".`,
      param,
    })
  }
  const names = items.flatMap((item) => item.split(',')).map((name) => name.trim())
  return names.filter((name) => name !== '').map((name) => checkName(name, param))
}

function checkName(name: string, param: string): string {
  if (name === '*' || Object.hasOwn(stripeEventColumns, name)) return name
  if (/[(\s]/.test(name)) {
    throw new ServiceError('parameter_invalid', {
      message: `The field ${param} takes plain names of columns; functions and aliases such as "${name.slice(0, 60)}" are not offered. Read the rows, or ask for their count.`,
      param,
    })
  }
  throw columnUnknown(name, param)
}

function parseWhole(
  given: GivenParameters,
  param: string,
  { from, to, absent }: { readonly from: number; readonly to: number; readonly absent: number },
): number {
  const value = given[param]
  if (value === undefined || value === null || value === '') return absent
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= from && number <= to) return number
  throw new ServiceError('parameter_invalid', {
    message: `The field ${param} must be a whole number from ${from}${to === LARGEST_PAGE_SIZE ? ` to ${to}` : ' up'}.`,
    param,
  })
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  groupBy: 'Grouping is not offered: read the rows, or ask for the count of a where clause.',
  having: 'having goes with groupBy, which is not offered: put the condition into where.',
  loadRelations: 'StripeEvents has no relations; the whole Stripe event is in the column payload.',
  relations: 'StripeEvents has no relations; the whole Stripe event is in the column payload.',
}

function refuseUnsupported(given: GivenParameters): void {
  for (const [param, message] of Object.entries(UNSUPPORTED)) {
    const value = given[param]
    // SDKs send these empty when nobody asked for them.
    const isIdle = [value].flat().every((item) => item === undefined || item === null || item === '')
    if (!isIdle) throw new ServiceError('parameter_invalid', { message, param })
  }
}
