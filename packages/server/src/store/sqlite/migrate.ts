/** Brings a SQLite database to the schema of this code, or says why it may not. */
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../clock.ts'
import { allMigrations } from './migrations/all-migrations.ts'
import type { Migration } from './migrations/migration.ts'
import { troubleAndFix } from './translate-sqlite-error.ts'

export interface MigrateOptions {
  /** false: nothing is changed; a missing migration is an error that names it. */
  readonly autoMigrate: boolean
  readonly clock: Clock
  readonly migrations?: readonly Migration[]
}

/**
 * Runs what is missing, each step in a transaction of its own.
 * Throws an Error with a sentence for the operator when a step is missing and may not be run, or when the database
 * was written by a newer version, whose tables this code does not know.
 */
export function migrate(database: DatabaseSync, options: MigrateOptions): void {
  const migrations = options.migrations ?? allMigrations
  const applied = appliedMigrations(database)
  const newest = migrations.at(-1)?.number ?? 0
  const unknown = applied.find(({ number }) => number > newest)
  if (unknown !== undefined) {
    throw new Error(
      `The database has migration ${label(unknown)}, which this version does not know (it ends at ${newest}): start the newer version that wrote it, or restore a backup.`,
    )
  }
  const missing = migrations.filter(({ number }) => !applied.some((row) => row.number === number))
  if (missing.length === 0) return
  if (!options.autoMigrate) {
    throw new Error(
      `The database lacks ${missing.length === 1 ? 'migration' : 'migrations'} ${missing.map(label).join(', ')} and AUTO_MIGRATE is false: start once with AUTO_MIGRATE=true.`,
    )
  }
  database.function('sha256', { deterministic: true }, (text) =>
    createHash('sha256').update(String(text)).digest('hex'),
  )
  for (const migration of missing) run(database, migration, options.clock)
}

/** @returns the labels of the steps that have not run, such as `0005-apps-and-secrets`. */
export function missingMigrations(database: DatabaseSync): readonly string[] {
  const applied = new Set(appliedMigrations(database).map(({ number }) => number))
  return allMigrations.filter(({ number }) => !applied.has(number)).map(label)
}

function appliedMigrations(database: DatabaseSync): readonly Pick<Migration, 'number' | 'name'>[] {
  const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'")
  if (exists.get() === undefined) return []
  const rows = database.prepare('SELECT number, name FROM migrations ORDER BY number').all()
  return rows.map((row) => ({ number: Number(row['number']), name: String(row['name']) }))
}

function run(database: DatabaseSync, migration: Migration, clock: Clock): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    )
    // Another process may have run the step between our look and our lock.
    const { changes } = database
      .prepare('INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(migration.number, migration.name, clock.now())
    if (changes === 1) database.exec(migration.sql)
    database.exec('COMMIT')
  } catch (error) {
    // Some errors, a full disk among them, make SQLite roll back by itself.
    if (database.isTransaction) database.exec('ROLLBACK')
    const why = troubleAndFix(error) ?? (error instanceof Error ? error.message : String(error))
    throw new Error(`Migration ${label(migration)} failed, and nothing of it was kept: ${why}.`, {
      cause: error,
    })
  }
}

function label({ number, name }: Pick<Migration, 'number' | 'name'>): string {
  return `${String(number).padStart(4, '0')}-${name}`
}
