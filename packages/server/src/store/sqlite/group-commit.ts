/** Commits what arrives together in one transaction, since a flush to disk costs the same for one write or a hundred. */
import type { DatabaseSync } from 'node:sqlite'
import { ServiceError } from '../../errors.ts'
import { commitFailed, storeClosed, translateSqliteError } from './translate-sqlite-error.ts'

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
  /** Commits all that is queued and takes no more. */
  close(): void
}

export interface GroupCommitOptions {
  readonly mostPerCommit?: number
  /** Runs the callback when the requests that are already there have been read. */
  readonly soon?: (run: () => void) => void
  /** Runs the callback a few milliseconds later. */
  readonly later?: (run: () => void) => void
  /** Told of every commit, with the number of its writes. */
  readonly onCommit?: (writes: number) => void
}

const MOST_PER_COMMIT = 128
/** Requests that have arrived are read within these turns of the event loop, and share the commit. */
const TURNS = 3
const LINGER_MS = 10

interface QueuedWrite {
  readonly run: () => unknown
  readonly onCommitted: ((result: unknown) => void) | undefined
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export function createGroupCommit(database: DatabaseSync, options: GroupCommitOptions = {}): GroupCommit {
  const { mostPerCommit = MOST_PER_COMMIT, onCommit } = options
  const soon = options.soon ?? afterTurns
  const later = options.later ?? ((run) => void setTimeout(run, LINGER_MS))
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')

  let queue: QueuedWrite[] = []
  let isSoon = false
  let isLater = false
  let isClosed = false

  /** Everything or nothing; throws what stopped it. */
  function commitTogether(writes: readonly QueuedWrite[]): unknown[] {
    try {
      begin.run()
    } catch (error) {
      throw new CommitError(error)
    }
    try {
      const results = writes.map(({ run }) => run())
      try {
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

  function settle(writes: readonly QueuedWrite[]): void {
    let results: unknown[]
    try {
      results = commitTogether(writes)
    } catch (error) {
      refuse(writes, error)
      return
    }
    onCommit?.(writes.length)
    writes.forEach(({ onCommitted }, index) => {
      onCommitted?.(results[index])
    })
    writes.forEach(({ resolve }, index) => {
      resolve(results[index])
    })
  }

  function refuse(writes: readonly QueuedWrite[], error: unknown): void {
    const translated = error instanceof CommitError ? commitFailed(error.cause) : translateSqliteError(error)
    const isOneBadWrite = !(translated instanceof ServiceError) && writes.length > 1
    if (!isOneBadWrite) {
      for (const { reject } of writes) reject(translated)
      return
    }
    // One bad statement must not sink its neighbours: each goes by itself, and only the bad one fails.
    for (const write of writes) settle([write])
  }

  function commitNext(): void {
    const writes = queue.slice(0, mostPerCommit)
    queue = queue.slice(mostPerCommit)
    if (writes.length > 0) settle(writes)
    if (queue.length > 0) commitSoon()
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
      commitNext()
    })
  }

  return {
    enqueue<T>(write: () => T, { canWait = false, onCommitted }: WriteOptions<T> = {}): Promise<T> {
      if (isClosed) return Promise.reject(storeClosed())
      return new Promise<T>((resolve, reject) => {
        queue.push({
          run: write,
          onCommitted: onCommitted as QueuedWrite['onCommitted'],
          resolve: resolve as QueuedWrite['resolve'],
          reject,
        })
        if (canWait && queue.length < mostPerCommit) commitLater()
        else commitSoon()
      })
    },
    close() {
      isClosed = true
      while (queue.length > 0) commitNext()
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
