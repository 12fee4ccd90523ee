/** Reads a sort order such as `created desc, id`. */

import type { SelectorFields } from './fields.ts'
import { locateProblem, type SelectorError, SelectorProblem, unknownColumn } from './selector-error.ts'
import { createTokenCursor } from './token-cursor.ts'

export interface OrderTerm {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

export type OrderByOutcome =
  | { readonly ok: true; readonly order: readonly OrderTerm[] }
  | { readonly ok: false; readonly error: SelectorError }

export const orderByLimits = { length: 1_000, terms: 20 } as const

/** An empty text is an empty order; the direction is `asc` unless told, in any case. `table` is for errors. */
export function parseOrderBy(text: string, fields: SelectorFields, table: string): OrderByOutcome {
  try {
    if (text.length > orderByLimits.length) {
      throw new SelectorProblem(
        `The sort order is longer than the limit of ${orderByLimits.length} characters`,
        orderByLimits.length,
      )
    }
    return readOrder(text, fields, table)
  } catch (problem) {
    if (problem instanceof SelectorProblem) return { ok: false, error: locateProblem(text, problem) }
    throw problem
  }
}

function readOrder(text: string, fields: SelectorFields, table: string): OrderByOutcome {
  const cursor = createTokenCursor(text)
  const order: OrderTerm[] = []
  if (cursor.current().kind === 'end') return { ok: true, order }
  do {
    const column = cursor.current()
    if (column.kind !== 'name') throw cursor.expected('the name of a column')
    const { name: field, position } = column
    if (!Object.hasOwn(fields, field)) return { ok: false, error: unknownColumn(column, table) }
    if (order.length === orderByLimits.terms) {
      throw new SelectorProblem(
        `The sort order has more than the limit of ${orderByLimits.terms} columns`,
        position,
      )
    }
    cursor.advance()
    const descending = cursor.takeWord('desc')
    const ascending = !descending && cursor.takeWord('asc')
    order.push({ field, direction: descending ? 'desc' : 'asc' })
    if (cursor.current().kind !== 'end' && !cursor.atSymbol(',')) {
      throw cursor.expected(ascending || descending ? '"," or the end' : `asc, desc or "," after "${field}"`)
    }
  } while (cursor.takeSymbol(','))
  return { ok: true, order }
}
