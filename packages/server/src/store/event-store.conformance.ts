/** What every backend of the event log must do; run by each backend's own test. */
import { eventHandlingConformance } from './event-handling.conformance.ts'
import { eventLogConformance } from './event-log.conformance.ts'
import { eventReadsConformance } from './event-reads.conformance.ts'
import { eventRewritesConformance } from './event-rewrites.conformance.ts'
import type { OpenStore } from './event-store-fixture.conformance.ts'

export function eventStoreConformance(backend: string, openStore: OpenStore): void {
  eventLogConformance(backend, openStore)
  eventReadsConformance(backend, openStore)
  eventHandlingConformance(backend, openStore)
  eventRewritesConformance(backend, openStore)
}
