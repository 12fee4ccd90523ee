/** Turns what SQLite throws into the errors of the service: one of the three translators. */
import { ServiceError } from '../../errors.ts'

/**
 * Primary result codes that say something about the disk or the file, nothing about the statement; each with what an
 * operator does about it.
 */
const UNAVAILABLE: ReadonlyMap<number, readonly [why: string, fix: string]> = new Map([
  [5, ['another process holds its lock', 'Stop that process']],
  [6, ['a table is locked', 'Stop the other program that uses it']],
  [7, ['memory ran out', 'Give the server more memory']],
  [8, ['the file is read-only', 'Give this user the right to write it and its folder']],
  [10, ['reading or writing failed', 'Look at the disk']],
  [11, ['the file is damaged', 'Put a backup in its place: tollbridge restore <file>']],
  [13, ['the disk is full', 'Make room on it']],
  [14, ['the file cannot be opened', 'Look whether its folder is there, and this user may write it']],
  [15, ['the lock protocol failed', 'Put the file on a disk of this machine']],
  [26, ['the file is not a database', 'Put a backup in its place: tollbridge restore <file>']],
])

/** @returns a `store_unavailable` for what time or an operator can mend; anything else, a bug, as it came. */
export function translateSqliteError(error: unknown): unknown {
  if (error instanceof ServiceError) return error
  if (isClosed(error)) return storeClosed(error)
  const why = whyUnavailable(error)
  return why === undefined ? error : storeUnavailable(why, error)
}

/** What is wrong with the disk or the file, as the part of a sentence; undefined where that is not the matter. */
export function whyUnavailable(error: unknown): string | undefined {
  return UNAVAILABLE.get(primaryCode(error))?.[0]
}

/** The same with what to do, in two sentences without their last full stop; undefined as above. */
export function troubleAndFix(error: unknown): string | undefined {
  return UNAVAILABLE.get(primaryCode(error))?.join('. ')
}

/** Another connection is writing, or was just opening the file after a crash. */
export function isLocked(error: unknown): boolean {
  return primaryCode(error) === 5
}

/** For a commit that failed, whatever the reason: nothing of it was kept. */
export function commitFailed(error: unknown): unknown {
  if (error instanceof ServiceError) return error
  return storeUnavailable(whyUnavailable(error) ?? 'the commit failed', error)
}

function storeUnavailable(why: string, cause: unknown): ServiceError {
  return new ServiceError('store_unavailable', {
    message: `The database did not take the request: ${why}. Nothing of it was kept; repeat it in a moment.`,
    cause,
  })
}

/** What a write or a read gets that comes after the store was closed. */
export function storeClosed(cause?: unknown): ServiceError {
  return new ServiceError('shutting_down', {
    message: 'The server is stopping; repeat the request in a moment.',
    cause,
  })
}

/** node:sqlite refuses a closed database before SQLite sees the statement. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE'
}

/** node:sqlite gives the extended result code as `errcode`; its low byte is the primary one. */
function primaryCode(error: unknown): number {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : -1
}
