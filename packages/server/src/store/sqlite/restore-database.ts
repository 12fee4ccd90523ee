/**
 * Puts a backup in the place of the database. The old one is kept beside it, and a doubt stands from the first moment
 * on: whatever ends this in between, no server takes the older rows for the whole truth.
 */
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import type { Clock } from '../../clock.ts'
import { markFileOf, openMark, readMark } from './commit-mark.ts'
import {
  copyDatabase,
  type DatabaseFacts,
  lookThrough,
  type OnPages,
  openCopy,
  putInPlace,
} from './copy-database.ts'
import { migrate } from './migrate.ts'
import { doubtEveryApp, readIdentity } from './older-file.ts'

export interface Restored extends DatabaseFacts {
  /** Where the database is now that was there before; null: there was none. */
  readonly kept: string | null
}

/** The folder must be locked. Throws an Error with a sentence; then nothing was changed. */
export async function restoreDatabase(
  file: string,
  from: string,
  { clock, onPages }: { readonly clock: Clock; readonly onPages: OnPages },
): Promise<Restored> {
  const draft = `${file}.restoring`
  await copyDatabase(from, draft, onPages)
  const facts = lookThrough(draft)
  const mark = readMark(markFileOf(file))
  const database = openCopy(draft)
  let identity: ReturnType<typeof readIdentity>
  try {
    migrate(database, { autoMigrate: true, clock })
    doubtEveryApp(database, { reason: 'restored', mark, now: clock.now() })
    identity = readIdentity(database)
  } finally {
    database.close()
  }
  const kept = existsSync(file) ? keep(file) : null
  rmSync(`${file}-wal`, { force: true })
  rmSync(`${file}-shm`, { force: true })
  putInPlace(draft, file)
  const newMark = openMark(markFileOf(file))
  newMark.write(identity)
  newMark.close()
  return { ...facts, kept }
}

/** Says of the database as it lies there that it may be behind Stripe. @param since Stripe's time in seconds */
export function declareDoubt(
  file: string,
  { clock, since }: { readonly clock: Clock; readonly since?: number },
): void {
  const database = openCopy(file)
  try {
    migrate(database, { autoMigrate: true, clock })
    const mark = readMark(markFileOf(file))
    doubtEveryApp(database, {
      reason: 'declared',
      mark,
      now: clock.now(),
      ...(since === undefined ? {} : { since }),
    })
    const newMark = openMark(markFileOf(file))
    newMark.write(readIdentity(database))
    newMark.close()
  } finally {
    database.close()
  }
}

/** A second name first, so that the first always leads to a database. */
function keep(file: string): string {
  const place = freshName(`${file}.before-restore`)
  try {
    // Brings its log in, where it can still be read; else the log stays beside it.
    openCopy(file).close()
  } catch {
    if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${place}-wal`)
  }
  try {
    linkSync(file, place)
  } catch {
    renameSync(file, place)
  }
  return place
}

function freshName(path: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`
    if (!existsSync(candidate) && !existsSync(`${candidate}-wal`)) return candidate
  }
}
