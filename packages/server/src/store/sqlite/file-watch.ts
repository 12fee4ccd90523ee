/**
 * Watches over the files of the open database. What is committed into a file that no longer lies at its path is lost,
 * and SQLite does not notice; so the path is looked at before each commit is told of, and on a timer.
 */
import { dirname } from 'node:path'
import { ServiceError } from '../../errors.ts'
import type { StoreTrouble } from '../store-health.ts'
import { diskProbe, type FileFacts, type FileProbe } from './file-facts.ts'
import {
  cutShort,
  type DatabaseFiles,
  judgeFiles,
  logCutShort,
  overwritten,
  readOnly,
} from './judge-files.ts'

export interface FileWatch {
  /** Throws `store_unavailable` while the files are known to be in trouble. Costs nothing. */
  assertUsable(): void
  /** Looks at the paths, then as above. A few microseconds. @returns bytes of the write-ahead log */
  assertInPlace(): number
  /** Looks at everything, also at what a commit has no time for. */
  look(): void
  trouble(): StoreTrouble | null
  /** What is there now is right: we, or a checkpoint, wrote it. */
  acceptPresent(): void
}

/** How far the write-ahead log has been brought into the database file. */
export interface LogProgress {
  readonly frames: number
  readonly copied: number
}

export interface FileWatchOptions {
  readonly file: string
  /** Bytes that the database has to have, once its log is in it. */
  bytesNeeded(): number
  logProgress(): LogProgress
  /** Whether a checkpoint of ours is writing the database file now. */
  isCheckpointing(): boolean
  /** Whether the write-ahead log has lost what is nowhere else, which its size alone does not tell. */
  isLogCut(bytes: number, isThorough: boolean): boolean
  /** Reads the file afresh, beside what is cached; resolves with what is wrong with it, or null. */
  examine(): Promise<string | null>
  onTrouble(trouble: StoreTrouble | null): void
  readonly probe?: FileProbe
}

export function createFileWatch(options: FileWatchOptions): FileWatch {
  const { file, probe = diskProbe, onTrouble } = options
  const opened = filesOf(file, probe)
  const { database, wal, shm } = opened
  if (database === null || wal === null || shm === null)
    throw new Error(`${file} was taken away while it was opened`)
  const files = { database, wal, shm }

  let trouble: StoreTrouble | null = null
  /** What no return of a file mends. */
  let isFinal = false
  let expected: FileFacts = database
  let progress = options.logProgress()
  let isExamining = false

  function conclude(next: StoreTrouble | null): void {
    if (isFinal || next?.message === trouble?.message) return
    trouble = next
    isFinal = next?.kind === 'cut_short' || next?.kind === 'overwritten'
    onTrouble(next)
  }

  function judge(present: DatabaseFiles, isThorough: boolean): StoreTrouble | null {
    const moved = judgeFiles(file, files, present)
    if (moved !== null || present.database === null) return moved
    const logBytes = Number(present.wal?.size ?? 0n)
    if (!options.isCheckpointing() && options.isLogCut(logBytes, isThorough)) return logCutShort(file)
    // Only a checkpoint after a VACUUM makes it shorter, and then all that it needs is in it.
    const { size } = present.database
    const isShorter = size < expected.size && !options.isCheckpointing()
    if (isShorter && options.bytesNeeded() > Number(size)) return cutShort(file)
    if (isShorter) expected = { ...expected, size }
    return null
  }

  /** Only checkpoints write the database file; one by another process shows in how far the log has come. */
  function lookForStrangers(now: FileFacts): void {
    if (options.isCheckpointing() || isExamining) return
    const before = progress
    progress = options.logProgress()
    if (now.modified === expected.modified) return
    const wasCheckpoint = progress.copied !== before.copied || progress.frames < before.frames
    expected = now
    if (wasCheckpoint) return
    isExamining = true
    options
      .examine()
      .then((wrong) => {
        if (wrong !== null) conclude(overwritten(file, wrong))
      })
      .finally(() => {
        isExamining = false
      })
  }

  function assertUsable(): void {
    if (trouble !== null) throw refusal(trouble)
  }

  return {
    assertUsable,
    assertInPlace() {
      const present = filesOf(file, probe)
      const next = judge(present, false)
      // A file that came back, or may be written again, is for the timer to find, which looks at more.
      if (next !== null) conclude(next)
      assertUsable()
      return Number(present.wal?.size ?? 0n)
    },
    look() {
      const present = filesOf(file, probe)
      conclude(judge(present, true) ?? whyReadOnly(file, probe))
      if (trouble === null && present.database !== null) lookForStrangers(present.database)
    },
    trouble: () => trouble,
    acceptPresent() {
      const present = probe.facts(file)
      if (present !== null && trouble === null) expected = present
      progress = options.logProgress()
    },
  }
}

function filesOf(file: string, probe: FileProbe): DatabaseFiles {
  return { database: probe.facts(file), wal: probe.facts(`${file}-wal`), shm: probe.facts(`${file}-shm`) }
}

function whyReadOnly(file: string, probe: FileProbe): StoreTrouble | null {
  for (const path of [dirname(file), file]) {
    const code = probe.whyNotWritable(path)
    if (code !== null) return readOnly(path, code)
  }
  return null
}

function refusal({ message }: StoreTrouble): ServiceError {
  return new ServiceError('store_unavailable', {
    message: 'The database cannot be used now, and nothing of the request was kept; repeat it in a moment.',
    cause: new Error(message),
  })
}
