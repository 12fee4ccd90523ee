/** The port to the health of the store: can it be used, is its schema whole, what waits in it, how large is it. */

export interface Backlog {
  /** Events that are stored and not handled yet, those that failed and will be tried again among them. */
  readonly waiting: number
  /** Milliseconds since the epoch at which the oldest of them was stored; null when none waits. */
  readonly oldestAt: number | null
  /** Events that failed for good. */
  readonly dead: number
}

export interface Queues {
  /** Milliseconds since the epoch at which the next event is due, in the past where it is late; null: none is. */
  readonly oldestDueAt: number | null
  /** Calls that move money, whose outcome is not known. */
  readonly openAttempts: number
}

export interface StoreTrouble {
  /**
   * `gone`: deleted, moved, or its disk is unmounted. `replaced`: another file lies at its place. `cut_short`,
   * `overwritten`: somebody else wrote over it. `read_only`: it may not be written any more. These refuse everything.
   * `failing`: the last commit was refused, by a full disk for example; the next one is tried again.
   */
  readonly kind: 'gone' | 'replaced' | 'cut_short' | 'overwritten' | 'read_only' | 'failing'
  /** What happened and what to do, in sentences. */
  readonly message: string
}

export type StoreNews =
  | { readonly kind: 'trouble'; readonly trouble: StoreTrouble }
  /** It can be used again. */
  | { readonly kind: 'over' }
  /** What the lost file held, as far as it was committed, was saved in this one. */
  | { readonly kind: 'rescued'; readonly file: string }
  | { readonly kind: 'not_rescued'; readonly error: unknown }

/** Bytes. */
export interface StoreSpace {
  readonly database: number
  /** What is committed and not in the database file yet. */
  readonly writeAheadLog: number
  /** Of the disk that it lies on: as much as this user may still write. */
  readonly diskFree: number
  readonly disk: number
}

export interface StoreCommit {
  readonly writes: number
  readonly milliseconds: number
}

export interface StoreHealth {
  /** Why the store cannot be used now; null: nothing is known against it. Noticed within half a second; asks nobody. */
  trouble(): StoreTrouble | null
  /** Told of what becomes of the store. @returns how to hear no more */
  onNews(listener: (news: StoreNews) => void): () => void
  /** Told of each commit. @returns how to hear no more */
  onCommit(listener: (commit: StoreCommit) => void): () => void
  /** null: it lies on no disk. */
  space(): Promise<StoreSpace | null>
  /** Commits a row and reads it back. Rejects with `store_unavailable` when it cannot. */
  probeWrite(now: number): Promise<void>
  /** Names of the migrations that this version has and the database lacks. */
  missingMigrations(): Promise<readonly string[]>
  backlog(appId: string): Promise<Backlog>
  /** Of all apps. */
  queues(): Promise<Queues>
}
