/** Saves what an open database holds whose file was taken away: its rows can still be read, and nowhere else. */
import { closeSync, openSync } from 'node:fs'
import { backup, type DatabaseSync } from 'node:sqlite'

const MOST_FILES = 9

/** Resolves with the path of the copy. Rejects when there is no place for it. */
export async function rescueDatabase(database: DatabaseSync, file: string): Promise<string> {
  const target = freshFile(`${file}.rescued`)
  await backup(database, target)
  return target
}

function freshFile(path: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`
    try {
      closeSync(openSync(candidate, 'wx', 0o600))
      return candidate
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST'
      if (!isTaken || number === MOST_FILES) throw error
    }
  }
}
