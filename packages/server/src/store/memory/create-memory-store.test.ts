/** The store in memory keeps the same promises as the others. */
import { alarmStoreConformance } from '../alarm-store.conformance.ts'
import { appStoreConformance } from '../app-store.conformance.ts'
import { auditTrailStoreConformance } from '../audit-trail-store.conformance.ts'
import { doubtStoreConformance } from '../doubt-store.conformance.ts'
import { eventStoreConformance } from '../event-store.conformance.ts'
import { guardStoreConformance } from '../guard-store.conformance.ts'
import { passthroughStoreConformance } from '../passthrough-store.conformance.ts'
import { paymentAttemptStoreConformance } from '../payment-attempt-store.conformance.ts'
import { paymentStoreConformance } from '../payment-store.conformance.ts'
import { priceStoreConformance } from '../price-store.conformance.ts'
import { secretStoreConformance } from '../secret-store.conformance.ts'
import { uiMessageStoreConformance } from '../ui-message-store.conformance.ts'
import { createMemoryStore } from './create-memory-store.ts'

eventStoreConformance('memory', () => createMemoryStore())
appStoreConformance('memory', () => createMemoryStore())
secretStoreConformance('memory', () => createMemoryStore())
paymentAttemptStoreConformance('memory', () => createMemoryStore())
priceStoreConformance('memory', () => createMemoryStore())
guardStoreConformance('memory', () => createMemoryStore())
paymentStoreConformance('memory', () => createMemoryStore())
alarmStoreConformance('memory', () => createMemoryStore())
passthroughStoreConformance('memory', () => createMemoryStore())
uiMessageStoreConformance('memory', () => createMemoryStore())
doubtStoreConformance('memory', () => createMemoryStore())
auditTrailStoreConformance('memory', () => createMemoryStore())
