/** Things that happen by themselves after a while: a pending refund settles, a debit clears. */
import type { Database } from './store/database.ts'

export type TimerKind =
  | 'attach_balance_transaction'
  | 'dispute_charge'
  | 'settle_refund'
  | 'settle_debit'
  | 'expire_hold'

export interface Timer {
  id: number
  dueAt: number
  kind: TimerKind
  objectId: string
}

export interface Timers {
  add(timer: Omit<Timer, 'id'>): void
  remove(id: number): void
  /** The timer that is due first, whether or not its time has come. */
  first(): Timer | undefined
}

export function createTimers({ sql }: Database): Timers {
  const insert = sql.prepare('insert into timers (due_at, kind, object_id) values (?, ?, ?)')
  const remove = sql.prepare('delete from timers where id = ?')
  const first = sql.prepare('select id, due_at, kind, object_id from timers order by due_at, id limit 1')
  return {
    add: ({ dueAt, kind, objectId }) => void insert.run(dueAt, kind, objectId),
    remove: (id) => void remove.run(id),
    first() {
      const row = first.get()
      if (!row) return undefined
      return {
        id: Number(row['id']),
        dueAt: Number(row['due_at']),
        kind: row['kind'] as TimerKind,
        objectId: String(row['object_id']),
      }
    },
  }
}
