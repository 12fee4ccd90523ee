/** Reads the where clause and the type of a list request into one expression over the columns of StripeEvents. */
import type { Expression } from '@tollbridge/protocol'
import { parseWhere } from '../store/where-clause.ts'
import type { ListQuery } from './schema.ts'

/** Throws `where_clause_invalid` or `column_unknown`, pointing at the place. */
export function eventWhere({ where, type }: Pick<ListQuery, 'where' | 'type'>): Expression | null {
  const written = parseWhere(where)
  if (type === undefined) return written
  const ofType: Expression = {
    kind: 'comparison',
    field: { name: 'type', position: 0 },
    operator: '=',
    value: { kind: 'text', value: type, position: 0 },
  }
  return written === null ? ofType : { kind: 'and', operands: [written, ofType] }
}
