/** All rows behind one door: each backend opens one Store. */
import type { AppStore } from './app-store.ts'
import type { EventStore } from './event-store.ts'

export interface Store {
  readonly events: EventStore
  readonly apps: AppStore
  /** Finishes what is queued, then lets go of the database. */
  close(): Promise<void>
}
