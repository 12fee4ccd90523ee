/** Makes the data folder where it is missing, and sees to it that it can be used and is ours alone. */
import { accessSync, constants, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { everyDataFile } from './data-files.ts'
import { judgeFile, judgeFolder, type PathFacts } from './judge-data-folder.ts'
import { fileError, folderError, StartError } from './start-error.ts'

/** Throws StartError with the fix. */
export function openDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw folderError(error, folder)
  }
  // Followed for the folder itself: whoever set TOLLBRIDGE_DATA_DIR may well mean a link.
  assertOurs(judgeFolder, factsOf(folder, statSync(folder)))
  for (const path of everyDataFile(folder)) {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) continue
    assertOurs(judgeFile, factsOf(path, stats))
    assertUsable(path)
  }
}

function assertOurs(judge: (facts: PathFacts, user: number) => string | null, facts: PathFacts): void {
  // Windows has other rights, and no numbers for its users.
  const user = process.geteuid?.()
  const sentence = user === undefined ? null : judge(facts, user)
  if (sentence !== null) throw new StartError(sentence)
}

function assertUsable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw fileError(error, path)
  }
}

function factsOf(path: string, stats: Stats): PathFacts {
  return { path, kind: kindOf(stats), mode: stats.mode & 0o7777, owner: stats.uid, names: stats.nlink }
}

function kindOf(stats: Stats): PathFacts['kind'] {
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isFile()) return 'file'
  return stats.isDirectory() ? 'folder' : 'other'
}
