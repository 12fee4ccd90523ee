/** Opens the database file so that a commit that returned has survived the loss of power. */
import { DatabaseSync } from 'node:sqlite'
import { translateSqliteError } from './translate-sqlite-error.ts'

/** Throws an Error with a sentence for the operator when the file cannot be used. */
export function openDatabase(file: string, busyTimeoutMs = 2_000): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
    // A commit writes every page it touches whole, and one event touches ten: small pages keep a lone one short.
    database.exec('PRAGMA page_size = 4096')
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal') throw new Error('its disk does not support write-ahead logging (a network share?)')
    database.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -32768')
    return database
  } catch (error) {
    const { message } = translateSqliteError(error) as Error
    throw new Error(`The database ${file} cannot be opened: ${message}`, { cause: error })
  }
}
