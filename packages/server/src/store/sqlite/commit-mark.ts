/**
 * The mark beside the database: whose commits were told of, and how many. A database that knows less than its mark is
 * an older one that was put back, or lost its write-ahead log.
 */
import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

export interface Mark {
  /** The name of the database, as in its `store_identity`. */
  readonly id: string
  readonly sequence: number
}

export interface CommitMark {
  /** Not flushed: it must outlive the process, and after a loss of power an older mark only notices less. */
  write(mark: Mark): void
  close(): void
}

export function markFileOf(databaseFile: string): string {
  return `${databaseFile.replace(/\.db$/, '')}.mark`
}

const LINE = /^tollbridge mark 1 ([0-9a-f]{32}) (\d{16})\n/
const DIGITS = 16

/** @returns null when there is none, or it is not one of ours. */
export function readMark(file: string): Mark | null {
  try {
    const [, id = '', sequence = ''] = LINE.exec(readFileSync(file, 'utf8')) ?? []
    return id === '' ? null : { id, sequence: Number(sequence) }
  } catch {
    return null
  }
}

export function openMark(file: string): CommitMark {
  const { O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants
  const descriptor = openSync(file, O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600)
  let isOpen = true
  return {
    write({ id, sequence }) {
      if (isOpen)
        writeSync(descriptor, `tollbridge mark 1 ${id} ${String(sequence).padStart(DIGITS, '0')}\n`, 0)
    },
    close() {
      if (!isOpen) return
      isOpen = false
      fsyncSync(descriptor)
      closeSync(descriptor)
    },
  }
}
