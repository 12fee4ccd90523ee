/** Turns a syntax tree into tests with their types decided: the small language that both memory and SQL run. */

import { type Comparable, coerceLiteral } from './coerce-literal.ts'
import type { Field, FieldType, SelectorFields } from './fields.ts'
import { type LikePattern, parseLikePattern } from './like-pattern.ts'
import { printLiteral } from './print-selector.ts'
import type {
  Between,
  ComparisonOperator,
  Condition,
  Expression,
  FieldName,
  InList,
  Like,
  Literal,
} from './selector-ast.ts'
import { type SelectorError, unknownColumn } from './selector-error.ts'

export interface Column extends Field {
  readonly name: string
}

export type Test =
  | { readonly kind: 'all' | 'any'; readonly tests: readonly Test[] }
  | { readonly kind: 'not'; readonly test: Test }
  /** A comparison with NULL. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'absent'; readonly column: Column }
  | { readonly kind: 'like'; readonly column: Column; readonly pattern: LikePattern }
  | {
      readonly kind: 'compare'
      readonly column: Column
      readonly operator: ComparisonOperator
      readonly to: KnownComparable
    }
  | {
      readonly kind: 'oneOf'
      readonly column: Column
      readonly as: KnownComparable['as']
      readonly values: ReadonlySet<string | number | boolean>
    }

export type KnownComparable = Exclude<Comparable, { as: 'unknown' }>

export type ResolveOutcome =
  | { readonly ok: true; readonly test: Test }
  | { readonly ok: false; readonly error: SelectorError }

/** Without `fields` every name is a header, and headers are strings. `table` is for the error's words. */
export function resolveSelector(
  expression: Expression,
  fields: SelectorFields | undefined,
  table = '',
): ResolveOutcome {
  try {
    return { ok: true, test: resolve(expression, { fields, table }) }
  } catch (problem) {
    if (problem instanceof ColumnProblem) return { ok: false, error: problem.error }
    throw problem
  }
}

/** For callers that run after `checkFields`: an expression that fails here is a fault of ours. */
export function resolveChecked(expression: Expression, fields: SelectorFields | undefined): Test {
  const outcome = resolveSelector(expression, fields)
  if (!outcome.ok) throw new TypeError(`Run checkFields first: ${outcome.error.message}`)
  return outcome.test
}

interface Scope {
  readonly fields: SelectorFields | undefined
  readonly table: string
}

/** Carries the error out of the walk to `resolveSelector`. */
class ColumnProblem extends Error {
  readonly error: SelectorError

  constructor(error: SelectorError) {
    super(error.message)
    this.error = error
  }
}

function resolve(expression: Expression, scope: Scope): Test {
  switch (expression.kind) {
    case 'and':
      return { kind: 'all', tests: expression.operands.map((operand) => resolve(operand, scope)) }
    case 'or':
      return { kind: 'any', tests: expression.operands.map((operand) => resolve(operand, scope)) }
    case 'not':
      return { kind: 'not', test: resolve(expression.operand, scope) }
    default:
      return resolveCondition(expression, findColumn(expression.field, scope))
  }
}

function findColumn(field: FieldName, { fields, table }: Scope): Column {
  const { name } = field
  if (fields === undefined) return { name, type: 'string', sql: '' }
  const found = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (found === undefined) throw new ColumnProblem(unknownColumn(field, table))
  return { name, ...found }
}

function resolveCondition(condition: Condition, column: Column): Test {
  switch (condition.kind) {
    case 'comparison':
      return resolveComparison(column, condition.operator, condition.value)
    case 'in':
      return resolveIn(condition, column)
    case 'between':
      return resolveBetween(condition, column)
    case 'isNull':
      return { kind: 'absent', column }
    case 'like':
      return resolveLike(condition, column)
  }
}

function resolveLike({ field, pattern, escapedBy }: Like, column: Column): Test {
  if (column.type !== 'string') {
    throw refuse(column, '=, <>, <, <=, > or >= instead of LIKE', field.position, field.name)
  }
  const outcome = parseLikePattern(pattern, escapedBy)
  if (!outcome.ok)
    throw new ColumnProblem({ message: outcome.problem, position: field.position, near: pattern })
  return { kind: 'like', column, pattern: outcome.pattern }
}

function resolveComparison(column: Column, operator: ComparisonOperator, literal: Literal): Test {
  const to = coerce(column, literal)
  if (to.as === 'unknown') return { kind: 'unknown' }
  if (to.as === 'boolean' && operator !== '=' && operator !== '<>') {
    throw refuse(column, `= or <> instead of ${operator}`, literal.position, printLiteral(literal))
  }
  return { kind: 'compare', column, operator, to }
}

function resolveBetween({ low, high }: Between, column: Column): Test {
  return {
    kind: 'all',
    tests: [resolveComparison(column, '>=', low), resolveComparison(column, '<=', high)],
  }
}

/** One test for the values of each kind, so that a list of a thousand ids is one look-up. */
function resolveIn({ values }: InList, column: Column): Test {
  const sets = new Map<KnownComparable['as'], Set<string | number | boolean>>()
  let unknown = false
  for (const literal of values) {
    const to = coerce(column, literal)
    if (to.as === 'unknown') unknown = true
    else sets.set(to.as, (sets.get(to.as) ?? new Set()).add(to.value))
  }
  const tests: Test[] = Array.from(sets, ([as, set]) => ({ kind: 'oneOf', column, as, values: set }))
  if (unknown) tests.push({ kind: 'unknown' })
  return tests.length === 1 && tests[0] !== undefined ? tests[0] : { kind: 'any', tests }
}

function coerce(column: Column, literal: Literal): Comparable {
  const outcome = coerceLiteral(literal, column.type)
  if (outcome.ok) return outcome.comparable
  throw refuse(column, outcome.expected, literal.position, printLiteral(literal))
}

const holds: Readonly<Record<FieldType, string>> = {
  string: 'text',
  number: 'numbers',
  boolean: 'TRUE or FALSE',
  timestamp: 'times',
}

function refuse({ name, type }: Column, expected: string, position: number, written: string): ColumnProblem {
  const near = written.length <= 24 ? written : `${written.slice(0, 23).toWellFormed()}…`
  const message = `Column '${name}' holds ${holds[type]}: expected ${expected} at position ${position}, near "${near}"`
  return new ColumnProblem({ message, position, near })
}
