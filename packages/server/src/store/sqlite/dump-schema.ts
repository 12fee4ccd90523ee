/** The schema that the migrations make, as SQL to read; schema.sql beside this file holds it, and a test compares. */
import { DatabaseSync } from 'node:sqlite'
import { migrate } from './migrate.ts'

export function dumpSchema(): string {
  const database = new DatabaseSync(':memory:')
  try {
    migrate(database, { autoMigrate: true, clock: { now: () => 0 } })
    const rows = database
      .prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name",
      )
      .all()
    const statements = rows.map(({ sql }) => `${withoutIndent(String(sql))};\n`)
    return `-- The tables of the SQLite store, as its migrations make them. Generated; see dump-schema.ts.\n\n${statements.join('\n')}`
  } finally {
    database.close()
  }
}

/** The migrations stand indented in their files. */
function withoutIndent(sql: string): string {
  return sql.replace(/^ {4}/gm, '')
}
