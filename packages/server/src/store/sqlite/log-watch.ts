/**
 * Looks into the write-ahead log for what its name and inode do not tell: another program cut it short in its place. SQLite
 * writes on where it was, behind a hole, and finds out at the next start.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { LogProgress } from './file-watch.ts'

export interface LogWatch {
  /**
   * Whether commits that are not in the database file yet have gone from the log.
   * @param bytes its size; `isThorough`: looks at frames all over it, too, as a commit has no time for
   */
  isCut(bytes: number, isThorough: boolean): boolean
  close(): void
}

const HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 24
const PAGE_BYTES = 4_096
const FRAME_BYTES = FRAME_HEAD_BYTES + PAGE_BYTES
/** https://www.sqlite.org/fileformat2.html#walformat; the last bit tells the byte order of the checksums. */
const MAGIC = 0x377f0682
const SALTS_IN_HEAD = 16
const SALTS_IN_FRAME = 8
const SALT_BYTES = 8
const SAMPLES = 16

/** @param file the log itself. No lock stands on it, so that its descriptor may be closed. */
export function createLogWatch(file: string, logProgress: () => LogProgress): LogWatch {
  const descriptor = openSync(file, 'r')
  const head = Buffer.alloc(HEAD_BYTES)
  const salts = Buffer.alloc(SALT_BYTES)
  let isClosed = false

  const isHead = () =>
    readSync(descriptor, head, 0, HEAD_BYTES, 0) === HEAD_BYTES && (head.readUInt32BE(0) & ~1) === MAGIC

  /** Each frame repeats the salts of the head. */
  const isFrame = (number: number) =>
    readSync(descriptor, salts, 0, SALT_BYTES, HEAD_BYTES + (number - 1) * FRAME_BYTES + SALTS_IN_FRAME) ===
      SALT_BYTES && salts.equals(head.subarray(SALTS_IN_HEAD, SALTS_IN_HEAD + SALT_BYTES))

  function seemsCut(bytes: number, isThorough: boolean): boolean {
    if (bytes > 0 && !isThorough) return !isHead()
    const { frames, copied } = logProgress()
    if (frames <= copied) return false
    if (bytes < HEAD_BYTES + frames * FRAME_BYTES || !isHead()) return true
    return Array.from({ length: SAMPLES }, (_, at) => Math.ceil(((at + 1) * frames) / SAMPLES)).some(
      (number) => !isFrame(number),
    )
  }

  return {
    // Twice: a command beside the server may have begun the log anew between two readings.
    isCut: (bytes, isThorough) =>
      seemsCut(bytes, isThorough) && seemsCut(fstatSync(descriptor).size, isThorough),
    close() {
      if (isClosed) return
      isClosed = true
      closeSync(descriptor)
    },
  }
}
