/** Whether an expression can be asked of given columns. */

import type { SelectorFields } from './fields.ts'
import { resolveSelector } from './resolve-selector.ts'
import type { Expression } from './selector-ast.ts'
import type { SelectorError } from './selector-error.ts'

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
