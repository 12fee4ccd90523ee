/** The store in memory keeps the same promises as the others. */
import { appStoreConformance } from '../app-store.conformance.ts'
import { eventStoreConformance } from '../event-store.conformance.ts'
import { createMemoryStore } from './create-memory-store.ts'

eventStoreConformance('memory', () => createMemoryStore())
appStoreConformance('memory', () => createMemoryStore())
