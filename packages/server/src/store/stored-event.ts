/** What storing makes of a new event: the same facts with their place in the log. */
import type { NewEvent, StoredEvent } from './event-store.ts'

export function storedEvent(event: NewEvent, position: number): StoredEvent {
  const { receivedAt, ...facts } = event
  return { ...facts, position, created: receivedAt, updated: null, ownerId: null }
}
