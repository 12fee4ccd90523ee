/** Makes a backup of a data folder, beside a running server or without one. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { backupDatabase } from '../store/sqlite/backup-database.ts'
import type { DatabaseFacts, OnPages } from '../store/sqlite/copy-database.ts'
import { dataFiles, everyDataFile } from './data-files.ts'
import { inWords, StartError, storeError } from './start-error.ts'

export interface BackUpOptions {
  readonly to: string
  /** true: a file that is there is replaced. */
  readonly force: boolean
  readonly onPages: OnPages
}

/** Throws StartError, and then leaves nothing behind. */
export async function backUp(config: Config, { to, force, onPages }: BackUpOptions): Promise<DatabaseFacts> {
  const folder = config.TOLLBRIDGE_DATA_DIR
  if (everyDataFile(resolve(folder)).includes(resolve(to))) {
    throw new StartError(`${to} is a file of the running database. Name another one.`)
  }
  if (!force && existsSync(to)) {
    throw new StartError(`${to} is there already. Name another file, or say --force to replace it.`)
  }
  try {
    return await backupDatabase(dataFiles(folder).database, to, onPages)
  } catch (error) {
    const said = inWords(error)
    throw said instanceof StartError ? said : storeError(error)
  }
}
