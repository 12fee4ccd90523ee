/** All rows behind one door: each backend opens one Store. */
import type { AlarmStore } from './alarm-store.ts'
import type { AppStore } from './app-store.ts'
import type { AuditTrailStore } from './audit-trail-store.ts'
import type { DoubtStore } from './doubt-store.ts'
import type { EventStore } from './event-store.ts'
import type { GuardStore } from './guard-store.ts'
import type { PassthroughAuditStore } from './passthrough-audit-store.ts'
import type { PassthroughRuleStore } from './passthrough-rule-store.ts'
import type { PaymentAttemptStore } from './payment-attempt-store.ts'
import type { PaymentStore } from './payment-store.ts'
import type { PriceStore } from './price-store.ts'
import type { RepairProgressStore } from './repair-progress-store.ts'
import type { SecretStore } from './secret-store.ts'
import type { StoreHealth } from './store-health.ts'
import type { UiMessageStore } from './ui-message-store.ts'

export interface Store {
  readonly events: EventStore
  readonly apps: AppStore
  readonly paymentAttempts: PaymentAttemptStore
  readonly secrets: SecretStore
  readonly health: StoreHealth
  readonly prices: PriceStore
  readonly guard: GuardStore
  readonly payments: PaymentStore
  readonly alarms: AlarmStore
  readonly repairProgress: RepairProgressStore
  readonly doubts: DoubtStore
  readonly auditTrail: AuditTrailStore
  readonly passthroughAudit: PassthroughAuditStore
  readonly passthroughRules: PassthroughRuleStore
  readonly uiMessages: UiMessageStore
  /** Finishes what is queued, then lets go of the database. */
  close(): Promise<void>
}
