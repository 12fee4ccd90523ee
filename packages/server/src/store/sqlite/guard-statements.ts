/** Has every statement of a database ask first whether its file is still there. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Statements that were prepared before stay as they are. `assertUsable` throws for those made from now on. */
export function guardStatements(database: DatabaseSync, assertUsable: () => void): void {
  const prepare = database.prepare.bind(database)
  database.prepare = (...given) => guarded(prepare(...given), assertUsable)
}

function guarded(statement: StatementSync, assertUsable: () => void): StatementSync {
  for (const name of ['get', 'all', 'run', 'iterate'] as const) {
    const execute = (statement[name] as (...values: unknown[]) => unknown).bind(statement)
    const checked = (...values: unknown[]) => {
      assertUsable()
      return execute(...values)
    }
    Object.defineProperty(statement, name, { value: checked })
  }
  return statement
}
