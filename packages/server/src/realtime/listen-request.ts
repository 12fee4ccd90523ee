/** What a client asks to hear: its selector or where clause, parsed, checked, and ready to match. */
import {
  checkFields,
  compileMatcher,
  type Expression,
  parseSelector,
  pinnedLiterals,
  type SelectorError,
  type SelectorRow,
} from '@tollbridge/protocol'
import type { PinnedLiterals } from '../access/read-access.ts'
import { ServiceError } from '../errors.ts'
import { STRIPE_EVENTS_TABLE, stripeEventFields } from '../store/event-columns.ts'
import type { Publication } from './publication.ts'

export interface ListenRequest {
  readonly pins: PinnedLiterals
  matches(publication: Publication): boolean
}

/**
 * A message selector, over the headers of the event.
 * @param selector null and blank text mean no filter.
 * @param transactionId from a channel of the form `stripe/<transaction-id>`; both must hold.
 * Throws `selector_invalid`.
 */
export function readSelector(selector: string | null, transactionId: string | null): ListenRequest {
  const written = isBlank(selector) ? null : parse(selector, 'selector_invalid', 'selector')
  const expression = allOf([transactionId === null ? null : idIs(transactionId), written])
  const matches = expression === null ? () => true : compileMatcher(expression)
  return { pins: pinsOf(expression), matches: (publication) => matches(publication.headers) }
}

/** A data where clause, over the typed columns of the row. Throws `where_clause_invalid` or `column_unknown`. */
export function readWhereClause(whereClause: string | null): ListenRequest {
  const expression = isBlank(whereClause) ? null : parse(whereClause, 'where_clause_invalid', 'whereClause')
  if (expression === null) return { pins: new Map(), matches: () => true }
  const problem = checkFields(expression, stripeEventFields, STRIPE_EVENTS_TABLE)
  if (problem !== undefined) {
    const isColumn = problem.message.startsWith(`Column '${problem.near}' does not exist`)
    throw invalid(isColumn ? 'column_unknown' : 'where_clause_invalid', 'whereClause', problem)
  }
  const matches = compileMatcher(expression, stripeEventFields)
  return {
    pins: pinsOf(expression),
    matches: (publication) => matches(publication.event as unknown as SelectorRow),
  }
}

/** Text columns that are headers too: there, and only there, a pinned text is the same in a row and a message. */
const PINNABLE = [
  'id',
  'eventId',
  'paymentIntentId',
  'orderId',
  'chargeId',
  'customerId',
  'type',
  'objectType',
  'status',
  'currency',
] as const

function pinsOf(expression: Expression | null): PinnedLiterals {
  return expression === null ? new Map() : pinnedLiterals(expression, PINNABLE)
}

function idIs(transactionId: string): Expression {
  return {
    kind: 'comparison',
    field: { name: 'id', position: 0 },
    operator: '=',
    value: { kind: 'text', value: transactionId, position: 0 },
  }
}

function allOf(parts: readonly (Expression | null)[]): Expression | null {
  const operands = parts.filter((part) => part !== null)
  const [first] = operands
  return operands.length > 1 ? { kind: 'and', operands } : (first ?? null)
}

function parse(text: string, code: 'selector_invalid' | 'where_clause_invalid', param: string): Expression {
  const outcome = parseSelector(text)
  if (outcome.ok) return outcome.expression
  throw invalid(code, param, outcome.error)
}

function invalid(
  code: 'selector_invalid' | 'where_clause_invalid' | 'column_unknown',
  param: string,
  problem: SelectorError,
): ServiceError {
  const { position, near } = problem
  return new ServiceError(code, { message: problem.message, param, details: { position, near } })
}

function isBlank(text: string | null): text is null {
  return text === null || text.trim() === ''
}
