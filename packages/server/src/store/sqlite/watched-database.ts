/** The open database with all that looks after its files: the watch, the mark of its commits, and its log. */
import type { DatabaseSync } from 'node:sqlite'
import type { StoreNews, StoreTrouble } from '../store-health.ts'
import { type Checkpointer, createCheckpointer } from './checkpointer.ts'
import { type CommitMark, type Mark, openMark } from './commit-mark.ts'
import { createFileWatch, type FileWatch } from './file-watch.ts'
import type { GroupCommitOptions } from './group-commit.ts'
import { guardStatements } from './guard-statements.ts'
import { createLogWatch } from './log-watch.ts'
import { readIdentity } from './older-file.ts'
import { rescueDatabase } from './rescue-database.ts'

export interface WatchedDatabase {
  /** What each commit does beside its writes. */
  readonly commitHooks: Pick<GroupCommitOptions, 'atEnd' | 'beforeTelling'>
  /** Looks for what a refused commit may have come from. */
  look(): void
  /** Empties the write-ahead log. */
  truncateLog(): Promise<void>
  /** Lets go of everything but the database itself. */
  close(): Promise<void>
}

export interface WatchedDatabaseOptions {
  readonly database: DatabaseSync
  readonly file: string
  /** Where the mark of the commits is kept; null: somebody else keeps it. */
  readonly markFile: string | null
  /** true: the command line, which is done in a moment and looks after its log by itself. */
  readonly isGuest: boolean
  onNews(news: StoreNews): void
  readonly every: Every
}

/** Runs `run` every `ms` milliseconds, without keeping the process alive, until the returned function is called. */
export type Every = (ms: number, run: () => void) => () => void

/** "Within a second", with time to spare. */
const LOOK_EVERY_MS = 400
const PAGE_BYTES = 4_096

export function watchDatabase(options: WatchedDatabaseOptions): WatchedDatabase {
  const { database, file, markFile, isGuest, onNews } = options
  const identity = readIdentity(database)
  let sequence = identity.sequence
  const mark: CommitMark | null = markFile === null ? null : openMark(markFile)
  mark?.write(identity)

  // Prepared before the guard: what finds out must not ask itself.
  const pageCount = database.prepare('PRAGMA page_count')
  const logState = database.prepare('PRAGMA wal_checkpoint(NOOP)')
  // Before 3.51 SQLite takes NOOP for a checkpoint: there it looks after its log by itself, and nobody else is told.
  const canLook = hasNoop(database)
  let looks = 0
  const logProgress = () => {
    if (!canLook) {
      looks += 1
      return { frames: 0, copied: looks }
    }
    const row = logState.get()
    return { frames: Number(row?.['log'] ?? 0), copied: Number(row?.['checkpointed'] ?? 0) }
  }

  /** Infinite where its first page cannot be read any more. */
  const bytesNeeded = () => {
    try {
      return Number(pageCount.get()?.['page_count']) * PAGE_BYTES
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }

  const checkpointer: Checkpointer = createCheckpointer({
    file,
    logProgress,
    onWritten: () => watch.acceptPresent(),
    onBroken: () => database.isOpen && database.exec('PRAGMA wal_autocheckpoint = 1000'),
  })
  if (!isGuest && canLook) database.exec('PRAGMA wal_autocheckpoint = 0')

  async function examine(): Promise<string | null> {
    const told: Mark = { id: identity.id, sequence }
    const found = await checkpointer.examine()
    if (found.kind === 'failed') return found.message
    if (found.id !== told.id) return 'it is another one now'
    if (found.sequence < told.sequence) return 'it is an older one now'
    return found.wrong === null ? null : `it is damaged (${found.wrong})`
  }

  let rescue: Promise<void> | null = null
  function onTrouble(trouble: StoreTrouble | null): void {
    onNews(trouble === null ? { kind: 'over' } : { kind: 'trouble', trouble })
    const isLost = trouble?.kind === 'gone' || trouble?.kind === 'replaced'
    if (!isLost || rescue !== null || isGuest) return
    rescue = rescueDatabase(database, file).then(
      (copy) => onNews({ kind: 'rescued', file: copy }),
      (error: unknown) => onNews({ kind: 'not_rescued', error }),
    )
  }

  const log = createLogWatch(`${file}-wal`, logProgress)
  const watch: FileWatch = createFileWatch({
    file,
    bytesNeeded,
    logProgress,
    isLogCut: log.isCut,
    isCheckpointing: () => checkpointer.isRunning(),
    examine,
    onTrouble,
  })
  const stopLooking = isGuest ? () => {} : options.every(LOOK_EVERY_MS, watch.look)
  guardStatements(database, watch.assertUsable)
  const countUp = database.prepare('UPDATE store_identity SET sequence = sequence + 1 RETURNING sequence')

  return {
    commitHooks: {
      atEnd() {
        sequence = Number(countUp.get()?.['sequence'])
      },
      beforeTelling() {
        const logBytes = watch.assertInPlace()
        mark?.write({ id: identity.id, sequence })
        if (!isGuest) checkpointer.afterCommit(logBytes)
      },
    },
    look: watch.look,
    async truncateLog() {
      if (isGuest) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      else await checkpointer.truncate()
    },
    async close() {
      stopLooking()
      await rescue
      await checkpointer.close()
      log.close()
      mark?.close()
    },
  }
}

function hasNoop(database: DatabaseSync): boolean {
  const version = String(database.prepare('SELECT sqlite_version() AS version').get()?.['version'])
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 51)
}
