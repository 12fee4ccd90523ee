/** Reads the where clause and the type of a list request into one expression over the columns of StripeEvents. */
import { checkFields, type Expression, parseSelector, type SelectorError } from '@tollbridge/protocol'
import { ServiceError } from '../errors.ts'
import { STRIPE_EVENTS_TABLE, stripeEventFields } from '../store/event-columns.ts'
import type { ListQuery } from './schema.ts'

/** Throws `where_clause_invalid` or `column_unknown`, pointing at the place. */
export function eventWhere({ where, type }: Pick<ListQuery, 'where' | 'type'>): Expression | null {
  const written = where === undefined || where.trim() === '' ? null : parseWhere(where)
  if (type === undefined) return written
  const ofType: Expression = {
    kind: 'comparison',
    field: { name: 'type', position: 0 },
    operator: '=',
    value: { kind: 'text', value: type, position: 0 },
  }
  return written === null ? ofType : { kind: 'and', operands: [written, ofType] }
}

function parseWhere(text: string): Expression {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw invalid('where_clause_invalid', outcome.error)
  const problem = checkFields(outcome.expression, stripeEventFields, STRIPE_EVENTS_TABLE)
  if (problem === undefined) return outcome.expression
  const isUnknown = problem.message.startsWith(`Column '${problem.near}' does not exist`)
  throw invalid(isUnknown ? 'column_unknown' : 'where_clause_invalid', problem)
}

function invalid(code: 'where_clause_invalid' | 'column_unknown', { message }: SelectorError): ServiceError {
  return new ServiceError(code, { message, param: 'where' })
}
