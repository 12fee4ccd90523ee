/** A backup: one file that holds the database as it was at one moment, checked, and on disk. */
import { existsSync } from 'node:fs'
import { copyDatabase, type DatabaseFacts, lookThrough, type OnPages, putInPlace } from './copy-database.ts'

/** Throws an Error with a sentence, and leaves no half of a file. @param to is replaced where it is there */
export async function backupDatabase(file: string, to: string, onPages: OnPages): Promise<DatabaseFacts> {
  if (!existsSync(file))
    throw new Error(`There is no database ${file}: nothing was ever stored in that folder.`)
  const draft = `${to}.partial`
  await copyDatabase(file, draft, onPages)
  const facts = lookThrough(draft)
  putInPlace(draft, to)
  return facts
}
