/** Commits what arrives together in one transaction, since a flush to disk costs the same for one write or a hundred. */
import type { DatabaseSync } from 'node:sqlite'
import { ServiceError } from '../../errors.ts'
import { commitFailed, isLocked, storeClosed, translateSqliteError } from './translate-sqlite-error.ts'

export interface WriteOptions<T> {
  /** true: the write starts no commit of its own but joins the next one, or goes after a few milliseconds. */
  readonly canWait?: boolean
  /** Called right after the commit, before anyone learns of it, in the order of the writes. */
  readonly onCommitted?: (result: T) => void
}

export interface GroupCommit {
  /**
   * Queues `write`: synchronous statements that may run more than once, of which one run is kept.
   * Resolves with its result when the commit is on disk. A write that fails by itself rejects alone and changes
   * nothing; a commit that fails rejects every write in it with `store_unavailable`.
   */
  enqueue<T>(write: () => T, options?: WriteOptions<T>): Promise<T>
  /** Commits all that is queued and takes no more; resolves when that is done, or its time to wait for a lock is over. */
  close(): Promise<void>
}

export interface GroupCommitOptions {
  readonly mostPerCommit?: number
  /** How long a write waits for another process to let go of its lock; nothing else waits meanwhile. */
  readonly lockWaitMs?: number
  /** Runs the callback when the requests that are already there have been read. */
  readonly soon?: (run: () => void) => void
  /** Runs the callback after so many milliseconds. */
  readonly later?: (run: () => void, ms: number) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed?: () => number
  /** Statements that end every transaction. */
  readonly atEnd?: () => void
  /** Runs after each commit, before anyone is told of it; what it throws is told instead. */
  readonly beforeTelling?: () => void
  /** Told of every commit, with the number of its writes and how long it took. */
  readonly onCommit?: (writes: number, milliseconds: number) => void
  /** Told why a whole commit was refused. */
  readonly onRefused?: (error: unknown) => void
}

const MOST_PER_COMMIT = 128
/** Requests that have arrived are read within these turns of the event loop, and share the commit. */
const TURNS = 3
const LINGER_MS = 10
export const LOCK_WAIT_MS = 2_000
/** Between two tries at a lock that another process holds. */
const LOCK_RETRY_MS = [1, 2, 4, 8, 16, 32, 50]

interface QueuedWrite {
  readonly run: () => unknown
  readonly queuedAt: number
  readonly onCommitted: ((result: unknown) => void) | undefined
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export function createGroupCommit(database: DatabaseSync, options: GroupCommitOptions = {}): GroupCommit {
  const { mostPerCommit = MOST_PER_COMMIT, lockWaitMs = LOCK_WAIT_MS, onCommit } = options
  const soon = options.soon ?? afterTurns
  const later = options.later ?? ((run, ms) => void setTimeout(run, ms))
  const elapsed = options.elapsed ?? (() => performance.now())
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')

  let queue: QueuedWrite[] = []
  let isSoon = false
  let isLater = false
  let isClosed = false
  /** How often the lock was asked for in vain since it was last had. */
  let lockTries = 0
  let whenIdle: (() => void) | null = null

  /** Everything or nothing; throws what stopped it. */
  function commitTogether(writes: readonly QueuedWrite[]): unknown[] {
    try {
      begin.run()
    } catch (error) {
      throw isLocked(error) ? new LockedError(error) : new CommitError(error)
    }
    lockTries = 0
    try {
      const results = writes.map(({ run }) => run())
      try {
        options.atEnd?.()
        commit.run()
      } catch (error) {
        throw new CommitError(error)
      }
      return results
    } catch (error) {
      // Some errors, a full disk among them, make SQLite roll back by itself.
      if (database.isTransaction) rollback.run()
      throw error
    }
  }

  /** @returns the writes that wait for a lock */
  function settle(writes: readonly QueuedWrite[]): readonly QueuedWrite[] {
    const startedAt = elapsed()
    let results: unknown[]
    try {
      results = commitTogether(writes)
      options.beforeTelling?.()
    } catch (error) {
      return error instanceof LockedError ? stillPatient(writes, error) : refuse(writes, error)
    }
    onCommit?.(writes.length, elapsed() - startedAt)
    writes.forEach(({ onCommitted }, index) => {
      onCommitted?.(results[index])
    })
    writes.forEach(({ resolve }, index) => {
      resolve(results[index])
    })
    return []
  }

  function refuse(writes: readonly QueuedWrite[], error: unknown): readonly QueuedWrite[] {
    const translated = error instanceof CommitError ? commitFailed(error.cause) : translateSqliteError(error)
    const isOneBadWrite = !(translated instanceof ServiceError) && writes.length > 1
    // One bad statement must not sink its neighbours: each goes by itself, and only the bad one fails.
    if (isOneBadWrite) return writes.flatMap((write) => settle([write]))
    if (translated instanceof ServiceError && translated.code === 'store_unavailable')
      options.onRefused?.(translated)
    for (const { reject } of writes) reject(translated)
    return []
  }

  /** Refuses those that have waited long enough. */
  function stillPatient(writes: readonly QueuedWrite[], { cause }: LockedError): readonly QueuedWrite[] {
    const isOver = ({ queuedAt }: QueuedWrite) => elapsed() - queuedAt >= lockWaitMs
    const tooLate = writes.filter(isOver)
    if (tooLate.length > 0) refuse(tooLate, new CommitError(cause))
    return writes.filter((write) => !isOver(write))
  }

  function commitNext(): void {
    const writes = queue.slice(0, mostPerCommit)
    const rest = queue.slice(mostPerCommit)
    queue = []
    const waiting = writes.length > 0 ? settle(writes) : []
    // What was queued by those who were just told stands behind.
    queue = [...waiting, ...rest, ...queue]
    if (waiting.length > 0) tryLockAgain()
    else if (queue.length > 0) commitSoon()
    else whenIdle?.()
  }

  function tryLockAgain(): void {
    const ms = LOCK_RETRY_MS[Math.min(lockTries, LOCK_RETRY_MS.length - 1)] ?? 50
    lockTries += 1
    if (isSoon) return
    isSoon = true
    later(() => {
      isSoon = false
      commitNext()
    }, ms)
  }

  function commitSoon(): void {
    if (isSoon) return
    isSoon = true
    soon(() => {
      isSoon = false
      commitNext()
    })
  }

  function commitLater(): void {
    if (isLater || isSoon) return
    isLater = true
    later(() => {
      isLater = false
      // A commit that waits for a lock takes this one along.
      if (!isSoon) commitNext()
    }, LINGER_MS)
  }

  return {
    enqueue<T>(write: () => T, { canWait = false, onCommitted }: WriteOptions<T> = {}): Promise<T> {
      if (isClosed) return Promise.reject(storeClosed())
      return new Promise<T>((resolve, reject) => {
        queue.push({
          run: write,
          queuedAt: elapsed(),
          onCommitted: onCommitted as QueuedWrite['onCommitted'],
          resolve: resolve as QueuedWrite['resolve'],
          reject,
        })
        if (canWait && queue.length < mostPerCommit) commitLater()
        else commitSoon()
      })
    },
    async close() {
      isClosed = true
      while (queue.length > 0 && lockTries === 0) commitNext()
      if (queue.length === 0) return
      await new Promise<void>((resolve) => {
        whenIdle = resolve
      })
    },
  }
}

function afterTurns(run: () => void, turns = TURNS): void {
  setImmediate(() => (turns > 1 ? afterTurns(run, turns - 1) : run()))
}

/** Marks a failure of BEGIN or COMMIT, which concerns the whole group. */
class CommitError extends Error {
  constructor(cause: unknown) {
    super('The commit failed', { cause })
  }
}

/** Another process is writing: nothing was begun. */
class LockedError extends Error {
  constructor(cause: unknown) {
    super('Another process holds the lock', { cause })
  }
}
