/** Reads `where` and `sortBy` against the columns of StripeEvents; what is wrong is said with its place. */
import {
  checkFields,
  type Expression,
  type OrderTerm,
  parseOrderBy,
  parseSelector,
  type SelectorError,
} from '@tollbridge/protocol'
import { ServiceError } from '../errors.ts'
import { STRIPE_EVENTS_TABLE, stripeEventColumns, stripeEventFields } from './event-columns.ts'

/** @returns null for no clause, which is every row. */
export function parseWhere(where: unknown, param = 'where'): Expression | null {
  if (where === undefined || where === null || where === '') return null
  if (typeof where !== 'string') {
    throw new ServiceError('parameter_invalid', {
      message: `The field ${param} must be one text, such as "id = 'ch_…'".`,
      param,
    })
  }
  if (where.trim() === '') return null
  const outcome = parseSelector(where)
  if (!outcome.ok) throw clauseError(param, outcome.error)
  return checkWhere(outcome.expression, param)
}

/** Refuses what the columns cannot be asked; `param` is the field that the caller wrote it in. */
export function checkWhere(expression: Expression, param: string): Expression {
  const error = checkFields(expression, stripeEventFields, STRIPE_EVENTS_TABLE)
  if (error === undefined) return expression
  throw clauseError(param, error)
}

/** `created desc, id`; an array is joined as the SDKs do. */
export function parseSortBy(sortBy: unknown): readonly OrderTerm[] {
  if (sortBy === undefined || sortBy === null) return []
  const text = Array.isArray(sortBy) ? sortBy.join(',') : sortBy
  if (typeof text !== 'string') {
    throw new ServiceError('parameter_invalid', {
      message: 'The field sortBy must be a text such as "created desc, id".',
      param: 'sortBy',
    })
  }
  const outcome = parseOrderBy(text, stripeEventFields, STRIPE_EVENTS_TABLE)
  if (outcome.ok) return outcome.order
  throw clauseError('sortBy', outcome.error)
}

export function columnUnknown(name: string, param: string, place = ''): ServiceError {
  const known = name === 'payload' ? Object.keys(stripeEventFields) : Object.keys(stripeEventColumns)
  const problem =
    name === 'payload'
      ? "Column 'payload' can be read but not compared or sorted by"
      : `Column '${name.slice(0, 100)}' does not exist in table '${STRIPE_EVENTS_TABLE}'`
  return new ServiceError('column_unknown', {
    message: `${problem}${place}; the columns ${name === 'payload' ? 'for that ' : ''}are ${known.join(', ')}.`,
    param,
  })
}

function clauseError(param: string, error: SelectorError): ServiceError {
  const { message, position, near, unknownColumn } = error
  if (unknownColumn !== undefined) {
    return columnUnknown(unknownColumn, param, ` (position ${position} of ${param})`)
  }
  return new ServiceError('where_clause_invalid', {
    message: `${param} cannot be read. ${message}.`,
    param,
    details: { position, near },
  })
}
