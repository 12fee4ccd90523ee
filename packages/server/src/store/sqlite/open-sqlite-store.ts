/** Opens the embedded database: one file, every commit on disk before anyone is told of it. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../clock.ts'
import { type SealedTexts, unsealedTexts } from '../../secrets/client-secrets.ts'
import type { Store } from '../store.ts'
import { markFileOf, readMark } from './commit-mark.ts'
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { createQueryBuilder } from './node-sqlite-database.ts'
import { doubtEveryApp, judgeMark, readIdentity } from './older-file.ts'
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
import { createStoreNews } from './store-news.ts'
import { troubleAndFix } from './translate-sqlite-error.ts'
import { type Every, watchDatabase } from './watched-database.ts'

/** How long a process of the app's server has to come back for the callbacks that it is running. */
const CALLBACK_RETURN_MS = 3_000

export interface SqliteStoreOptions {
  /** Path of the database file; its folder must exist. */
  readonly file: string
  /** false: opening fails with a sentence that names the missing migration. */
  readonly autoMigrate: boolean
  readonly clock: Clock
  /** How long a write waits for another process, such as a command, to let go of its lock. */
  readonly lockWaitMs?: number
  /** Makes lease tokens; random UUIDs unless told. */
  readonly newToken?: () => string
  readonly groupCommit?: GroupCommitOptions
  /** Seals the client secrets in what is stored; unless told, nothing is sealed. */
  readonly texts?: SealedTexts
  /** The timer by which the files are looked at. */
  readonly every?: Every
  /** true: a server may be running on the file, so what it is handling stays its own. For the command line. */
  readonly isGuest?: boolean
}

/** Throws an Error with a sentence for the operator when the file cannot be used. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const {
    file,
    autoMigrate,
    clock,
    newToken = randomUUID,
    lockWaitMs,
    isGuest = false,
    texts = unsealedTexts,
  } = options
  const markFile = markFileOf(file)
  assertNotLost(file, markFile)
  const database = openDatabase(file)
  try {
    migrate(database, { autoMigrate, clock })
    if (!isGuest) {
      noticeOlderFile(database, markFile, clock.now())
      releaseLeases(database, clock.now())
    }
    // From here on nothing waits for a lock on the event loop.
    database.exec('PRAGMA busy_timeout = 0')
  } catch (error) {
    database.close()
    const why = troubleAndFix(error)
    throw why === undefined
      ? error
      : new Error(`The database ${file} cannot be used: ${why}.`, { cause: error })
  }
  const news = createStoreNews()
  const watched = watchDatabase({
    database,
    file,
    markFile: isGuest ? null : markFile,
    isGuest,
    onNews: news.tell,
    every: options.every ?? systemEvery,
  })
  const commits = createGroupCommit(database, {
    ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
    ...options.groupCommit,
    ...watched.commitHooks,
    onRefused(error) {
      watched.look()
      news.noteRefused(error)
    },
    onCommit(writes, milliseconds) {
      news.noteCommit({ writes, milliseconds })
      options.groupCommit?.onCommit?.(writes, milliseconds)
    },
  })
  const queries = createQueryBuilder(database)
  const appendAudit = createAppendAudit(database)
  const paymentWrites = createPaymentWrites(database)
  const { truncateLog } = watched
  return {
    events: createSqliteEventStore({
      database,
      queries,
      commits,
      newToken,
      texts,
      truncateLog,
      foldPayment: paymentWrites.fold,
    }),
    apps: createSqliteAppStore({ database, queries, commits, appendAudit }),
    paymentAttempts: createSqlitePaymentAttemptStore({ database, commits, newToken }),
    secrets: createSqliteSecretStore({ database, queries, commits, appendAudit, truncateLog }),
    health: createSqliteStoreHealth({ database, file, commits, news }),
    prices: createSqlitePriceStore({ database, queries, commits, appendAudit }),
    guard: createSqliteGuardStore({ database, commits, appendAudit }),
    payments: createSqlitePaymentStore({ database, queries, commits, writes: paymentWrites }),
    alarms: createSqliteAlarmStore(database, commits),
    repairProgress: createSqliteRepairProgressStore(database, commits),
    doubts: createSqliteDoubtStore(database, commits),
    auditTrail: createSqliteAuditTrailStore(database, commits, appendAudit),
    passthroughAudit: createSqlitePassthroughAuditStore(database, commits),
    passthroughRules: createSqlitePassthroughRuleStore(database, commits, appendAudit),
    uiMessages: createSqliteUiMessageStore(database, commits, texts),
    async close() {
      await commits.close()
      await watched.close()
      if (database.isOpen) database.close()
    },
  }
}

const systemEvery: Every = (ms, run) => {
  const timer = setInterval(run, ms).unref()
  return () => clearInterval(timer)
}

/** An empty database in the place of one with payments would charge its orders again. */
function assertNotLost(file: string, markFile: string): void {
  if (existsSync(file) || readMark(markFile) === null) return
  throw new Error(
    `The database ${file} is gone, and ${markFile} says that there was one. Bring it back, or put a backup in its place: tollbridge restore <file>. To begin anew with an empty one, remove ${markFile}`,
  )
}

function noticeOlderFile(database: DatabaseSync, markFile: string, now: number): void {
  const mark = readMark(markFile)
  const verdict = judgeMark(mark, readIdentity(database))
  if (verdict !== 'fits') doubtEveryApp(database, { reason: verdict, mark, now })
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
