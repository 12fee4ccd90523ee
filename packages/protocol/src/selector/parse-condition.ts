/** Reads one condition of a selector: a comparison, LIKE, IN, BETWEEN, IS NULL or a bare boolean. */

import { parseLikePattern } from './like-pattern.ts'
import type { Comparison, ComparisonOperator, Expression, FieldName, Literal } from './selector-ast.ts'
import { SelectorProblem } from './selector-error.ts'
import type { TokenCursor } from './token-cursor.ts'
import type { Token } from './tokenize.ts'

interface WrittenOperator {
  readonly is: ComparisonOperator
  /** As the writer spelled it. */
  readonly text: string
}

const mirrored: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** `countValue` is called for each value of an IN list after the first. Throws `SelectorProblem`. */
export function parseCondition(cursor: TokenCursor, countValue: () => void): Expression {
  if (toLiteral(cursor.current()) !== undefined) return parseMirrored(cursor)
  const field = parseField(cursor, "a condition, such as id = 'ch_1'")
  if (cursor.takeKeyword('NOT')) {
    const operand = parseRange(cursor, field, countValue)
    if (operand === undefined) throw cursor.expected('LIKE, IN or BETWEEN after NOT')
    return { kind: 'not', operand }
  }
  const range = parseRange(cursor, field, countValue)
  if (range !== undefined) return range
  if (cursor.takeKeyword('IS')) return parseIsNull(cursor, field)
  const operator = takeOperator(cursor)
  if (operator !== undefined) {
    const value = parseLiteral(cursor, `a value after "${operator.text}"`)
    return compare(field, operator.is, value)
  }
  if (!endsCondition(cursor)) throw cursor.expected(`an operator, such as =, after "${clip(field.name)}"`)
  return compare(field, '=', { kind: 'boolean', value: true, position: field.position })
}

/** A value on the left: `'ch_1' = id`. */
function parseMirrored(cursor: TokenCursor): Expression {
  const value = parseLiteral(cursor, 'a condition')
  const operator = takeOperator(cursor)
  if (operator === undefined) throw cursor.expected('an operator, such as =, after the value')
  const field = parseField(cursor, `the name of a field after "${operator.text}"`)
  return compare(field, mirrored[operator.is], value)
}

/** LIKE, IN and BETWEEN, which may all follow NOT. */
function parseRange(cursor: TokenCursor, field: FieldName, countValue: () => void): Expression | undefined {
  if (cursor.takeKeyword('LIKE')) return parseLike(cursor, field)
  if (cursor.takeKeyword('IN')) return parseIn(cursor, field, countValue)
  if (cursor.takeKeyword('BETWEEN')) return parseBetween(cursor, field)
  return undefined
}

function parseLike(cursor: TokenCursor, field: FieldName): Expression {
  const { value: pattern, position } = parseText(cursor, 'a pattern in single quotes after LIKE')
  const escapedBy = cursor.takeWord('escape') ? parseEscapeCharacter(cursor) : null
  const outcome = parseLikePattern(pattern, escapedBy)
  if (!outcome.ok) throw new SelectorProblem(outcome.problem, position)
  return { kind: 'like', field, pattern, escapedBy }
}

function parseEscapeCharacter(cursor: TokenCursor): string {
  const { value, position } = parseText(cursor, 'one character in single quotes after ESCAPE')
  if (Array.from(value).length === 1) return value
  throw new SelectorProblem('Expected exactly one character after ESCAPE', position)
}

function parseIn(cursor: TokenCursor, field: FieldName, countValue: () => void): Expression {
  if (!cursor.takeSymbol('(')) throw cursor.expected('"(" after IN')
  const values = [parseLiteral(cursor, 'a value after "("')]
  while (cursor.takeSymbol(',')) {
    countValue()
    values.push(parseLiteral(cursor, 'a value after ","'))
  }
  if (!cursor.takeSymbol(')')) throw cursor.expected('"," or ")" in the list of IN')
  return { kind: 'in', field, values }
}

function parseBetween(cursor: TokenCursor, field: FieldName): Expression {
  const low = parseLiteral(cursor, 'a value after BETWEEN')
  if (!cursor.takeKeyword('AND')) throw cursor.expected('AND and a second value after BETWEEN')
  const high = parseLiteral(cursor, 'a value after BETWEEN … AND')
  checkOrdered(low)
  checkOrdered(high)
  return { kind: 'between', field, low, high }
}

function parseIsNull(cursor: TokenCursor, field: FieldName): Expression {
  const negated = cursor.takeKeyword('NOT')
  if (!cursor.takeKeyword('NULL')) {
    throw cursor.expected(negated ? 'NULL after IS NOT' : 'NULL or NOT NULL after IS')
  }
  const isNull: Expression = { kind: 'isNull', field }
  return negated ? { kind: 'not', operand: isNull } : isNull
}

function parseField(cursor: TokenCursor, what: string): FieldName {
  const token = cursor.current()
  if (token.kind !== 'name') throw cursor.expected(what)
  cursor.advance()
  return { name: token.name, position: token.position }
}

function parseLiteral(cursor: TokenCursor, what: string): Literal {
  const token = cursor.current()
  if (token.kind === 'name') {
    const name = clip(token.name).replaceAll("'", "''")
    throw cursor.expected(what, `${clip(token.text)} is the name of a field; text is written as '${name}'`)
  }
  const literal = toLiteral(token)
  if (literal === undefined) throw cursor.expected(what)
  cursor.advance()
  return literal
}

function parseText(cursor: TokenCursor, what: string): { value: string; position: number } {
  const token = cursor.current()
  if (token.kind !== 'text') throw cursor.expected(what)
  cursor.advance()
  return token
}

function takeOperator(cursor: TokenCursor): WrittenOperator | undefined {
  const token = cursor.current()
  const { text } = token
  if (token.kind === 'symbol') {
    const { symbol } = token
    if (symbol === '(' || symbol === ')' || symbol === ',') return undefined
    cursor.advance()
    return { is: symbol, text }
  }
  if (cursor.takeWord('after')) return { is: '>', text }
  if (cursor.takeWord('before')) return { is: '<', text }
  if (!cursor.takeWord('at')) return undefined
  if (!cursor.takeKeyword('OR')) throw cursor.expected('"or after" or "or before" after "at"')
  if (cursor.takeWord('after')) return { is: '>=', text: 'at or after' }
  if (cursor.takeWord('before')) return { is: '<=', text: 'at or before' }
  throw cursor.expected('"after" or "before" after "at or"')
}

function endsCondition(cursor: TokenCursor): boolean {
  const ends = cursor.current().kind === 'end' || cursor.atSymbol(')')
  return ends || cursor.atKeyword('AND') || cursor.atKeyword('OR')
}

function toLiteral(token: Token): Literal | undefined {
  const { position } = token
  if (token.kind === 'text') return { kind: 'text', value: token.value, position }
  if (token.kind === 'number') return { kind: 'number', value: token.value, position }
  if (token.kind !== 'keyword') return undefined
  if (token.keyword === 'NULL') return { kind: 'null', position }
  if (token.keyword === 'TRUE') return { kind: 'boolean', value: true, position }
  if (token.keyword === 'FALSE') return { kind: 'boolean', value: false, position }
  return undefined
}

function compare(field: FieldName, operator: ComparisonOperator, value: Literal): Comparison {
  if (operator !== '=' && operator !== '<>') checkOrdered(value)
  return { kind: 'comparison', field, operator, value }
}

function checkOrdered(value: Literal): void {
  if (value.kind === 'boolean') {
    throw new SelectorProblem('TRUE and FALSE can be compared with = and <> only', value.position)
  }
}

function clip(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 40).toWellFormed()}…`
}
