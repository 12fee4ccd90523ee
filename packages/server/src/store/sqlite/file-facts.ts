/** What the disk says about a file: which one lies at a path, how long it is, and whether it may be written. */
import { accessSync, constants, statSync } from 'node:fs'

export interface FileFacts {
  readonly device: bigint
  readonly inode: bigint
  /** Bytes. */
  readonly size: bigint
  /** Nanoseconds since the epoch. */
  readonly modified: bigint
}

export interface FileProbe {
  /** null: nothing lies there. */
  facts(path: string): FileFacts | null
  /** Why it may not be written, as an error code; null: it may. */
  whyNotWritable(path: string): string | null
}

export const diskProbe: FileProbe = {
  facts(path) {
    try {
      const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
      return { device: dev, inode: ino, size, modified: mtimeNs }
    } catch {
      return null
    }
  },
  whyNotWritable(path) {
    try {
      accessSync(path, constants.W_OK)
      return null
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    }
  },
}

export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.inode === b.inode && a.device === b.device
}
