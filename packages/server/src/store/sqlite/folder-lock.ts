/**
 * One server a folder: a lock that ends with its process, however that ends, and that asks no clock. SQLite's own file
 * lock serves, on an empty file of its own.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isLocked } from './translate-sqlite-error.ts'

export interface FolderLock {
  release(): void
}

/** @returns null when another process, or another server of this one, holds it. Throws what the disk says. */
export function takeFolderLock(file: string): FolderLock | null {
  // Opened only where it is missing: closing it would let go of a lock that this process has on it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isLocked(error)) return null
    throw error
  }
  return {
    release() {
      if (database.isOpen) database.close()
    },
  }
}
