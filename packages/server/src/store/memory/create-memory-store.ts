/** A store that lives as long as the process. */
import { randomUUID } from 'node:crypto'
import type { Store } from '../store.ts'
import { createMemoryAlarmStore } from './memory-alarm-store.ts'
import { createMemoryAppStore } from './memory-app-store.ts'
import { createMemoryAuditTrail } from './memory-audit-trail-store.ts'
import { createMemoryDoubtStore } from './memory-doubt-store.ts'
import { createMemoryEventStore } from './memory-event-store.ts'
import { createMemoryGuardStore } from './memory-guard-store.ts'
import {
  createMemoryPassthroughAuditStore,
  createMemoryPassthroughRuleStore,
} from './memory-passthrough-stores.ts'
import { createMemoryPaymentAttemptStore } from './memory-payment-attempt-store.ts'
import { createMemoryPaymentStore } from './memory-payment-store.ts'
import { createMemoryPriceStore } from './memory-price-store.ts'
import { createMemoryRepairProgressStore } from './memory-repair-progress-store.ts'
import { createMemorySecretStore } from './memory-secret-store.ts'
import { createMemoryStoreHealth } from './memory-store-health.ts'
import { createMemoryUiMessageStore } from './memory-ui-message-store.ts'

export interface MemoryStoreOptions {
  /** Makes lease tokens; random UUIDs unless told. */
  readonly newToken?: () => string
}

export function createMemoryStore({ newToken = randomUUID }: MemoryStoreOptions = {}): Store {
  const paymentAttempts = createMemoryPaymentAttemptStore(newToken)
  const payments = createMemoryPaymentStore(paymentAttempts.hasOrder)
  const events = createMemoryEventStore(newToken, payments.fold)
  const changes = { version: 1 }
  const auditTrail = createMemoryAuditTrail()
  const passthroughRules = createMemoryPassthroughRuleStore(auditTrail)
  return {
    events,
    apps: createMemoryAppStore({ changes, audit: auditTrail, rules: passthroughRules }),
    paymentAttempts,
    secrets: createMemorySecretStore({
      onChange: (entry) => {
        changes.version += 1
        auditTrail.append(entry)
      },
    }),
    health: createMemoryStoreHealth(events, paymentAttempts.countOpen),
    prices: createMemoryPriceStore(auditTrail),
    guard: createMemoryGuardStore(auditTrail),
    payments,
    alarms: createMemoryAlarmStore(),
    repairProgress: createMemoryRepairProgressStore(),
    doubts: createMemoryDoubtStore(),
    auditTrail,
    passthroughAudit: createMemoryPassthroughAuditStore(),
    passthroughRules,
    uiMessages: createMemoryUiMessageStore(),
    close: async () => {},
  }
}
