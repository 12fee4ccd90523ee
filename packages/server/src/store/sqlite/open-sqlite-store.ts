/** Opens the embedded database: one file, every commit on disk before anyone is told of it. */
import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../clock.ts'
import type { Store } from '../store.ts'
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { createQueryBuilder } from './node-sqlite-database.ts'
import { openDatabase } from './open-database.ts'
import { createPaymentWrites } from './payment-writes.ts'
import { createSqliteAlarmStore } from './sqlite-alarm-store.ts'
import { createSqliteAppStore } from './sqlite-app-store.ts'
import { createAppendAudit, createSqliteAuditTrailStore } from './sqlite-audit-trail-store.ts'
import { createSqliteDoubtStore } from './sqlite-doubt-store.ts'
import { createSqliteEventStore } from './sqlite-event-store.ts'
import { createSqliteGuardStore } from './sqlite-guard-store.ts'
import { createSqlitePassthroughAuditStore } from './sqlite-passthrough-audit-store.ts'
import { createSqlitePassthroughRuleStore } from './sqlite-passthrough-rule-store.ts'
import { createSqlitePaymentAttemptStore } from './sqlite-payment-attempt-store.ts'
import { createSqlitePaymentStore } from './sqlite-payment-store.ts'
import { createSqlitePriceStore } from './sqlite-price-store.ts'
import { createSqliteRepairProgressStore } from './sqlite-repair-progress-store.ts'
import { createSqliteSecretStore } from './sqlite-secret-store.ts'
import { createSqliteStoreHealth } from './sqlite-store-health.ts'
import { createSqliteUiMessageStore } from './sqlite-ui-message-store.ts'

/** How long a process of the app's server has to come back for the callbacks that it is running. */
const CALLBACK_RETURN_MS = 3_000

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
  /** true: a server may be running on the file, so what it is handling stays its own. For the command line. */
  readonly isGuest?: boolean
}

/** Throws an Error with a sentence for the operator when the file cannot be used. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, autoMigrate, clock, newToken = randomUUID, groupCommit } = options
  const database = openDatabase(file, options.busyTimeoutMs)
  try {
    migrate(database, { autoMigrate, clock })
    if (options.isGuest !== true) releaseLeases(database, clock.now())
  } catch (error) {
    database.close()
    throw error
  }
  const commits = createGroupCommit(database, groupCommit)
  const queries = createQueryBuilder(database)
  const appendAudit = createAppendAudit(database)
  const paymentWrites = createPaymentWrites(database)
  return {
    events: createSqliteEventStore({ database, queries, commits, newToken, foldPayment: paymentWrites.fold }),
    apps: createSqliteAppStore({ database, queries, commits, appendAudit }),
    paymentAttempts: createSqlitePaymentAttemptStore({ database, commits, newToken }),
    secrets: createSqliteSecretStore({ database, queries, commits, appendAudit }),
    health: createSqliteStoreHealth({ database, commits }),
    prices: createSqlitePriceStore({ database, queries, commits, appendAudit }),
    guard: createSqliteGuardStore({ database, commits, appendAudit }),
    payments: createSqlitePaymentStore({ database, queries, commits, writes: paymentWrites }),
    alarms: createSqliteAlarmStore(database, commits),
    repairProgress: createSqliteRepairProgressStore(database, commits),
    doubts: createSqliteDoubtStore(database, commits),
    auditTrail: createSqliteAuditTrailStore(database, commits, appendAudit),
    passthroughAudit: createSqlitePassthroughAuditStore(database, commits),
    passthroughRules: createSqlitePassthroughRuleStore(database, commits, appendAudit),
    uiMessages: createSqliteUiMessageStore(database, commits),
    async close() {
      commits.close()
      if (database.isOpen) database.close()
    },
  }
}

/**
 * One server owns the file, so a lease found at opening belongs to one that is gone, and its work is due now.
 * Were its holder alive after all, its token no longer fits: an event or attempt is finished once in any case.
 */
function releaseLeases(database: DatabaseSync, now: number): void {
  database
    .prepare(
      'UPDATE event_handling SET lease_token = NULL, due_at = ? WHERE due_at > ? AND lease_token IS NOT NULL',
    )
    .run(now, now)
  database
    .prepare(`UPDATE payment_attempts SET lease_token = NULL, due_at = ? WHERE state = 'open' AND due_at > ?`)
    .run(now, now)
  // Who runs these callbacks may be alive and about to come back: nobody else gets them before it could.
  database.prepare('UPDATE ui_callbacks SET due_at = ?1 WHERE due_at > ?1').run(now + CALLBACK_RETURN_MS)
  database.exec('DELETE FROM ui_presences')
}
