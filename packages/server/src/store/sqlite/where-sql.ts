/** A checked where clause as a part of a Kysely query. */
import { compileSql, type Expression } from '@tollbridge/protocol'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { stripeEventFields } from '../event-columns.ts'

/** A text in quotes, or the `?` of a parameter: a question mark inside quotes is a character of a pattern. */
const QUOTED_OR_PARAMETER = /('[^']*')|\?/g

export function whereSql(where: Expression): RawBuilder<SqlBool> {
  const compiled = compileSql(where, stripeEventFields, 'sqlite')
  const fragments: string[] = []
  let from = 0
  for (const match of compiled.sql.matchAll(QUOTED_OR_PARAMETER)) {
    if (match[1] !== undefined) continue
    fragments.push(compiled.sql.slice(from, match.index))
    from = match.index + 1
  }
  fragments.push(compiled.sql.slice(from))
  // Kysely's tag puts a parameter between two fragments, which is what was cut out above.
  return sql<SqlBool>(Object.assign(fragments, { raw: fragments }), ...compiled.parameters)
}
