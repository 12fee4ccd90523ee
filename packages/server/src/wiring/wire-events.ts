/** Stripe's events, and what goes on behind them: webhooks, gap repair, alarms, and what is forgotten in time. */
import type { Alarms } from '../alarms/alarms.ts'
import { createColumnRefresh } from '../events/column-refresh.ts'
import { createReplayEvents } from '../events/replay-events.ts'
import { adoptedOrder } from '../payments/terms/adopted-order.ts'
import { createForgetCustomer } from '../privacy/forget-customer.ts'
import { createRetentionJob } from '../privacy/retention-job.ts'
import type { Timers } from '../realtime/timers.ts'
import { createExpectedPrices } from '../repair/expected-price.ts'
import { createRepairLoop } from '../repair/repair-loop.ts'
import { createRereadPayment } from '../repair/reread-payment.ts'
import { createSettleDoubts } from '../repair/settle-doubts.ts'
import { createSilenceWatch } from '../repair/watch-silence.ts'
import { createSkewWatch } from '../repair/watch-skew.ts'
import type { StoredEvent } from '../store/event-store.ts'
import { createDeliveredAgain } from '../webhooks/delivered-again.ts'
import { createEventWorker } from '../webhooks/event-worker.ts'
import { createReceiveWebhook } from '../webhooks/receive-webhook.ts'
import { createStoreEvent, type StoreEventDeps } from '../webhooks/store-event.ts'
import { createSignatureWatch } from '../webhooks/watch-signatures.ts'
import type { AppDeps } from './app-deps.ts'
import { type ConfirmedTime, skewOf } from './confirmed-time.ts'

type Deps = Pick<
  AppDeps,
  'config' | 'registry' | 'store' | 'stripeFor' | 'clock' | 'steady' | 'log' | 'newId'
> & {
  readonly alarms: Alarms
  readonly timers: Timers
  readonly confirmedNow: ConfirmedTime
  /** How a comparison with Stripe's list ended, and how many events were missing. */
  onRepaired(outcome: 'done' | 'failed', stored: number): void
  /** After each commit: the others that care. Must not throw. */
  onStored(event: StoredEvent): void
}

export function wireEvents({
  config,
  registry,
  store,
  stripeFor,
  alarms,
  clock,
  steady,
  timers,
  log,
  newId,
  confirmedNow,
  onStored,
  onRepaired,
}: Deps) {
  const { events } = store
  const silence = createSilenceWatch({
    events,
    alarms,
    clock,
    silenceMs: config.WEBHOOKS_SILENT_SECONDS * 1000,
  })

  // Commit, then answer, then act
  const worker = createEventWorker({ events, clock, log })
  const storing: StoreEventDeps = {
    events,
    clock,
    log,
    chargesOn: (appId, account) => store.paymentAttempts.knowsAccount(appId, account),
    homeOf: (appId) => ({
      mode: registry.record(appId).mode,
      ownAccount: registry.record(appId).stripeAccountId,
      connectedAccounts: config.CONNECTED_ACCOUNTS?.[0] === 'all' ? 'all' : (config.CONNECTED_ACCOUNTS ?? []),
    }),
    newId,
    onStored: (leased) => {
      worker.take(leased)
      onStored(leased.event)
    },
  }
  const receiveWebhook = createReceiveWebhook({
    ...storing,
    deliveredAgain: createDeliveredAgain({ events, alarms, clock, log }),
    signatures: createSignatureWatch({ alarms, steady }),
    signingSecrets: registry.signingSecrets,
    toleranceSeconds: config.WEBHOOK_TOLERANCE_SECONDS,
    skewMs: (appId) => skewOf(stripeFor, appId),
    onDelivered: (appId) => silence.noteDelivery(appId),
  })

  // What no webhook brought, what stays open, what does not agree
  const repair = createRepairLoop({
    onRepaired,
    apps: () =>
      registry.records.filter(({ appId, disabledAt }) => disabledAt === null && registry.isActivated(appId)),
    stripeFor,
    storeEvent: createStoreEvent(storing),
    progress: store.repairProgress,
    payments: store.payments,
    expected: createExpectedPrices(store.paymentAttempts),
    alarms,
    silence,
    skew: createSkewWatch({
      alarms,
      skewsMs: () =>
        registry.records
          .filter(({ appId }) => registry.isActivated(appId))
          .map(({ appId }) => skewOf(stripeFor, appId))
          .filter((skew) => skew !== null),
    }),
    clock,
    every: timers.every,
    log,
    intervalMs: config.REPAIR_INTERVAL_SECONDS * 1000,
  })
  const settleDoubts = createSettleDoubts({
    doubts: store.doubts,
    payments: store.payments,
    attempts: store.paymentAttempts,
    storeEvent: createStoreEvent(storing),
    progress: store.repairProgress,
    appOf: (appId) =>
      registry.records.find(
        (app) => app.appId === appId && app.disabledAt === null && registry.isActivated(appId),
      ) ?? null,
    stripeFor,
    orderOf: adoptedOrder,
    clock,
    log,
  })
  const replay = createReplayEvents({ events, clock })
  const reread = createRereadPayment({ payments: store.payments, stripeFor, clock })

  const columnRefresh = createColumnRefresh({ events, after: timers.after, log })

  // Privacy
  const forgetCustomer = createForgetCustomer({ events, attempts: store.paymentAttempts, clock })
  const retention = createRetentionJob({
    events,
    attempts: store.paymentAttempts,
    retentionDays: config.RETENTION_DAYS,
    clock,
    confirmedNow,
    every: timers.every,
    log,
  })
  return {
    worker,
    receiveWebhook,
    repair,
    settleDoubts,
    replay,
    columnRefresh,
    reread,
    forgetCustomer,
    retention,
  }
}
