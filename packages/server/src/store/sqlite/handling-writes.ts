/** The statements that move an event from received to handled, failed or dead; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import type { EventChange, EventStore, Lease } from '../event-store.ts'
import type { PaymentWrites } from './payment-writes.ts'
import type { EventRow } from './schema.ts'

type FinishResult = Parameters<EventStore['finish']>[1]
type FailResult = Parameters<EventStore['fail']>[1]

export interface HandlingWrites {
  /** Gives the first lease, in the transaction that inserts the event. */
  begin(lease: Lease, dueAt: number): void
  leaseDue(options: {
    readonly now: number
    readonly dueAt: number
    readonly limit: number
    readonly newToken: () => string
  }): { readonly row: EventRow; readonly lease: Lease }[]
  finish(lease: Lease, result: FinishResult): 'done' | 'lease_lost'
  fail(lease: Lease, result: FailResult): 'done' | 'lease_lost'
  replay: (appId: string, positions: readonly number[], now: number) => readonly number[]
}

export function createHandlingWrites(
  database: DatabaseSync,
  foldPayment: PaymentWrites['fold'],
): HandlingWrites {
  const insertHandling = database.prepare(
    `INSERT INTO event_handling (position, app_id, state, attempts, lease_token, due_at)
     VALUES (?, ?, 'received', ?, ?, ?)`,
  )
  const selectDue = database.prepare(
    'SELECT position, app_id, attempts, earlier FROM event_handling WHERE due_at <= ? ORDER BY due_at, position LIMIT ?',
  )
  const takeLease = database.prepare(
    'UPDATE event_handling SET attempts = ?, lease_token = ?, due_at = ? WHERE position = ?',
  )
  const selectEvent = database.prepare('SELECT * FROM events WHERE position = ?')
  // Both change a row only while the lease is held: the fence that lets each event be finished once.
  const setHandled = database.prepare(
    `UPDATE event_handling SET state = 'handled', lease_token = NULL, due_at = NULL, started_at = ?, handled_at = ?
     WHERE position = ? AND lease_token = ?`,
  )
  const setFailed = database.prepare(
    `UPDATE event_handling SET state = ?, lease_token = NULL, due_at = ? WHERE position = ? AND lease_token = ?`,
  )
  const insertFailure = database.prepare(
    `INSERT INTO event_failures (position, number, app_id, started_at, failed_at, error)
     SELECT position, attempts, app_id, ?, ?, ? FROM event_handling WHERE position = ?`,
  )
  const giveBack = database.prepare(
    `UPDATE event_handling SET state = 'received', due_at = ?1, earlier = attempts, lease_token = NULL
     WHERE position = ?2 AND app_id = ?3 AND state IN ('failed', 'dead') AND (lease_token IS NULL OR due_at <= ?1)`,
  )
  const addToTally = database.prepare(
    `INSERT INTO event_tallies (app_id, day, type, count) VALUES (?, ?, ?, 1)
     ON CONFLICT (app_id, day, type) DO UPDATE SET count = count + 1`,
  )

  function apply(change: EventChange, { appId, position }: Lease, now: number): void {
    switch (change.kind) {
      case 'tally':
        addToTally.run(appId, change.day, change.type)
        break
      case 'payment':
        foldPayment(appId, change.facts, position, now)
    }
  }

  return {
    begin({ appId, position, token, attempt }, dueAt) {
      insertHandling.run(position, appId, attempt, token, dueAt)
    },

    leaseDue({ now, dueAt, limit, newToken }) {
      return selectDue.all(now, limit).map((due) => {
        const position = Number(due['position'])
        const begun = Number(due['attempts']) + 1
        const attempt = begun - Number(due['earlier'])
        const lease: Lease = { appId: String(due['app_id']), position, token: newToken(), attempt }
        takeLease.run(begun, lease.token, dueAt, position)
        return { row: selectEvent.get(position) as unknown as EventRow, lease }
      })
    },

    finish(lease, { changes, startedAt, now }) {
      if (setHandled.run(startedAt, now, lease.position, lease.token).changes === 0) return 'lease_lost'
      for (const change of changes) apply(change, lease, now)
      return 'done'
    },

    fail({ position, token }, { error, retryAt, startedAt, now }) {
      const state = retryAt === null ? 'dead' : 'failed'
      if (setFailed.run(state, retryAt, position, token).changes === 0) return 'lease_lost'
      insertFailure.run(startedAt, now, error, position)
      return 'done'
    },

    replay: (appId, positions, now) =>
      positions.filter((position) => giveBack.run(now, position, appId).changes === 1),
  }
}
