/** The columns that a where clause may name, and the check that it names no others. */

import { resolveSelector } from './resolve-selector.ts'
import type { Expression } from './selector-ast.ts'
import type { SelectorError } from './selector-error.ts'

/** `timestamp` is milliseconds since 1970, in a row and in the database. */
export type FieldType = 'string' | 'number' | 'boolean' | 'timestamp'

/** `sql` is the column as SQL text, from our own source code, never from a caller. */
export interface Field {
  readonly type: FieldType
  readonly sql: string
}

export type SelectorFields = Readonly<Record<string, Field>>

/**
 * Says what keeps the expression from being asked of these columns: an unknown column, or a value that its column
 * cannot be compared with. Undefined when nothing does; then `compileSql` and `compileMatcher` accept it.
 */
export function checkFields(
  expression: Expression,
  fields: SelectorFields,
  table: string,
): SelectorError | undefined {
  const outcome = resolveSelector(expression, fields, table)
  return outcome.ok ? undefined : outcome.error
}
