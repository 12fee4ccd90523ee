/** Runs a selector in memory, on the headers of a message or on a row. */

import { readDecimalText } from './coerce-literal.ts'
import { compareText } from './compare-text.ts'
import type { SelectorFields } from './fields.ts'
import { matchesLike } from './like-pattern.ts'
import { type Column, type KnownComparable, resolveChecked, type Test } from './resolve-selector.ts'
import type { ComparisonOperator, Expression } from './selector-ast.ts'

export type SelectorValue = string | number | boolean | null | undefined

/** Headers by name, or columns by name. Only own properties count; null and undefined are the same as missing. */
export type SelectorRow = Readonly<Record<string, SelectorValue>>

export type Matcher = (row: SelectorRow) => boolean

/** SQL's third truth value, unknown, is null. */
type Truth = boolean | null
type Evaluate = (row: SelectorRow) => Truth

/**
 * Compiles an expression to a function that says whether a row matches, exactly as `compileSql` would. Unknown is
 * no match: `status <> 'x'` does not match a row without status.
 *
 * Without `fields`, names are headers: strings, compared as the table in coerce-literal.ts says for a string column.
 * With `fields`, the expression has passed `checkFields` (else a TypeError), and a row's values have their columns'
 * types. Text holds no NUL and no half surrogate pair, which no database would keep.
 */
export function compileMatcher(expression: Expression, fields?: SelectorFields): Matcher {
  const evaluate = compileTest(resolveChecked(expression, fields))
  return (row) => evaluate(row) === true
}

function compileTest(test: Test): Evaluate {
  switch (test.kind) {
    case 'all':
      return combine(test.tests.map(compileTest), false)
    case 'any':
      return combine(test.tests.map(compileTest), true)
    case 'not': {
      const evaluate = compileTest(test.test)
      return (row) => {
        const truth = evaluate(row)
        return truth === null ? null : !truth
      }
    }
    case 'unknown':
      return () => null
    case 'absent': {
      const { name } = test.column
      return (row) => valueIn(row, name) === null
    }
    case 'like': {
      const { column, pattern } = test
      return (row) => {
        const value = readText(row, column)
        return value === null ? null : matchesLike(value, pattern)
      }
    }
    case 'oneOf': {
      const { column, values } = test
      const read = reader[test.as]
      return (row) => {
        const value = read(row, column)
        return value === null ? null : values.has(value)
      }
    }
    case 'compare':
      return compileComparison(test.column, test.operator, test.to)
  }
}

/** AND is decided by the first false, OR by the first true; else an unknown makes the whole unknown. */
function combine(parts: readonly Evaluate[], decisive: boolean): Evaluate {
  return (row) => {
    let result: Truth = !decisive
    for (const evaluate of parts) {
      const truth = evaluate(row)
      if (truth === decisive) return decisive
      if (truth === null) result = null
    }
    return result
  }
}

const holds: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function compileComparison(column: Column, operator: ComparisonOperator, to: KnownComparable): Evaluate {
  if (operator === '=' || operator === '<>') {
    const read = reader[to.as]
    const equal = operator === '='
    return (row) => {
      const value = read(row, column)
      return value === null ? null : (value === to.value) === equal
    }
  }
  const decide = holds[operator]
  if (to.as === 'text') {
    return (row) => {
      const value = readText(row, column)
      return value === null ? null : decide(compareText(value, to.value))
    }
  }
  const bound = Number(to.value)
  return (row) => {
    const value = readNumber(row, column)
    return value === null ? null : decide(value < bound ? -1 : value > bound ? 1 : 0)
  }
}

const reader = { text: readText, number: readNumber, boolean: readBoolean }

function valueIn(row: SelectorRow, name: string): string | number | boolean | null {
  return (Object.hasOwn(row, name) ? row[name] : null) ?? null
}

function readText(row: SelectorRow, { name }: Column): string | null {
  const value = valueIn(row, name)
  return value === null ? null : String(value)
}

function readNumber(row: SelectorRow, { name, type }: Column): number | null {
  const value = valueIn(row, name)
  if (type !== 'string') return typeof value === 'number' ? value : null
  return value === null ? null : readDecimalText(String(value))
}

function readBoolean(row: SelectorRow, { name, type }: Column): boolean | null {
  const value = valueIn(row, name)
  if (type !== 'string') return typeof value === 'boolean' ? value : null
  const text = String(value)
  return text === 'true' ? true : text === 'false' ? false : null
}
