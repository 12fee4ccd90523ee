/** Copies a database, in use or not, into one file of its own: whole, as it was at one moment, and looked through. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { allMigrations } from './migrations/all-migrations.ts'
import { troubleAndFix } from './translate-sqlite-error.ts'

export interface DatabaseFacts {
  /** Bytes of the file, with nothing left in a log. */
  readonly bytes: number
  readonly apps: number
  readonly events: number
  readonly payments: number
  /** The newest event's time at Stripe, in seconds; null: there is none. */
  readonly newestEvent: number | null
}

/** @param done of `total` pages */
export type OnPages = (done: number, total: number) => void

/** Waits so long for another process that is opening the file; the command line has nothing else to do. */
const BUSY_MS = 5_000
const PAGES_PER_STEP = 1_000
const NEWEST = Math.max(...allMigrations.map(({ number }) => number))

/** Throws an Error with a sentence when `from` is no database, or not one of ours. */
export async function copyDatabase(from: string, to: string, onPages: OnPages): Promise<void> {
  const source = openToRead(from)
  try {
    // One reading for the whole copy: otherwise each commit of a server would have it begin anew.
    source.exec('BEGIN')
    assertOurs(source, from)
    rmSync(to, { force: true })
    closeSync(openSync(to, 'wx', 0o600))
    await backup(source, to, {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) => onPages(totalPages - remainingPages, totalPages),
    })
    source.exec('COMMIT')
  } catch (error) {
    rmSync(to, { force: true })
    throw inSentence(from, error)
  } finally {
    source.close()
  }
}

/** Reads every page. Throws an Error with a sentence for a damaged file. Leaves one file without a log. */
export function lookThrough(file: string): DatabaseFacts {
  const database = openCopy(file)
  try {
    const faults = database
      .prepare('PRAGMA integrity_check(3)')
      .all()
      .map((row) => String(Object.values(row)[0]))
    if (faults.join() !== 'ok') throw new Error(`${file} is damaged: ${faults.join('; ')}.`)
    const count = (table: string) =>
      Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])
    const newest = database.prepare('SELECT max(stripe_created) AS at FROM events').get()?.['at']
    const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
    const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
    return {
      bytes: pages * pageSize,
      apps: count('apps'),
      events: count('events'),
      payments: count('payments'),
      newestEvent: typeof newest === 'number' ? newest : null,
    }
  } catch (error) {
    throw inSentence(file, error)
  } finally {
    database.close()
  }
}

/** Its log goes into it, and it stays one file until a server opens it. */
export function openCopy(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS })
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL')
  return database
}

/** Flushes a file, gives it its name in one step, and flushes that. */
export function putInPlace(file: string, place: string): void {
  flush(file)
  renameSync(file, place)
  if (process.platform !== 'win32') flush(dirname(place))
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function openToRead(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS })
  } catch (error) {
    throw inSentence(file, error)
  }
}

function assertOurs(database: DatabaseSync, file: string): void {
  const table = database
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'")
    .get()
  if (table === undefined) throw new Error(`${file} is not a database of Tollbridge.`)
  const newest = Number(database.prepare('SELECT max(number) AS n FROM migrations').get()?.['n'])
  if (newest <= NEWEST) return
  throw new Error(
    `${file} was written by a newer version (migration ${newest}, and this one ends at ${NEWEST}): use that version.`,
  )
}

function inSentence(file: string, error: unknown): unknown {
  const why = troubleAndFix(error)
  return why === undefined ? error : new Error(`${file} cannot be read: ${why}.`, { cause: error })
}
