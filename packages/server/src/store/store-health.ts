/** The port to the health of the store: can it write, is its schema whole, and what waits in it. */

export interface Backlog {
  /** Events that are stored and not handled yet, those that failed and will be tried again among them. */
  readonly waiting: number
  /** Milliseconds since the epoch at which the oldest of them was stored; null when none waits. */
  readonly oldestAt: number | null
  /** Events that failed for good. */
  readonly dead: number
}

export interface StoreHealth {
  /** Commits a row and reads it back. Rejects with `store_unavailable` when it cannot. */
  probeWrite(now: number): Promise<void>
  /** Names of the migrations that this version has and the database lacks. */
  missingMigrations(): Promise<readonly string[]>
  backlog(appId: string): Promise<Backlog>
}
