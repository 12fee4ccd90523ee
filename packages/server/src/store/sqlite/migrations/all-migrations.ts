/**
 * Every step of the SQLite schema, in order; a new one is appended, an old one is never edited. The numbers that are
 * missing (12, 14, 19, 21) were never used, and stay so: databases have gone past them.
 */
import { eventsAndApps } from './0001-events-and-apps.ts'
import { paymentAttempts } from './0002-payment-attempts.ts'
import { payments } from './0003-payments.ts'
import { pricesAndGuard } from './0004-prices-and-guard.ts'
import { appsAndSecrets } from './0005-apps-and-secrets.ts'
import { eventFlagsAndRetention } from './0006-event-flags-and-retention.ts'
import { uiMessages } from './0007-ui-messages.ts'
import { stripeCalls } from './0008-stripe-calls.ts'
import { priceChanges } from './0009-price-changes.ts'
import { fulfilmentKeys } from './0010-fulfilment-keys.ts'
import { proofOfPayer } from './0011-proof-of-payer.ts'
import { orderOfIssue } from './0013-order-of-issue.ts'
import { serverKeyScopes } from './0015-server-key-scopes.ts'
import { auditTrail } from './0016-audit-trail.ts'
import { stripeTimeOfAttempts } from './0017-stripe-time-of-attempts.ts'
import { orderFulfilments } from './0018-order-fulfilments.ts'
import { doubtsAndIdentity } from './0020-doubts-and-identity.ts'
import { alarmsAndReplays } from './0022-alarms-and-replays.ts'
import { columnRefresh } from './0023-column-refresh.ts'
import { firstFulfilment } from './0024-first-fulfilment.ts'
import { endsOfUiMessages } from './0025-ends-of-ui-messages.ts'
import type { Migration } from './migration.ts'

export const allMigrations: readonly Migration[] = [
  eventsAndApps,
  paymentAttempts,
  payments,
  pricesAndGuard,
  appsAndSecrets,
  eventFlagsAndRetention,
  uiMessages,
  stripeCalls,
  priceChanges,
  fulfilmentKeys,
  proofOfPayer,
  orderOfIssue,
  serverKeyScopes,
  auditTrail,
  stripeTimeOfAttempts,
  orderFulfilments,
  doubtsAndIdentity,
  alarmsAndReplays,
  columnRefresh,
  firstFulfilment,
  endsOfUiMessages,
]
