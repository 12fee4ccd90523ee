/** What an operator is told of the server: alarms, readiness and metrics. */
import type { AlarmDesk } from '../alarms/create-alarms.ts'
import { createAlarmPoster } from '../alarms/post-alarms.ts'
import type { Budgets } from '../budgets/create-budgets.ts'
import { watchUnfulfilled } from '../fulfilment/watch-unfulfilled.ts'
import type { createMetrics } from '../monitoring/metrics.ts'
import type { MonitoringRoutesDeps } from '../monitoring/routes.ts'
import { createVitals } from '../monitoring/vitals.ts'
import { createServerWatch } from '../monitoring/watch-server.ts'
import { watchOpenAttempts } from '../payments/attempts/watch-open-attempts.ts'
import type { Timers } from '../realtime/timers.ts'
import type { StoredEvent } from '../store/event-store.ts'
import { API_VERSION } from '../stripe/api-version.ts'
import { createApiVersionWatch } from '../webhooks/watch-api-version.ts'
import type { AppDeps } from './app-deps.ts'
import { skewOf } from './confirmed-time.ts'

type Deps = Pick<
  AppDeps,
  'config' | 'registry' | 'store' | 'stripeFor' | 'accountFor' | 'outbound' | 'clock' | 'steady' | 'log'
> & {
  readonly alarms: AlarmDesk
  readonly metrics: ReturnType<typeof createMetrics>
  readonly timers: Timers
  openStreams(): number
  subscriptions(): number
}

const MEGABYTE = 1024 * 1024
/** Of the room below which the alarm is raised: with less than this part of it, the server is not ready. */
const READY_PART = 0.1
const MOST_ALARMS = 1_000
const ENDPOINTS_EVERY_MS = 6 * 3_600_000
const ORDERS_EVERY_MS = 60_000

export function wireMonitoring(deps: Deps) {
  const { config, registry, store, stripeFor, alarms, metrics, clock, steady, timers, log } = deps
  const served = () => registry.records.filter(({ disabledAt }) => disabledAt === null)
  const vitals = createVitals({
    health: store.health,
    appIds: () => registry.records.map(({ appId }) => appId),
    skewsMs: () =>
      served()
        .map(({ appId }) => skewOf(stripeFor, appId))
        .filter((skew) => skew !== null),
    clock,
    steady,
  })
  const diskAlarmBytes = config.DISK_ALARM_MB * MEGABYTE
  const watch = createServerWatch({
    vitals,
    alarms,
    events: store.events,
    health: store.health,
    diskAlarmBytes,
    steady,
    every: timers.every,
    log,
  })
  const { ALARM_URL: url, ALARM_SECRET: secret } = config
  const poster =
    url === undefined || secret === undefined
      ? null
      : createAlarmPoster({
          url,
          secret,
          onBehalfOf: 'operator',
          outbound: deps.outbound,
          store: store.alarms,
          alarms,
          clock,
          after: timers.after,
          log,
        })
  const routes: MonitoringRoutesDeps = {
    vitals,
    limits: {
      toleranceSeconds: config.WEBHOOK_TOLERANCE_SECONDS,
      leastFreeBytes: diskAlarmBytes * READY_PART,
    },
    metrics,
    async readings() {
      const standing = await store.alarms.standing(MOST_ALARMS).catch(() => [])
      const byKind = new Map<string, number>()
      for (const { kind } of standing) byKind.set(kind, (byKind.get(kind) ?? 0) + 1)
      return {
        vitals: await vitals.look({ atMostOldMs: 1_000 }),
        openStreams: deps.openStreams(),
        subscriptions: deps.subscriptions(),
        alarms: byKind,
      }
    },
    metricsToken: config.METRICS_TOKEN ?? null,
    isWorkshop: config.stripe === null,
  }
  const versions = createApiVersionWatch({
    alarms,
    expected: API_VERSION,
    endpoints: () =>
      served().flatMap(({ appId, webhookEndpointId: endpointId }) =>
        endpointId === null ? [] : [{ appId, endpointId }],
      ),
    async versionOf(appId, endpointId) {
      try {
        const endpoints = await deps.accountFor(appId).listEndpoints()
        return endpoints.find(({ id }) => id === endpointId)?.api_version ?? null
      } catch {
        return null
      }
    },
  })
  const waitMs = config.UNFULFILLED_ALARM_SECONDS * 1000
  const standing = async (appId: string) => {
    const query = { appId, onlyStanding: true, kind: 'paid_not_fulfilled', limit: MOST_ALARMS } as const
    return (await store.alarms.list(query)).map(({ subject }) => subject)
  }
  /** One after the other, and no second time while it goes on. */
  const looksAfterOrders = onceAtATime(async () => {
    await watchOpenAttempts({
      attempts: store.paymentAttempts,
      alarms,
      clock,
      async standing() {
        const found = await store.alarms.standing(MOST_ALARMS)
        return found.flatMap(({ kind, appId, subject }) =>
          kind === 'attempt_open_too_long' && appId !== null ? [{ appId, subject }] : [],
        )
      },
    })
    if (waitMs === 0) return
    for (const { appId } of served()) {
      await watchUnfulfilled(appId, { payments: store.payments, alarms, standing, clock, waitMs })
    }
  }, log)
  let cancels: (() => void)[] = []
  const stopCounting = store.health.onCommit(metrics.commit)
  return {
    routes,
    /** Of each event that was stored. */
    noteEvent({ appId, source, flag, apiVersion }: StoredEvent) {
      if (source === 'webhook' && flag === null && apiVersion !== null) versions.seen(appId, apiVersion)
    },
    start() {
      watch.start()
      poster?.start()
      void versions.checkEndpoints()
      cancels = [
        timers.every(ENDPOINTS_EVERY_MS, () => void versions.checkEndpoints()),
        timers.every(ORDERS_EVERY_MS, looksAfterOrders.run),
      ]
    },
    async stop() {
      stopCounting()
      for (const cancel of cancels) cancel()
      await looksAfterOrders.ended()
      await watch.stop()
      await poster?.stop()
    },
  }
}

function onceAtATime(work: () => Promise<void>, log: Deps['log']) {
  let running: Promise<void> | null = null
  return {
    run(): void {
      running ??= work()
        .catch((error: unknown) => log.error({ err: error }, 'Orders could not be looked after'))
        .finally(() => {
          running = null
        })
    },
    ended: async () => running,
  }
}

/** Counts what is open, on the way through the budgets that everything open passes. */
export function countingStreams(budgets: Budgets): { readonly budgets: Budgets; openStreams(): number } {
  let open = 0
  const counted: Budgets = {
    ...budgets,
    get size() {
      return budgets.size
    },
    openStream(holder) {
      const release = budgets.openStream(holder)
      let isOpen = true
      open += 1
      return () => {
        if (isOpen) open -= 1
        isOpen = false
        release()
      }
    },
  }
  return { budgets: counted, openStreams: () => open }
}
