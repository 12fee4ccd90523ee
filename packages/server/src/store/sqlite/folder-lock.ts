/**
 * One server a folder: a lock that ends with its process, however that ends, and that asks no clock. SQLite's own file
 * lock serves, on an empty file of its own.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { diskProbe, isSameFile } from './file-facts.ts'
import { isLocked } from './translate-sqlite-error.ts'

export interface FolderLock {
  /**
   * Takes the lock again where its file was deleted: the next server would lock a new one. `lost`: somebody did that
   * already.
   */
  look(): 'held' | 'lost'
  release(): void
}

/** @returns null when another process, or another server of this one, holds it. Throws what the disk says. */
export function takeFolderLock(file: string): FolderLock | null {
  let database = lockOf(file)
  if (database === null) return null
  let taken = diskProbe.facts(file)
  return {
    look() {
      const present = diskProbe.facts(file)
      if (present !== null && taken !== null && isSameFile(present, taken)) return 'held'
      const again = lockAgain(file)
      if (again === null) return 'lost'
      database?.close()
      database = again
      taken = diskProbe.facts(file)
      return 'held'
    },
    release() {
      if (database?.isOpen) database.close()
    },
  }
}

function lockOf(file: string): DatabaseSync | null {
  // Opened only where it is missing: closing it would let go of a lock that this process has on it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (isLocked(error)) return null
    throw error
  }
}

/** Where the folder itself is gone there is nothing to hold, and nothing to serve. */
function lockAgain(file: string): DatabaseSync | null {
  try {
    return lockOf(file)
  } catch {
    return null
  }
}
