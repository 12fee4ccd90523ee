/** The files of ours in the data folder. */
import { join } from 'node:path'

export interface DataFiles {
  readonly database: string
  /** Who holds it serves the folder. */
  readonly lock: string
  readonly key: string
  readonly connection: string
  readonly sandbox: string
}

export function dataFiles(folder: string): DataFiles {
  return {
    database: join(folder, 'tollbridge.db'),
    lock: join(folder, 'tollbridge.lock'),
    key: join(folder, 'key'),
    connection: join(folder, 'connection.json'),
    sandbox: join(folder, 'sandbox.db'),
  }
}

/** Every name under which we, or SQLite for us, write in the folder. */
export function everyDataFile(folder: string): readonly string[] {
  const { database, lock, key, connection, sandbox } = dataFiles(folder)
  const withSqlites = [database, sandbox].flatMap((it) => [it, `${it}-wal`, `${it}-shm`, `${it}-journal`])
  const withDrafts = [key, connection].flatMap((it) => [it, `${it}.new`])
  return [...withSqlites, ...withDrafts, lock, join(folder, 'tollbridge.mark')]
}
