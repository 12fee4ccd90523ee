/**
 * What a literal means beside a column: the one place that decides it, for memory and for SQL.
 *
 * | column     | 'text'                      | number               | TRUE, FALSE        | NULL    |
 * | ---------- | --------------------------- | -------------------- | ------------------ | ------- |
 * | string     | by code points              | the value as decimal | the value as       | unknown |
 * |            |                             | text, else unknown   | 'true' or 'false', |         |
 * |            |                             |                      | else unknown       |         |
 * | number     | as decimal text, else error | by value             | error              | unknown |
 * | boolean    | 'true', 'false', '1', '0',  | 1 or 0, else error   | by value           | unknown |
 * |            | any case, else error        |                      |                    |         |
 * | timestamp  | as a date, else error       | as milliseconds      | error              | unknown |
 *
 * Decimal text is an optional minus, digits, and optionally a point and digits, with at most 15 digits in all: such
 * a text is the same IEEE double in JavaScript, SQLite and PostgreSQL. `1e3`, `0x10`, `+5`, ` 5`, `.5`, `1_0` and
 * digits of other scripts are not decimal text. A value that is NULL, or a header that is missing, is unknown
 * whatever it is compared with. A boolean is only ever compared by = and <>.
 */

import type { FieldType } from './fields.ts'
import { dateForms, parseDate } from './parse-date.ts'
import type { Literal } from './selector-ast.ts'

/** How a value and its literal are compared. */
export type Comparable =
  | { readonly as: 'text'; readonly value: string }
  | { readonly as: 'number'; readonly value: number }
  | { readonly as: 'boolean'; readonly value: boolean }
  | { readonly as: 'unknown' }

export type CoerceOutcome =
  | { readonly ok: true; readonly comparable: Comparable }
  /** What should stand there, to complete "expected …". */
  | { readonly ok: false; readonly expected: string }

const decimalText = /^-?\d+(?:\.\d+)?$/
const mostDigits = 15

/** The number that a decimal text stands for, or null. */
export function readDecimalText(text: string): number | null {
  // A sign, a point and the digits: nothing longer needs a look.
  if (text.length > mostDigits + 2 || !decimalText.test(text)) return null
  const digits = text.length - (text.startsWith('-') ? 1 : 0) - (text.includes('.') ? 1 : 0)
  return digits <= mostDigits ? Number(text) : null
}

export function coerceLiteral(literal: Literal, type: FieldType): CoerceOutcome {
  if (literal.kind === 'null') return compare({ as: 'unknown' })
  switch (type) {
    case 'string':
      return compare(asWritten(literal))
    case 'number':
      return coerceNumber(literal)
    case 'boolean':
      return coerceBoolean(literal)
    case 'timestamp':
      return coerceTimestamp(literal)
  }
}

type Value = Exclude<Literal, { kind: 'null' }>

function asWritten(literal: Value): Comparable {
  switch (literal.kind) {
    case 'text':
      return { as: 'text', value: literal.value }
    case 'number':
      return { as: 'number', value: literal.value }
    case 'boolean':
      return { as: 'boolean', value: literal.value }
  }
}

function coerceNumber(literal: Value): CoerceOutcome {
  const value = literal.kind === 'text' ? readDecimalText(literal.value) : literal.value
  if (typeof value !== 'number') return { ok: false, expected: 'a number such as 1000 or -2.5' }
  return compare({ as: 'number', value: value + 0 })
}

function coerceBoolean(literal: Value): CoerceOutcome {
  switch (String(literal.value).toLowerCase()) {
    case 'true':
    case '1':
      return compare({ as: 'boolean', value: true })
    case 'false':
    case '0':
      return compare({ as: 'boolean', value: false })
    default:
      return { ok: false, expected: 'TRUE or FALSE' }
  }
}

function coerceTimestamp(literal: Value): CoerceOutcome {
  const value = literal.kind === 'text' ? parseDate(literal.value) : literal.value
  if (typeof value !== 'number') return { ok: false, expected: dateForms }
  return compare({ as: 'number', value: value + 0 })
}

function compare(comparable: Comparable): CoerceOutcome {
  return { ok: true, comparable }
}
