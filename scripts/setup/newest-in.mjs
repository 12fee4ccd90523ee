/** When anything below a folder was last changed. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** @returns milliseconds since the epoch */
export function newestIn(folder) {
  const files = readdirSync(folder, { recursive: true })
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs))
}
