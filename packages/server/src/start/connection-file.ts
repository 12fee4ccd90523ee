/** connection.json: what scripts and examples need to reach a sandbox server. Only its owner may read it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dataFiles } from './data-files.ts'

export interface Connection {
  readonly url: string
  readonly appId: string
  readonly clientKey: string
  readonly serverKey: string
  readonly sandboxUrl: string
}

export function connectionFile(dataDir: string): string {
  return dataFiles(dataDir).connection
}

/** @returns null when there is none, or it is not one of ours. */
export function readConnection(dataDir: string): Partial<Connection> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(connectionFile(dataDir), 'utf8'))
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export function writeConnection(dataDir: string, connection: Connection): void {
  const file = connectionFile(dataDir)
  const draft = `${file}.new`
  // What an earlier start left, or somebody laid there: written anew, never through it.
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}
