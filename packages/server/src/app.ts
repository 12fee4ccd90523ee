/** The parts list: puts the service together, starts it and stops it. Only this and `wiring/` know every part. */
import type { AddressInfo } from 'node:net'
import { createAdmin } from './admin/create-admin.ts'
import { createAlarms } from './alarms/create-alarms.ts'
import { createHttpServer } from './http/http-server.ts'
import { measuring } from './monitoring/measured.ts'
import { createMetrics } from './monitoring/metrics.ts'
import { systemTimers } from './realtime/timers.ts'
import type { SettleDoubts } from './repair/settle-doubts.ts'
import type { AppDeps } from './wiring/app-deps.ts'
import { createConfirmedTime } from './wiring/confirmed-time.ts'
import { registerRoutes } from './wiring/register-routes.ts'
import { createRowsBehind } from './wiring/rows-behind.ts'
import { stopInOrder } from './wiring/stop-in-order.ts'
import { wireAccess } from './wiring/wire-access.ts'
import { errorForms, wireConnections } from './wiring/wire-connections.ts'
import { wireEvents } from './wiring/wire-events.ts'
import { countingStreams, wireMonitoring } from './wiring/wire-monitoring.ts'
import { wirePayments } from './wiring/wire-payments.ts'
import { wireRealtime } from './wiring/wire-realtime.ts'

export type { AppDeps } from './wiring/app-deps.ts'

export interface App {
  /** Serves requests. @returns the address under which this machine reaches it. */
  listen(options: { readonly host: string; readonly port: number }): Promise<string>
  /** Brings in what Stripe made since an older database was put back; for a command that serves nobody. */
  readonly settleDoubts: SettleDoubts
  /** Serves Stripe's API at the root of a port of its own. @returns its address. */
  listenForStripe(options: { readonly host: string; readonly port: number }): Promise<string>
  /** Takes no more requests, lets go of every stream and socket, and finishes what is under way, within STOP_TIMEOUT_SECONDS. */
  stop(): Promise<void>
}

const SWEEP_EVERY_MS = 60_000
const HAND_OVER_EVERY_MS = 5_000
const SETTLE_EVERY_MS = 60_000
/** The rest is for what is closed behind this: the local Stripe, the store. */
const OF_THE_TIME = 0.9
/** What is swept is older than that in any case. */
const SWEEP_SKEW_MS = 60_000

export function createApp(deps: AppDeps): App {
  const { config, log } = deps
  const timers = systemTimers
  const newRequestId = () => `req_${deps.newId()}`
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

  const elapsed = () => deps.steady.elapsed()
  const metrics = createMetrics()
  const stripeFor = measuring(deps.stripeFor, metrics.stripeCall, elapsed)
  const forwarderFor = measuring(deps.forwarderFor, metrics.stripeCall, elapsed)
  const alarms = createAlarms({ store: deps.store.alarms, clock: deps.clock, log })
  const { connections, addresses, budgets: given } = wireConnections({ config, timers, newRequestId })
  const { budgets, openStreams } = countingStreams(given)
  const access = wireAccess(deps)
  const realtime = wireRealtime({ ...deps, stripeFor, access, addresses, budgets, timers, pause })
  const isActivated = (appId: string) => deps.registry.isActivated(appId)
  const confirmedNow = createConfirmedTime({
    appIds: () => deps.registry.records.map(({ appId }) => appId).filter(isActivated),
    stripeFor,
    clock: deps.clock,
  })
  const rowsBehind = createRowsBehind({
    doubts: deps.store.doubts,
    progress: deps.store.repairProgress,
    appOf: deps.registry.record,
    hasCompared: (appId) => intake.repair.hasCompared(appId),
  })
  const money = wirePayments({
    ...deps,
    stripeFor,
    forwarderFor,
    access,
    connections,
    timers,
    rowsBehind,
    pause,
  })
  const intake = wireEvents({
    ...deps,
    stripeFor,
    alarms,
    onRepaired: metrics.repair,
    timers,
    confirmedNow,
    onStored: (event) => {
      realtime.reader.wake()
      money.guard.noteEvent(event)
      realtime.uiMessages.noteEvent(event)
      monitoring.noteEvent(event)
    },
  })
  let localUrl: string | null = null
  const admin = createAdmin({ ...deps, values: deps.secretValues, localUrl: () => localUrl })
  const fastify = createHttpServer({
    log,
    sockets: realtime.sockets,
    connections,
    trustProxy: config.TRUST_PROXY,
    unfit: { returnUrlSchemes: config.RETURN_URL_SCHEMES },
    errorForms,
    newRequestId,
  })
  // What stands on a key ends with it, whichever process has ended it.
  const stopWatchingKeys = deps.registry.onReload(access.standings.check)
  const monitoring = wireMonitoring({
    ...deps,
    alarms,
    metrics,
    timers,
    openStreams,
    subscriptions: () => realtime.hub.size,
  })
  metrics.watch(fastify)
  registerRoutes(
    fastify,
    { ...deps, stripeFor, forwarderFor },
    { access, budgets, alarms, monitoring, timers, admin, realtime, money, intake },
  )

  /** What no longer counts: counters, quotes, messages, notes of calls. */
  const sweepAll = async () => {
    const { guard, pricing, passthrough } = money
    const now = await confirmedNow(true)
    // By a clock that is ahead a used quote would be forgotten too early.
    if (now === null || deps.clock.now() - now > SWEEP_SKEW_MS) return
    await Promise.all([
      guard.sweep(),
      pricing.sweep(),
      realtime.uiMessages.sweep(),
      passthrough.sweep(),
      admin.sweepAudit(),
    ])
  }
  const sweep = () => {
    sweepAll().catch((error: unknown) => log.error({ err: error }, 'Old counters could not be swept'))
  }
  let stopSweeping = () => {}
  let stopHandingOver = () => {}
  let stopSettling = () => {}
  /** Stripe did not answer at the start; while the doubt stands, every new payment asks it first. */
  const settleAgain = () => {
    intake
      .settleDoubts()
      .catch((error: unknown) => log.error({ err: error }, 'A doubt about the rows could not be settled'))
  }

  return {
    async listen({ host, port }) {
      await realtime.reader.start()
      intake.worker.start()
      money.payments.recovery.start()
      // Before anybody may pay: what an older database does not know comes in from Stripe.
      await intake.settleDoubts()
      await fastify.listen({ host, port })
      stopSettling = timers.every(SETTLE_EVERY_MS, settleAgain)
      realtime.uiMessages.start()
      intake.repair.start()
      intake.retention.start()
      intake.columnRefresh.start()
      monitoring.start()
      stopHandingOver = timers.every(HAND_OVER_EVERY_MS, () => void alarms.handOver())
      stopSweeping = timers.every(SWEEP_EVERY_MS, sweep)
      localUrl = addressOf(fastify.server.address(), host, port)
      return localUrl
    },
    settleDoubts: intake.settleDoubts,
    listenForStripe: money.passthrough.listener.listen,
    stop: () =>
      stopInOrder({
        timeoutMs: config.STOP_TIMEOUT_SECONDS * 1000 * OF_THE_TIME,
        connections,
        sayGoodbye: realtime.sockets.close,
        async closePorts() {
          await Promise.all([fastify.close(), money.passthrough.listener.close()])
        },
        letGoOfStripe: deps.letGoOfStripe,
        parts: [
          money.passthrough.flush,
          realtime.uiMessages.stop,
          stopWatchingKeys,
          stopSweeping,
          stopHandingOver,
          stopSettling,
          intake.repair.stop,
          intake.retention.stop,
          intake.columnRefresh.stop,
          monitoring.stop,
          money.payments.recovery.stop,
          intake.worker.stop,
          realtime.reader.close,
        ],
        onCut: (what) => log.warn({ what }, 'The stop has reached its deadline, and cuts what is left'),
        onFailure: (error) =>
          log.error({ err: error }, 'A part of the server could not be stopped in good order'),
      }),
  }
}

/** Names a loopback or open address as a person would type it. */
function addressOf(bound: AddressInfo | string | null, host: string, port: number): string {
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port
  const named = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host) ? 'localhost' : host
  return `http://${named.includes(':') ? `[${named}]` : named}:${actual}`
}
