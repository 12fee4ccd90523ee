/** A store that lives as long as the process. */
import { randomUUID } from 'node:crypto'
import type { Store } from '../store.ts'
import { createMemoryAppStore } from './memory-app-store.ts'
import { createMemoryEventStore } from './memory-event-store.ts'

export interface MemoryStoreOptions {
  /** Makes lease tokens; random UUIDs unless told. */
  readonly newToken?: () => string
}

export function createMemoryStore({ newToken = randomUUID }: MemoryStoreOptions = {}): Store {
  return {
    events: createMemoryEventStore(newToken),
    apps: createMemoryAppStore(),
    close: async () => {},
  }
}
