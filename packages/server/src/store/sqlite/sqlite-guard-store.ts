/** The guard's counters and the brake on SQLite. Reads and writes go to the file each time, so all processes agree. */
import type { DatabaseSync } from 'node:sqlite'
import type { Brake, GuardStore, WatchedPayment } from '../guard-store.ts'
import { type Allowance, type Slot, slotEnd, slotStart, tally, windowBegin } from '../guard-window.ts'
import type { GroupCommit } from './group-commit.ts'
import type { AppendAudit } from './sqlite-audit-trail-store.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

export interface SqliteGuardStoreDeps {
  readonly database: DatabaseSync
  readonly commits: GroupCommit
  readonly appendAudit: AppendAudit
}

export function createSqliteGuardStore({ database, commits, appendAudit }: SqliteGuardStoreDeps): GuardStore {
  const selectBrake = database.prepare('SELECT is_on, reason, changed_at FROM brakes WHERE app_id = ?')
  const upsertBrake = database.prepare(
    `INSERT INTO brakes (app_id, is_on, reason, changed_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (app_id) DO UPDATE
     SET is_on = excluded.is_on, reason = excluded.reason, changed_at = excluded.changed_at`,
  )
  const selectSlots = database.prepare(
    `SELECT slot_start AS start, attempts, failures FROM guard_counters
     WHERE app_id = ? AND kind = ? AND subject = ? AND slot_start > ?`,
  )
  const addToSlot = database.prepare(
    `INSERT INTO guard_counters (app_id, kind, subject, slot_start, attempts, failures, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (app_id, kind, subject, slot_start) DO UPDATE
     SET attempts = attempts + excluded.attempts, failures = failures + excluded.failures`,
  )
  const upsertBlock = database.prepare(
    `INSERT INTO blocked_cards (app_id, card, until) VALUES (?, ?, ?)
     ON CONFLICT (app_id, card) DO UPDATE SET until = max(until, excluded.until)`,
  )
  const selectBlock = database.prepare(
    'SELECT until FROM blocked_cards WHERE app_id = ? AND card = ? AND until > ?',
  )
  const anyBlock = database.prepare('SELECT 1 FROM blocked_cards WHERE app_id = ? AND until > ? LIMIT 1')
  const dropCounters = database.prepare(
    `DELETE FROM guard_counters WHERE (app_id, kind, subject, slot_start) IN
       (SELECT app_id, kind, subject, slot_start FROM guard_counters WHERE expires_at <= ? LIMIT ?)`,
  )
  const dropBlocks = database.prepare(
    `DELETE FROM blocked_cards WHERE (app_id, card) IN
       (SELECT app_id, card FROM blocked_cards WHERE until <= ? LIMIT ?)`,
  )

  const insertWatched = database.prepare(
    `INSERT INTO watched_payments (app_id, payment_intent_id, subjects, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (app_id, payment_intent_id) DO NOTHING`,
  )
  const selectWatched = database.prepare(
    `SELECT subjects, expires_at FROM watched_payments
     WHERE app_id = ? AND payment_intent_id = ? AND expires_at > ?`,
  )
  const dropWatched = database.prepare(
    `DELETE FROM watched_payments WHERE (app_id, payment_intent_id) IN
       (SELECT app_id, payment_intent_id FROM watched_payments WHERE expires_at <= ? LIMIT ?)`,
  )

  const readBrake = (appId: string): Brake | null => {
    const row = selectBrake.get(appId) as
      | { is_on: number; reason: string | null; changed_at: number }
      | undefined
    return row === undefined
      ? null
      : { appId, isOn: row.is_on === 1, reason: row.reason, changedAt: row.changed_at }
  }
  const brakeThatIsOn = (appId: string): Brake | null => {
    const brake = readBrake(appId)
    return brake?.isOn === true ? brake : null
  }
  const tallyOf = (appId: string, allowance: Allowance, now: number) => {
    const { kind, subject, windowMs } = allowance
    const slots = selectSlots.all(appId, kind, subject, windowBegin(now, windowMs))
    return tally(allowance, slots as unknown as readonly Slot[])
  }
  const add = (appId: string, allowance: Allowance, attempts: number, failures: number, now: number) => {
    const { kind, subject, windowMs } = allowance
    const start = slotStart(now, windowMs)
    addToSlot.run(appId, kind, subject, start, attempts, failures, slotEnd(start, windowMs))
  }

  return {
    brake: (appId) => reading(() => readBrake(appId)),
    setBrake: ({ appId, isOn, reason, changedAt }, audit) =>
      commits.enqueue(() => {
        upsertBrake.run(appId, isOn ? 1 : 0, reason, changedAt)
        appendAudit(audit)
      }),
    standing: (appId, allowances, now) =>
      reading(() => ({
        tallies: allowances.map((allowance) => tallyOf(appId, allowance, now)),
        brake: brakeThatIsOn(appId),
        hasBlockedCards: anyBlock.get(appId, now) !== undefined,
      })),
    admit: (appId, allowances, now) =>
      commits.enqueue(() => {
        const brake = brakeThatIsOn(appId)
        if (brake !== null) return { outcome: 'stopped', brake } as const
        for (const allowance of allowances) {
          const { exceeded } = tallyOf(appId, allowance, now)
          if (exceeded !== null) return { outcome: 'limited', exceeded } as const
        }
        for (const allowance of allowances) add(appId, allowance, 1, 0, now)
        return { outcome: 'counted' } as const
      }),
    count: (appId, counts, now) =>
      commits.enqueue(() => {
        for (const { allowance, attempts, failures } of counts) add(appId, allowance, attempts, failures, now)
        return counts.map(({ allowance }) => tallyOf(appId, allowance, now))
      }),
    blockCard: (appId, card, until) =>
      commits.enqueue(() => {
        upsertBlock.run(appId, card, until)
      }),
    blockedUntil: (appId, card, now) =>
      reading(() => {
        const row = selectBlock.get(appId, card, now) as { until: number } | undefined
        return row?.until ?? null
      }),
    watchPayment: ({ appId, paymentIntentId, subjects, expiresAt }) =>
      commits.enqueue(() => {
        insertWatched.run(appId, paymentIntentId, JSON.stringify(subjects), expiresAt)
      }),
    watchedPayment: (appId, paymentIntentId, now) =>
      reading(() => {
        const row = selectWatched.get(appId, paymentIntentId, now) as
          | { subjects: string; expires_at: number }
          | undefined
        if (row === undefined) return null
        const subjects = JSON.parse(row.subjects) as WatchedPayment['subjects']
        return { appId, paymentIntentId, subjects, expiresAt: row.expires_at }
      }),
    sweep: (now, most) =>
      commits.enqueue(
        () => {
          let dropped = 0
          for (const drop of [dropCounters, dropBlocks, dropWatched]) {
            dropped += Number(drop.run(now, most - dropped).changes)
          }
          return dropped
        },
        { canWait: true },
      ),
  }
}

async function reading<T>(read: () => T): Promise<T> {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
