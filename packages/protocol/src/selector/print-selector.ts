/** Writes a syntax tree in the one canonical form: reading it again gives the same tree, positions aside. */

import type { Condition, Expression, FieldName, Literal } from './selector-ast.ts'
import { isKeyword } from './tokenize.ts'

const plainName = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/

/** The canonical text, such as `id = 'ch_1' AND NOT (status IN ('failed', 'pending') OR livemode = FALSE)`. */
export function printSelector(expression: Expression): string {
  switch (expression.kind) {
    case 'or':
      return expression.operands.map((operand) => wrap(operand, operand.kind === 'or')).join(' OR ')
    case 'and':
      return expression.operands
        .map((operand) => wrap(operand, operand.kind === 'or' || operand.kind === 'and'))
        .join(' AND ')
    case 'not':
      return printNot(expression.operand)
    default:
      return printCondition(expression, '')
  }
}

/** A field's name, quoted where it must be. */
export function printFieldName({ name }: Pick<FieldName, 'name'>): string {
  return plainName.test(name) && !isKeyword(name) ? name : `"${name.replaceAll('"', '""')}"`
}

export function printLiteral(literal: Literal): string {
  switch (literal.kind) {
    case 'text':
      return printText(literal.value)
    case 'number':
      return String(literal.value)
    case 'boolean':
      return literal.value ? 'TRUE' : 'FALSE'
    case 'null':
      return 'NULL'
  }
}

function printNot(operand: Expression): string {
  switch (operand.kind) {
    case 'and':
    case 'or':
      return `NOT (${printSelector(operand)})`
    case 'like':
    case 'in':
    case 'between':
    case 'isNull':
      return printCondition(operand, 'NOT ')
    default:
      return `NOT ${printSelector(operand)}`
  }
}

function printCondition(condition: Condition, not: '' | 'NOT '): string {
  const field = printFieldName(condition.field)
  switch (condition.kind) {
    case 'comparison':
      return `${field} ${condition.operator} ${printLiteral(condition.value)}`
    case 'in':
      return `${field} ${not}IN (${condition.values.map(printLiteral).join(', ')})`
    case 'between':
      return `${field} ${not}BETWEEN ${printLiteral(condition.low)} AND ${printLiteral(condition.high)}`
    case 'like': {
      const suffix = condition.escapedBy === null ? '' : ` ESCAPE ${printText(condition.escapedBy)}`
      return `${field} ${not}LIKE ${printText(condition.pattern)}${suffix}`
    }
    case 'isNull':
      return `${field} IS ${not}NULL`
  }
}

function wrap(operand: Expression, needed: boolean): string {
  const text = printSelector(operand)
  return needed ? `(${text})` : text
}

function printText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
