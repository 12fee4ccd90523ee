/** The store on SQLite keeps the same promises as the others. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { systemClock } from '../../clock.ts'
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
import { openSqliteStore } from './open-sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const openFresh = () =>
  openSqliteStore({ file: join(folder, `${files++}.db`), autoMigrate: true, clock: systemClock })

eventStoreConformance('SQLite', openFresh)
appStoreConformance('SQLite', openFresh)
secretStoreConformance('SQLite', openFresh)
paymentAttemptStoreConformance('SQLite', openFresh)
priceStoreConformance('SQLite', openFresh)
guardStoreConformance('SQLite', openFresh)
paymentStoreConformance('SQLite', openFresh)
alarmStoreConformance('SQLite', openFresh)
passthroughStoreConformance('SQLite', openFresh)
uiMessageStoreConformance('SQLite', openFresh)
doubtStoreConformance('SQLite', openFresh)
auditTrailStoreConformance('SQLite', openFresh)
