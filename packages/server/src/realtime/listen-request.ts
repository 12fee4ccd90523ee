/** What a client asks to hear: its selector or where clause, parsed, checked, and ready to match. */
import {
  compileMatcher,
  type Expression,
  parseSelector,
  pinnedLiterals,
  type SelectorRow,
} from '@tollbridge/protocol'
import type { WatchScope } from '../access/principal.ts'
import type { PinnedLiterals } from '../access/read-access.ts'
import { isInScope } from '../access/scope-condition.ts'
import { ServiceError } from '../errors.ts'
import { stripeEventFields } from '../store/event-columns.ts'
import { parseWhere } from '../store/where-clause.ts'
import type { Publication } from './publication.ts'

export interface ListenRequest {
  readonly pins: PinnedLiterals
  /** Whether the pins say all that the request says: a value among them is a match. */
  readonly decidedByPins: boolean
  matches(publication: Publication): boolean
}

/**
 * A message selector, over the headers of the event.
 * @param selector null and blank text mean no filter.
 * @param transactionId from a channel of the form `stripe/<transaction-id>`; both must hold.
 * Throws `selector_invalid`.
 */
export function readSelector(selector: string | null, transactionId: string | null): ListenRequest {
  const written = isBlank(selector) ? null : parse(selector)
  const expression = allOf([transactionId === null ? null : idIs(transactionId), written])
  const matches = expression === null ? () => true : compileMatcher(expression)
  return { ...pinsOf(expression), matches: (publication) => matches(publication.headers) }
}

/** A data where clause, over the typed columns of the row. Throws `where_clause_invalid` or `column_unknown`. */
export function readWhereClause(whereClause: string | null): ListenRequest {
  const expression = parseWhere(whereClause, 'whereClause')
  if (expression === null) return { ...pinsOf(null), matches: () => true }
  const matches = compileMatcher(expression, stripeEventFields)
  return {
    ...pinsOf(expression),
    matches: (publication) => matches(publication.event as unknown as SelectorRow),
  }
}

/** The same for the payments of a watch token alone; null: for all. */
export function listenWithin(request: ListenRequest, scope: WatchScope | null): ListenRequest {
  if (scope === null) return request
  const matches: ListenRequest['matches'] = (publication) =>
    request.matches(publication) && isInScope(scope, publication.event)
  return { pins: request.pins, decidedByPins: false, matches }
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

function pinsOf(expression: Expression | null): Pick<ListenRequest, 'pins' | 'decidedByPins'> {
  if (expression === null) return { pins: new Map(), decidedByPins: false }
  return { pins: pinnedLiterals(expression, PINNABLE), decidedByPins: isPlainPin(expression) }
}

/** `id = 'ch_1'` and `id IN ('ch_1', 'ch_2')`: what nearly every client writes. */
function isPlainPin(expression: Expression): boolean {
  if (expression.kind !== 'comparison' && expression.kind !== 'in') return false
  if (!PINNABLE.some((name) => name === expression.field.name)) return false
  return expression.kind === 'in'
    ? expression.values.every(({ kind }) => kind === 'text')
    : expression.operator === '=' && expression.value.kind === 'text'
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

function parse(text: string): Expression {
  const outcome = parseSelector(text)
  if (outcome.ok) return outcome.expression
  const { message, position, near } = outcome.error
  throw new ServiceError('selector_invalid', { message, param: 'selector', details: { position, near } })
}

function isBlank(text: string | null): text is null {
  return text === null || text.trim() === ''
}
