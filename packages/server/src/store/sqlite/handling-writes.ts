/** The statements that move an event from received to handled, failed or dead; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import type { Attempt, EventChange, EventStore, Lease } from '../event-store.ts'
import type { EventRow } from './schema.ts'

type FinishResult = Parameters<EventStore['finish']>[1]
type FailResult = Parameters<EventStore['fail']>[1]

export interface HandlingWrites {
  /** Gives the first lease, in the transaction that inserts the event. */
  begin(lease: Lease, appId: string, dueAt: number): void
  leaseDue(options: {
    readonly now: number
    readonly dueAt: number
    readonly limit: number
    readonly newToken: () => string
  }): { readonly row: EventRow; readonly lease: Lease }[]
  finish(lease: Lease, result: FinishResult): 'done' | 'lease_lost'
  fail(lease: Lease, result: FailResult): 'done' | 'lease_lost'
}

export function createHandlingWrites(database: DatabaseSync): HandlingWrites {
  const insertHandling = database.prepare(
    `INSERT INTO event_handling (position, app_id, state, attempts, lease_token, due_at)
     VALUES (?, ?, 'received', ?, ?, ?)`,
  )
  const selectDue = database.prepare(
    'SELECT position, attempts FROM event_handling WHERE due_at <= ? ORDER BY due_at, position LIMIT ?',
  )
  const takeLease = database.prepare(
    'UPDATE event_handling SET attempts = ?, lease_token = ?, due_at = ? WHERE position = ?',
  )
  const selectEvent = database.prepare('SELECT * FROM events WHERE position = ?')
  // Answers the app only while the lease is held: the fence that lets each event be finished once.
  const endLease = database.prepare(
    `UPDATE event_handling SET state = ?, lease_token = NULL, due_at = ?, handled_at = ?
     WHERE position = ? AND lease_token = ? RETURNING app_id`,
  )
  const insertAttempt = database.prepare(
    `INSERT INTO event_attempts (position, number, app_id, started_at, finished_at, outcome, error)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const addToTally = database.prepare(
    `INSERT INTO event_tallies (app_id, day, type, count) VALUES (?, ?, ?, 1)
     ON CONFLICT (app_id, day, type) DO UPDATE SET count = count + 1`,
  )

  function recordAttempt(appId: string, { position }: Lease, attempt: Attempt): void {
    const { number, startedAt, finishedAt, outcome, error } = attempt
    insertAttempt.run(position, number, appId, startedAt, finishedAt, outcome, error)
  }

  function apply(appId: string, change: EventChange): void {
    switch (change.kind) {
      case 'tally':
        addToTally.run(appId, change.day, change.type)
    }
  }

  return {
    begin({ position, token, attempt }, appId, dueAt) {
      insertHandling.run(position, appId, attempt, token, dueAt)
    },

    leaseDue({ now, dueAt, limit, newToken }) {
      return selectDue.all(now, limit).map((due) => {
        const position = Number(due['position'])
        const lease: Lease = { position, token: newToken(), attempt: Number(due['attempts']) + 1 }
        takeLease.run(lease.attempt, lease.token, dueAt, position)
        return { row: selectEvent.get(position) as unknown as EventRow, lease }
      })
    },

    finish(lease, { changes, startedAt, now }) {
      const row = endLease.get('handled', null, now, lease.position, lease.token)
      if (row === undefined) return 'lease_lost'
      const appId = String(row['app_id'])
      for (const change of changes) apply(appId, change)
      recordAttempt(appId, lease, {
        number: lease.attempt,
        startedAt,
        finishedAt: now,
        outcome: 'handled',
        error: null,
      })
      return 'done'
    },

    fail(lease, { error, retryAt, startedAt, now }) {
      const state = retryAt === null ? 'dead' : 'failed'
      const row = endLease.get(state, retryAt, null, lease.position, lease.token)
      if (row === undefined) return 'lease_lost'
      recordAttempt(String(row['app_id']), lease, {
        number: lease.attempt,
        startedAt,
        finishedAt: now,
        outcome: 'failed',
        error,
      })
      return 'done'
    },
  }
}
