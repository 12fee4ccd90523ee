/** Which event goes to which webhook endpoint, with how many attempts and what came of them. */
import type { Database } from './store/database.ts'

export interface Delivery {
  id: number
  eventId: string
  endpointId: string
  /** Attempts made so far. */
  attempts: number
  /** Epoch milliseconds of the next attempt. */
  nextAt: number
  /** Asked for with `POST /v1/events/:id/retry`: one attempt, no retries. */
  byHand: boolean
}

export type DeliveryState = 'pending' | 'delivered' | 'failed'

export interface DeliveryLog {
  add(delivery: Omit<Delivery, 'id' | 'attempts'>): Delivery
  settle(id: number, state: 'delivered' | 'failed', attempts: number): void
  reschedule(id: number, attempts: number, nextAt: number): void
  /** Everything that still waits, oldest first. */
  pending(): Delivery[]
  pendingCount(eventId: string): number
}

/** Events with nothing left to deliver and nothing failed; for the `delivery_success` filter. */
export const UNDELIVERED_SQL = `exists (select 1 from deliveries where event_id = objects.id and by_hand = 0
  and state <> 'delivered')`

export function createDeliveryLog({ sql }: Database): DeliveryLog {
  const insert = sql.prepare(
    'insert into deliveries (event_id, endpoint_id, next_at, by_hand) values (?, ?, ?, ?)',
  )
  const settle = sql.prepare('update deliveries set state = ?, attempts = ? where id = ?')
  const reschedule = sql.prepare('update deliveries set attempts = ?, next_at = ? where id = ?')
  const pending = sql.prepare("select * from deliveries where state = 'pending' order by id")
  const count = sql.prepare(
    "select count(*) as n from deliveries where event_id = ? and state = 'pending' and by_hand = 0",
  )
  return {
    add(delivery) {
      const { eventId, endpointId, nextAt, byHand } = delivery
      const { lastInsertRowid } = insert.run(eventId, endpointId, nextAt, Number(byHand))
      return { ...delivery, id: Number(lastInsertRowid), attempts: 0 }
    },
    settle: (id, state, attempts) => void settle.run(state, attempts, id),
    reschedule: (id, attempts, nextAt) => void reschedule.run(attempts, nextAt, id),
    pending: () =>
      pending.all().map((row) => ({
        id: Number(row['id']),
        eventId: String(row['event_id']),
        endpointId: String(row['endpoint_id']),
        attempts: Number(row['attempts']),
        nextAt: Number(row['next_at']),
        byHand: row['by_hand'] === 1,
      })),
    pendingCount: (eventId) => Number(count.get(eventId)?.['n']),
  }
}
