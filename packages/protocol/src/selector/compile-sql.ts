/** Turns a checked where clause into parameterised SQL that selects exactly the rows `compileMatcher` matches. */

import type { SelectorFields } from './fields.ts'
import { type Column, type KnownComparable, resolveChecked, type Test } from './resolve-selector.ts'
import type { Expression } from './selector-ast.ts'

export type SqlDialect = 'sqlite' | 'postgres'

export interface CompileSqlOptions {
  /** The number of the first `$n` on PostgreSQL; 1 unless told. */
  readonly firstParameter?: number
}

export interface SelectorSql {
  /** A boolean expression to stand after WHERE, in parentheses or AND. Values appear in it as parameters only. */
  readonly sql: string
  /** In the order in which `sql` names them. */
  readonly parameters: readonly (string | number)[]
}

/**
 * Columns must have the database types that fit: string is TEXT; number is INTEGER, REAL, bigint or double precision;
 * boolean is INTEGER 0 or 1 on SQLite and boolean on PostgreSQL; timestamp is INTEGER or bigint milliseconds. SQLite's
 * `case_sensitive_like` must be off, as it is by default. Throws a TypeError for what `checkFields` refuses.
 */
export function compileSql(
  expression: Expression,
  fields: SelectorFields,
  dialect: SqlDialect,
  options: CompileSqlOptions = {},
): SelectorSql {
  const parameters: (string | number)[] = []
  const firstParameter = options.firstParameter ?? 1
  const test = resolveChecked(expression, fields)
  return { sql: write(test), parameters }

  function write(part: Test): string {
    switch (part.kind) {
      case 'all':
        return joinBalanced(part.tests.map(write), 'AND')
      case 'any':
        return joinBalanced(part.tests.map(write), 'OR')
      case 'not':
        return `(NOT ${write(part.test)})`
      case 'unknown':
        return dialect === 'sqlite' ? '(NULL)' : '(NULL::boolean)'
      case 'absent':
        return `(${part.column.sql} IS NULL)`
      case 'like':
        return writeLike(part.column, part.pattern.sql)
      case 'compare': {
        const left = read(part.column, part.to.as, part.operator === '=' || part.operator === '<>')
        return `(${left} ${part.operator} ${writeValue(part.to.value)})`
      }
      case 'oneOf': {
        const left = read(part.column, part.as, true)
        return `(${left} IN (${Array.from(part.values, writeValue).join(', ')}))`
      }
    }
  }

  function read(column: Column, as: KnownComparable['as'], equality: boolean): string {
    if (as === 'number' && column.type === 'string') return readDecimalText(column.sql, dialect)
    if (as === 'boolean' && column.type === 'string') return readBooleanText(column.sql, dialect)
    // A database may order text by a language; equality is the same in all of them and may use an index.
    if (as === 'text' && !equality && dialect === 'postgres') return `${column.sql} COLLATE "C"`
    return column.sql
  }

  function writeLike(column: Column, pattern: string): string {
    // In the collation "C" PostgreSQL's lower() changes A to Z only, which is what SQLite's LIKE ignores.
    const left = dialect === 'postgres' ? `lower(${column.sql} COLLATE "C")` : column.sql
    return `(${left} LIKE ${writeValue(pattern)} ESCAPE '\\')`
  }

  function writeValue(value: string | number | boolean): string {
    if (typeof value === 'boolean')
      return dialect === 'sqlite' ? (value ? '1' : '0') : value ? 'TRUE' : 'FALSE'
    parameters.push(value)
    if (dialect === 'sqlite') return '?'
    const marker = `$${firstParameter + parameters.length - 1}`
    if (typeof value === 'string') return `${marker}::text`
    // A whole number stays bigint, so that a bigint column's index serves; PostgreSQL widens it where it must.
    return Number.isSafeInteger(value) ? `${marker}::bigint` : `${marker}::double precision`
  }
}

/** NULL unless the text is decimal text as coerce-literal.ts defines it. */
function readDecimalText(sql: string, dialect: SqlDialect): string {
  if (dialect === 'postgres') {
    return `(CASE WHEN ${sql} ~ '^-?[0-9]+([.][0-9]+)?$' AND length(translate(${sql}, '-.', '')) <= 15 THEN ${sql}::double precision END)`
  }
  const guard = [
    `length(replace(replace(${sql}, '-', ''), '.', '')) <= 15`,
    `${sql} NOT GLOB '*[^0-9.-]*'`,
    `${sql} NOT GLOB '?*-*'`,
    `${sql} NOT GLOB '*.*.*'`,
    `${sql} GLOB '*[0-9]'`,
    `(${sql} GLOB '[0-9]*' OR ${sql} GLOB '-[0-9]*')`,
  ]
  return `(CASE WHEN ${guard.join(' AND ')} THEN CAST(${sql} AS REAL) END)`
}

function readBooleanText(sql: string, dialect: SqlDialect): string {
  const [yes, no] = dialect === 'sqlite' ? ['1', '0'] : ['TRUE', 'FALSE']
  return `(CASE ${sql} WHEN 'true' THEN ${yes} WHEN 'false' THEN ${no} END)`
}

/** Joins in halves: SQLite refuses a thousand operands in a row, which it reads as a tree a thousand levels deep. */
function joinBalanced(parts: readonly string[], operator: 'AND' | 'OR'): string {
  if (parts.length === 1) return parts[0] ?? ''
  const middle = parts.length >> 1
  const left = joinBalanced(parts.slice(0, middle), operator)
  const right = joinBalanced(parts.slice(middle), operator)
  return `(${left} ${operator} ${right})`
}
