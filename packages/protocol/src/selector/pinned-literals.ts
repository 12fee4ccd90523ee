/** Finds the values that a selector ties a field to: what the hub indexes and what the access rule asks for. */

import { compareText } from './compare-text.ts'
import type { Between, Comparison, Condition, Expression, Literal } from './selector-ast.ts'

/** The values outside of which an expression cannot have a certain truth; undefined when any value may. */
type Pins = ReadonlySet<string> | undefined

const none: ReadonlySet<string> = new Set()

/**
 * For each name that the expression pins: the only values with which the expression can match. A name that is not in
 * the map may have any value or be missing; an empty set means that nothing ever matches.
 *
 * Names are headers or string columns. A number pins nothing, since `7`, `07` and `7.0` all equal 7; nor does LIKE,
 * which matches in either case.
 */
export function pinnedLiterals(
  expression: Expression,
  names: readonly string[],
): Map<string, ReadonlySet<string>> {
  const pinned = new Map<string, ReadonlySet<string>>()
  for (const name of names) {
    const values = pins(expression, name, true)
    if (values !== undefined) pinned.set(name, values)
  }
  return pinned
}

/** The values of `name` with which the expression can be `truth`. */
function pins(expression: Expression, name: string, truth: boolean): Pins {
  switch (expression.kind) {
    case 'not':
      return pins(expression.operand, name, !truth)
    case 'and':
    case 'or': {
      // AND is true, and OR false, only if every operand is; AND is false, and OR true, if any one is.
      const each = expression.operands.map((operand) => pins(operand, name, truth))
      return (expression.kind === 'and') === truth ? intersect(each) : unite(each)
    }
    default:
      return conditionPins(expression, name, truth)
  }
}

function conditionPins(condition: Condition, name: string, truth: boolean): Pins {
  if (neverIs(condition, truth)) return none
  if (condition.field.name !== name) return undefined
  switch (condition.kind) {
    case 'comparison':
      return comparisonPins(condition, truth)
    case 'in':
      return truth ? unite(condition.values.map(equalTo)) : undefined
    case 'between':
      return truth ? betweenPins(condition) : undefined
    default:
      return undefined
  }
}

/** Comparing with NULL is unknown, neither true nor false, whatever the field. */
function neverIs(condition: Condition, truth: boolean): boolean {
  switch (condition.kind) {
    case 'comparison':
      return condition.value.kind === 'null'
    case 'in':
      return truth ? condition.values.every(isNull) : condition.values.some(isNull)
    case 'between':
      return truth && (isNull(condition.low) || isNull(condition.high))
    default:
      return false
  }
}

function comparisonPins({ operator, value }: Comparison, truth: boolean): Pins {
  if (operator === (truth ? '=' : '<>')) return equalTo(value)
  // A text that is neither 'true' nor 'false' is unknown beside a boolean, so "not true" is 'false' and nothing else.
  const opposite = operator === '=' || operator === '<>'
  return opposite && value.kind === 'boolean' ? new Set([String(!value.value)]) : undefined
}

function betweenPins({ low, high }: Between): Pins {
  if (low.kind !== 'text' || high.kind !== 'text') return undefined
  const order = compareText(low.value, high.value)
  return order === 0 ? new Set([low.value]) : order > 0 ? none : undefined
}

function equalTo(literal: Literal): Pins {
  switch (literal.kind) {
    case 'text':
      return new Set([literal.value])
    case 'boolean':
      return new Set([String(literal.value)])
    case 'null':
      return none
    case 'number':
      return undefined
  }
}

function isNull(literal: Literal): boolean {
  return literal.kind === 'null'
}

function unite(each: readonly Pins[]): Pins {
  const values = new Set<string>()
  for (const set of each) {
    if (set === undefined) return undefined
    for (const value of set) values.add(value)
  }
  return values
}

function intersect(each: readonly Pins[]): Pins {
  const sets = each.filter((set) => set !== undefined)
  // From the smallest, so that the work stays within the size of the expression.
  const smallest = sets.reduce<Pins>((best, set) => (best && best.size <= set.size ? best : set), undefined)
  return smallest && new Set(Array.from(smallest).filter((value) => sets.every((set) => set.has(value))))
}
