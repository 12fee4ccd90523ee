/** Reads what a request says about events into one expression over the columns of StripeEvents. */
import type { Expression } from '@tollbridge/protocol'
import { parseWhere } from '../store/where-clause.ts'

export interface EventFilter {
  readonly where?: string | undefined
  readonly type?: string | undefined
  /** Received at or after, and before: milliseconds since the epoch. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** null: all events. Throws `where_clause_invalid` or `column_unknown`, pointing at the place. */
export function eventWhere({ where, type, from, to }: EventFilter): Expression | null {
  const parts = [
    parseWhere(where),
    type === undefined ? null : ofType(type),
    from === undefined ? null : parseWhere(`created >= ${from}`),
    to === undefined ? null : parseWhere(`created < ${to}`),
  ].filter((part) => part !== null)
  const [first] = parts
  return parts.length > 1 ? { kind: 'and', operands: parts } : (first ?? null)
}

function ofType(type: string): Expression {
  return {
    kind: 'comparison',
    field: { name: 'type', position: 0 },
    operator: '=',
    value: { kind: 'text', value: type, position: 0 },
  }
}
