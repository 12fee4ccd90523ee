/** Opens the embedded database: one file, every commit on disk before anyone is told of it. */
import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../clock.ts'
import type { Store } from '../store.ts'
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { createQueryBuilder } from './node-sqlite-database.ts'
import { openDatabase } from './open-database.ts'
import { createSqliteAppStore } from './sqlite-app-store.ts'
import { createSqliteEventStore } from './sqlite-event-store.ts'

export interface SqliteStoreOptions {
  /** Path of the database file; its folder must exist. */
  readonly file: string
  /** false: opening fails with a sentence that names the missing migration. */
  readonly autoMigrate: boolean
  readonly clock: Clock
  /** How long to wait for another process, such as a backup, to let go of its lock; the event loop waits with us. */
  readonly busyTimeoutMs?: number
  /** Makes lease tokens; random UUIDs unless told. */
  readonly newToken?: () => string
  readonly groupCommit?: GroupCommitOptions
}

/** Throws an Error with a sentence for the operator when the file cannot be used. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, autoMigrate, clock, newToken = randomUUID, groupCommit } = options
  const database = openDatabase(file, options.busyTimeoutMs)
  try {
    migrate(database, { autoMigrate, clock })
    releaseLeases(database, clock.now())
  } catch (error) {
    database.close()
    throw error
  }
  const commits = createGroupCommit(database, groupCommit)
  const queries = createQueryBuilder(database)
  return {
    events: createSqliteEventStore({ database, queries, commits, newToken }),
    apps: createSqliteAppStore({ database, queries, commits }),
    async close() {
      commits.close()
      if (database.isOpen) database.close()
    },
  }
}

/**
 * One process owns the file, so a lease found at opening belongs to one that is gone, and its event is due now.
 * Were its holder alive after all, its token no longer fits: an event is finished once in any case.
 */
function releaseLeases(database: DatabaseSync, now: number): void {
  database
    .prepare(
      'UPDATE event_handling SET lease_token = NULL, due_at = ? WHERE due_at > ? AND lease_token IS NOT NULL',
    )
    .run(now, now)
}
