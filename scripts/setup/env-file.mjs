/** Hands the settings in a file `.env` to the server; what the environment says already wins over the file. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** @returns arguments for Node: none when the folder has no such file */
export function envFileArguments(folder) {
  const file = join(folder, '.env')
  return existsSync(file) ? [`--env-file=${file}`] : []
}
