/** Whether a fetched program is the one that was pinned; asked each time before it runs. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'

/**
 * Hashes the program, or trusts the note of an earlier time while size and time of the file have not changed.
 * @param {string} file @param {string} sha256 in hex @param {string} noteFile
 */
export async function isPinnedProgram(file, sha256, noteFile) {
  if (!existsSync(file)) return false
  const { size, mtimeMs, ctimeMs } = statSync(file)
  const note = JSON.stringify({ sha256, size, mtimeMs, ctimeMs })
  if (existsSync(noteFile) && readFileSync(noteFile, 'utf8') === note) return true
  if ((await sha256Of(file)) !== sha256) return false
  writeFileSync(noteFile, note)
  return true
}

/** @param {string} file @returns {Promise<string>} in hex */
export function sha256Of(file) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256')
    createReadStream(file)
      .on('data', (chunk) => hash.update(chunk))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('hex')))
  })
}
