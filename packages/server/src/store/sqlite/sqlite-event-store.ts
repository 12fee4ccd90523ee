/** The event log on SQLite: writes in groups on prepared statements, reads through the query builder. */
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { SealedTexts } from '../../secrets/client-secrets.ts'
import type { EventStore, InsertOutcome, Lease, LeasedEvent, NewEvent, StoredEvent } from '../event-store.ts'
import { createRecentEvents } from '../recent-events.ts'
import { storedEvent } from '../stored-event.ts'
import { createColumnRefreshWrites } from './column-refresh-writes.ts'
import { createEventReads } from './event-reads.ts'
import { INSERT_EVENT, insertValues, toStoredEvent } from './event-row.ts'
import type { GroupCommit } from './group-commit.ts'
import { createHandlingWrites } from './handling-writes.ts'
import { createPayloadWrites } from './payload-writes.ts'
import type { PaymentWrites } from './payment-writes.ts'
import type { EventRow, SqliteSchema } from './schema.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteEventStoreDeps {
  readonly database: DatabaseSync
  readonly queries: Kysely<SqliteSchema>
  readonly commits: GroupCommit
  /** A new lease token that nobody else has. */
  readonly newToken: () => string
  /** What of their payloads is sealed in the rows. */
  readonly texts: SealedTexts
  /** Empties the write-ahead log. */
  truncateLog(): Promise<void>
  readonly foldPayment: PaymentWrites['fold']
}

/** As much text of the log is read at once, a single event apart: a few milliseconds of reading. */
const MOST_CHARACTERS = 1_000_000

export function createSqliteEventStore(deps: SqliteEventStoreDeps): EventStore {
  const { database, queries, commits, newToken, texts } = deps
  const insertEvent = database.prepare(INSERT_EVENT)
  const selectAfter = database.prepare('SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?')
  const selectLast = database.prepare('SELECT coalesce(max(position), 0) AS position FROM events')
  // Changes when, and only when, another connection has committed.
  const selectVersion = database.prepare('PRAGMA data_version')
  const payloads = createPayloadWrites(database)
  const refreshColumns = createColumnRefreshWrites(database)
  // The log is read backward from its end: one step while webhooks come.
  const selectRepaired = database.prepare(
    `SELECT created FROM events
     WHERE app_id = ?1 AND source = 'repair' AND flag IS NULL AND object_type IN ('payment_intent', 'charge')
       AND position > coalesce(
         (SELECT position FROM events
          WHERE app_id = ?1 AND source = 'webhook' AND flag IS NOT 'doctor' ORDER BY position DESC LIMIT 1),
         0)
     ORDER BY position LIMIT 1`,
  )
  const handling = createHandlingWrites(database, deps.foldPayment)

  const lastPosition = () => Number(selectLast.get()?.['position'])
  const dataVersion = () => Number(selectVersion.get()?.['data_version'])
  const recent = createRecentEvents(lastPosition())
  let seenVersion = dataVersion()

  function insert(event: NewEvent, leaseMs: number): InsertOutcome {
    const { changes, lastInsertRowid } = insertEvent.run(...insertValues(event, texts))
    if (changes === 0) return { outcome: 'duplicate' }
    const position = Number(lastInsertRowid)
    const lease: Lease = { appId: event.appId, position, token: newToken(), attempt: 1 }
    handling.begin(lease, event.receivedAt + leaseMs)
    return { outcome: 'stored', event: storedEvent(event, position), lease }
  }

  /** Ends early where the events are large, so that no page holds up the event loop. */
  function readPage(position: number, limit: number): readonly StoredEvent[] {
    const page: StoredEvent[] = []
    let characters = 0
    for (const row of selectAfter.iterate(position, limit)) {
      const event = toStoredEvent(row as unknown as EventRow, texts)
      page.push(event)
      characters += event.payload.length
      if (characters >= MOST_CHARACTERS) break
    }
    return page
  }

  function readRecent(position: number, limit: number): readonly StoredEvent[] | null {
    const version = dataVersion()
    if (version === seenVersion) return recent.after(position, limit)
    seenVersion = version
    recent.restart(lastPosition())
    return null
  }

  /** Memory may hold the old text of what was rewritten. */
  const forgetRecent = () => recent.restart(lastPosition())

  return {
    ...createEventReads(queries, texts),
    insertOnce: (event, { leaseMs }) =>
      commits.enqueue(() => insert(event, leaseMs), {
        onCommitted: (result) => {
          if (result.outcome === 'stored') recent.add(result.event)
        },
      }),
    readAfter: async (position, limit) =>
      translating(() => readRecent(position, limit) ?? readPage(position, limit)),
    lastPosition: async () => translating(lastPosition),
    repairedSinceLastWebhook: async (appId) =>
      translating(() => {
        const missed = selectRepaired.get(appId)
        return missed === undefined ? null : Number(missed['created'])
      }),
    leaseDue: ({ now, leaseMs, limit }) =>
      commits.enqueue(() =>
        handling
          .leaseDue({ now, limit, dueAt: now + leaseMs, newToken })
          .map(({ row, lease }): LeasedEvent => ({ event: toStoredEvent(row, texts), lease })),
      ),
    rewritePayloads: (appId, positions, change) =>
      commits.enqueue(() => payloads.rewrite(appId, positions, change), {
        onCommitted: (changed) => {
          if (changed > 0) forgetRecent()
        },
      }),
    rewriteOldest: (options) =>
      commits.enqueue(() => payloads.rewriteOldest(options), {
        canWait: true,
        onCommitted: ({ changed }) => {
          if (changed > 0) forgetRecent()
        },
      }),
    refreshColumns: (options) =>
      commits.enqueue(() => refreshColumns(options), {
        canWait: true,
        onCommitted: ({ changed }) => {
          if (changed > 0) forgetRecent()
        },
      }),
    eraseTraces: deps.truncateLog,
    finish: (lease, result) => commits.enqueue(() => handling.finish(lease, result), { canWait: true }),
    fail: (lease, result) => commits.enqueue(() => handling.fail(lease, result), { canWait: true }),
    replay: (appId, positions, now) => commits.enqueue(() => handling.replay(appId, positions, now)),
  }
}

function translating<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
