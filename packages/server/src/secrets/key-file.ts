/** The key file: one master key a line, the newest first; only its owner may read it. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatMasterKey, type MasterKey, parseMasterKey } from './master-key.ts'

/** @returns null when there is no such file. Throws an Error that names the file and the line that is no key. */
export function readKeyFile(file: string): readonly MasterKey[] | null {
  const text = readIfThere(file)
  if (text === null) return null
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return []
    const key = parseMasterKey(line)
    if (key !== null) return [key]
    throw new Error(`Line ${index + 1} of the key file ${file} is not 32 bytes in base64.`)
  })
  if (keys.length > 0) return keys
  throw new Error(`The key file ${file} holds no key: restore it from a backup.`)
}

/** Makes the file unless there is one. Two processes that start together end with the same key. */
export function createKeyFile(file: string, key: MasterKey): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, contentOf([key]), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

/** Replaces the file in one step, so that nobody reads half of it. */
export function replaceKeyFile(file: string, keys: readonly MasterKey[]): void {
  const draft = `${file}.new`
  rmSync(draft, { force: true })
  writeFileSync(draft, contentOf(keys), { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}

/** Whether others than its owner may read it; false where the system knows no such thing. */
export function isReadableByOthers(file: string): boolean {
  if (process.platform === 'win32') return false
  try {
    return (statSync(file).mode & 0o077) !== 0
  } catch {
    return false
  }
}

function contentOf(keys: readonly MasterKey[]): string {
  return [
    '# Master keys of Tollbridge: they open the secrets in the database. Keep a copy apart from it.',
    ...keys.map(formatMasterKey),
    '',
  ].join('\n')
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
