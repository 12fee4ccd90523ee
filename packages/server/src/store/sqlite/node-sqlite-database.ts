/** Lets Kysely's SQLite dialect, which expects the shape of better-sqlite3, speak to node:sqlite. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import type { SqliteSchema } from './schema.ts'

/** The database stays ours to close: nobody calls `destroy` on the result. */
export function createQueryBuilder(database: DatabaseSync): Kysely<SqliteSchema> {
  return new Kysely<SqliteSchema>({ dialect: new SqliteDialect({ database: asSqliteDatabase(database) }) })
}

function asSqliteDatabase(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      // Kysely hands on the values that our own typed queries bind.
      const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      }
    },
  }
}
