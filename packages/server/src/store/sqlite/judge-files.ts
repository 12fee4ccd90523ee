/** Decides from what the disk says whether the database that is open is still the one at its path. */
import type { StoreTrouble } from '../store-health.ts'
import { type FileFacts, isSameFile } from './file-facts.ts'

/** The database and the two files that SQLite keeps beside it: `-wal` holds commits, `-shm` what processes agree on. */
export interface DatabaseFiles<Facts = FileFacts | null> {
  readonly database: Facts
  readonly wal: Facts
  readonly shm: Facts
}

/** @param opened what was there when the database was opened; `present`: what is there now */
export function judgeFiles(
  file: string,
  opened: DatabaseFiles<FileFacts>,
  present: DatabaseFiles,
): StoreTrouble | null {
  const { database, wal, shm } = present
  if (database === null) {
    return {
      kind: 'gone',
      message: `The database ${file} is gone: it was deleted or moved, or its disk is no longer there. Nothing is taken until it is back at its place. Bring it back, or stop the server and run: tollbridge restore <file>`,
    }
  }
  if (!isSameFile(opened.database, database)) {
    return {
      kind: 'replaced',
      message: `Another file lies in the place of the database ${file}. Nothing is taken, since it would be written into the old one. Stop the server; to go on with an older state, run: tollbridge restore <file>`,
    }
  }
  for (const [name, before, now] of [
    ['-wal', opened.wal, wal],
    ['-shm', opened.shm, shm],
  ] as const) {
    if (now !== null && isSameFile(before, now)) continue
    return {
      kind: now === null ? 'gone' : 'replaced',
      message: `The file ${file}${name} was taken away from under the database; it holds the newest commits. Nothing is taken until it is back at its place. Bring it back, or stop the server and run: tollbridge restore <file>`,
    }
  }
  return null
}

export function cutShort(file: string): StoreTrouble {
  return {
    kind: 'cut_short',
    message: `The database ${file} was cut short by another program. Stop the server and run: tollbridge restore <file>`,
  }
}

export function logCutShort(file: string): StoreTrouble {
  return {
    kind: 'cut_short',
    message: `The file ${file}-wal, which holds the newest commits, was cut short by another program. Stop the server and run: tollbridge restore <file>`,
  }
}

export function overwritten(file: string, why: string): StoreTrouble {
  return {
    kind: 'overwritten',
    message: `The database ${file} was overwritten by another program: ${why}. Stop the server and run: tollbridge restore <file>`,
  }
}

export function readOnly(path: string, code: string): StoreTrouble {
  const why = code === 'EROFS' ? 'its disk is read-only now' : 'this user may not write it any more'
  const fix = code === 'EROFS' ? 'Mount the disk for writing' : 'Give this user the right to write it'
  return {
    kind: 'read_only',
    message: `${path} cannot be written: ${why}. ${fix}; the server goes on by itself.`,
  }
}
