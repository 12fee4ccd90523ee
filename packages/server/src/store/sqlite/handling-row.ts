/** Rows of an event's handling to the domain type, at the edge of the store. */
import type { Attempt, Handling } from '../event-store.ts'
import type { EventFailureRow, EventHandlingRow } from './schema.ts'

/** @param failures in the order of the tries */
export function toHandling(row: EventHandlingRow, failures: readonly EventFailureRow[]): Handling {
  const attempts: Attempt[] = failures.map(({ number, started_at, failed_at, error }) => ({
    number,
    startedAt: started_at,
    finishedAt: failed_at,
    outcome: 'failed',
    error,
  }))
  const { state, attempts: number, due_at, started_at, handled_at } = row
  if (started_at !== null && handled_at !== null) {
    attempts.push({ number, startedAt: started_at, finishedAt: handled_at, outcome: 'handled', error: null })
  }
  return { state, attempts, nextAttemptAt: due_at, handledAt: handled_at }
}
