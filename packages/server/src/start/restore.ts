/** Puts a backup back, and compares with Stripe before anybody may pay. */
import { existsSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Settled } from '../repair/settle-doubts.ts'
import type { OnPages } from '../store/sqlite/copy-database.ts'
import { declareDoubt, type Restored, restoreDatabase } from '../store/sqlite/restore-database.ts'
import { dataFiles } from './data-files.ts'
import { openDataFolder } from './open-data-folder.ts'
import { lockFolder } from './open-foundation.ts'
import { withApp } from './prepare-server.ts'
import { inWords, StartError, storeError } from './start-error.ts'

/** Throws StartError; then the folder is as it was. */
export async function restore(
  config: Config,
  { from, onPages }: { readonly from: string; readonly onPages: OnPages },
): Promise<Restored> {
  if (!existsSync(from)) throw new StartError(`There is no file ${from}.`)
  return locked(config, (file) => restoreDatabase(file, from, { clock: systemClock, onPages }))
}

/** For a folder that was put back by other means: the same doubt, with the rows as they are. */
export async function declareRestored(config: Config, since: number | null): Promise<void> {
  await locked(config, async (file) => {
    if (!existsSync(file)) throw new StartError(`There is no database ${file}.`)
    declareDoubt(file, { clock: systemClock, ...(since === null ? {} : { since }) })
  })
}

/** Brings in what Stripe made since. @returns for each app with an account what came of it */
export function compareWithStripe(
  config: Config,
  log: Log,
  onProgress: (compared: number) => void,
): Promise<readonly Settled[]> {
  return withApp(config, log, (app) => app.settleDoubts(onProgress))
}

async function locked<T>(config: Config, work: (file: string) => Promise<T>): Promise<T> {
  const folder = config.TOLLBRIDGE_DATA_DIR
  openDataFolder(folder)
  const lock = lockFolder(folder)
  try {
    return await work(dataFiles(folder).database)
  } catch (error) {
    const said = inWords(error)
    throw said instanceof StartError ? said : storeError(error)
  } finally {
    lock.release()
  }
}
