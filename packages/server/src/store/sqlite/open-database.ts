/** Opens the database file so that a commit that returned has survived the loss of power. */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { LOG_LIMIT_BYTES } from './checkpointer.ts'
import { troubleAndFix } from './translate-sqlite-error.ts'

/** Throws an Error with a sentence for the operator when the file cannot be used. */
export function openDatabase(file: string, busyTimeoutMs = 2_000): DatabaseSync {
  try {
    // SQLite gives the files beside it the same mode. Payments of others are nobody's business on this machine.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
    // A commit writes every page it touches whole, and one event touches ten: small pages keep a lone one short.
    database.exec('PRAGMA page_size = 4096')
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal')
      throw new Error('its disk does not support write-ahead logging, as with a network share')
    // What is overwritten or deleted is gone from the file, not just from the tables: people may ask to be forgotten.
    database.exec('PRAGMA secure_delete = ON')
    database.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -32768')
    database.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT_BYTES}`)
    return database
  } catch (error) {
    const why = troubleAndFix(error) ?? (error instanceof Error ? error.message : String(error))
    throw new Error(`The database ${file} cannot be opened: ${why}.`, { cause: error })
  }
}
