/** The parts list: puts the service together. The only file that knows every part. */
import cors from '@fastify/cors'
import type { RandomBytes } from './access/api-keys.ts'
import type { App as RegisteredApp } from './access/app-directory.ts'
import { createUiSessionTokens } from './access/ui-session-token.ts'
import { createWatchTokens, type WatchTokens } from './access/watch-token.ts'
import { createAdminAccess } from './admin/admin-access.ts'
import { createAdmin } from './admin/create-admin.ts'
import { registerAdminRoutes } from './admin/register-admin-routes.ts'
import type { AppRegistry, StripeAccess } from './apps/app-registry.ts'
import type { Clock } from './clock.ts'
import { registerBackendlessRoutes } from './compat/backendless/register-backendless-routes.ts'
import type { Config } from './config.ts'
import { registerEventRoutes } from './events/routes.ts'
import { registerFulfilmentRoutes } from './fulfilment/routes.ts'
import { createGuard } from './guard/create-guard.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { createHttpServer } from './http/http-server.ts'
import { createServerCaller } from './http/server-caller.ts'
import type { Log } from './log.ts'
import { collectRoutes } from './openapi/collect-routes.ts'
import { registerOpenApiRoute } from './openapi/routes.ts'
import { registerConfigRoute } from './pages/config-route.ts'
import { type ExampleShops, registerExampleRoutes } from './pages/examples.ts'
import { createPageScripts } from './pages/page-script.ts'
import { registerRootRoute } from './pages/root-route.ts'
import { registerScriptRoutes } from './pages/script-routes.ts'
import { createPassthrough } from './passthrough/create-passthrough.ts'
import { findCardNumber } from './payments/card-number.ts'
import { registerCardRoutes } from './payments/card-routes.ts'
import { createCharge } from './payments/create-charge.ts'
import { createPayments } from './payments/create-payments.ts'
import type { Caller } from './payments/pay.ts'
import { registerPaymentRoutes } from './payments/payment-routes.ts'
import { registerSetupIntentRoutes } from './payments/setup-intent-routes.ts'
import { registerTimelineRoute } from './payments/timeline-routes.ts'
import { createPricing } from './pricing/create-pricing.ts'
import { createForgetCustomer } from './privacy/forget-customer.ts'
import { createRetentionJob } from './privacy/retention-job.ts'
import { registerPrivacyRoutes } from './privacy/routes.ts'
import { createFollowLog } from './realtime/follow-log.ts'
import { createHub } from './realtime/hub.ts'
import { createLogReader } from './realtime/log-reader.ts'
import { createSocketIoAdapter } from './realtime/socket-io-adapter.ts'
import { createNamedStreams } from './realtime/sse/named-streams.ts'
import { registerStreamRoute } from './realtime/sse-adapter.ts'
import { systemTimers } from './realtime/timers.ts'
import { registerAlarmRoutes } from './repair/alarm-routes.ts'
import { createAlarms } from './repair/alarms.ts'
import { createExpectedPrices } from './repair/expected-price.ts'
import { createRepairLoop } from './repair/repair-loop.ts'
import { createRereadPayment } from './repair/reread-payment.ts'
import { createSilenceWatch } from './repair/watch-silence.ts'
import type { SecretValues } from './secrets/secret-value.ts'
import type { Store } from './store/store.ts'
import { createCardFingerprints } from './stripe/card-fingerprint.ts'
import type { StripeAccount } from './stripe/stripe-account.ts'
import type { StripeForwarder } from './stripe/stripe-forwarder.ts'
import type { StripeGateway } from './stripe/stripe-gateway.ts'
import { createUiMessages } from './ui-messages/create-ui-messages.ts'
import { createEventWorker } from './webhooks/event-worker.ts'
import { createReceiveWebhook } from './webhooks/receive-webhook.ts'
import { registerWebhookRoutes } from './webhooks/routes.ts'
import { createStoreEvent, type StoreEventDeps } from './webhooks/store-event.ts'

export interface AppDeps {
  readonly config: Config
  /** The apps with their keys, currencies and signing secrets, as they change. */
  readonly registry: AppRegistry
  readonly store: Store
  /** The Stripe account of an app, for payments. */
  stripeFor(appId: string): StripeGateway
  /** The same account, for calls that pass as they are. */
  forwarderFor(appId: string): StripeForwarder
  /** The same account, for its operator. */
  accountFor(appId: string): StripeAccount
  /** An account whose keys are not stored yet. */
  openAccount(access: StripeAccess): StripeAccount
  readonly secretValues: SecretValues
  /** The key file where others than its owner can read it. */
  exposedKeyFile(): string | null
  readonly clock: Clock
  readonly log: Log
  readonly random: RandomBytes
  /** A fresh random id. */
  newId(): string
  /** The shops to try, in sandbox mode, once the server listens. */
  examples(): ExampleShops | null
}

export interface App {
  /** Serves requests. @returns the address under which this machine reaches it. */
  listen(options: { readonly host: string; readonly port: number }): Promise<string>
  /** Serves Stripe's API at the root of a port of its own. @returns its address. */
  listenForStripe(options: { readonly host: string; readonly port: number }): Promise<string>
  /** Takes no more requests, lets go of every stream and socket, and finishes what is under way. */
  stop(): Promise<void>
}

const SWEEP_EVERY_MS = 60_000

export function createApp(deps: AppDeps): App {
  const { config, registry, store, clock, log, newId } = deps
  const { events } = store

  // Who asks
  const { directory } = registry
  const watchTokens = perSigningKey(registry, (signingKey) =>
    createWatchTokens({ clock, signingKey, lifetimeSeconds: config.WATCH_TOKEN_LIFETIME_SECONDS }),
  )
  const authenticator = createAuthenticator({ directory, watchTokens })
  const serverCaller = createServerCaller(authenticator.fromHeaders)
  const policy = { clientReads: config.CLIENT_READS, requireWatchToken: config.REQUIRE_WATCH_TOKEN }
  const clientPayloads = config.CLIENT_PAYLOADS

  // Realtime: the log's reader → hub → followers
  const timers = systemTimers
  const recentEventsMs = config.RECENT_EVENTS_SECONDS * 1000
  const hub = createHub({ log })
  const reader = createLogReader({ events, hub, timers, log })
  const follow = createFollowLog({ events, hub, head: reader.head, clock, recentEventsMs })

  // Messages from the app's server to pages
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  const uiMessages = createUiMessages({
    store: store.uiMessages,
    tokens: createUiSessionTokens({
      clock,
      signingKey: (appId) => (isServed(directory.find(appId)) ? registry.watchSigningKey(appId) : null),
    }),
    stripeFor: deps.stripeFor,
    findCardNumber,
    streams: createNamedStreams({ timers, log }),
    serverCaller,
    clock,
    timers,
    pause,
    newId,
    log,
  })
  const sockets = createSocketIoAdapter({
    directory,
    authenticate: authenticator.fromKey,
    follow,
    policy,
    clientPayloads,
    ui: uiMessages.door,
    recentEventsMs,
    clock,
    timers,
    log,
  })

  // Webhooks: commit, then answer, then act
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
      reader.wake()
      worker.take(leased)
      guard.noteEvent(leased.event)
    },
  }
  const receiveWebhook = createReceiveWebhook({
    ...storing,
    signingSecrets: registry.signingSecrets,
    toleranceSeconds: config.WEBHOOK_TOLERANCE_SECONDS,
    onDelivered: (appId) => silence.noteDelivery(appId),
  })

  // Prices
  const modeOf = (appId: string) => directory.find(appId)?.mode ?? 'live'
  const pricing = createPricing({
    prices: store.prices,
    config,
    serverCaller,
    modeOf: (appId) => directory.find(appId)?.mode ?? 'live',
    currencyFor: registry.currencyFor,
    signingKey: registry.watchSigningKey,
    clock,
    random: deps.random,
    newId,
  })

  // Charge guard
  const fingerprints = createCardFingerprints(deps.stripeFor, log)
  const guard = createGuard({
    guard: store.guard,
    config,
    serverCaller,
    modeOf,
    cardFingerprint: fingerprints.ofCard,
    declinedFingerprint: fingerprints.ofDeclined,
    cancelPayment: async (appId, paymentIntentId) => {
      await payments.change(asServer(appId), { operation: 'cancel', paymentIntentId, params: {}, card: null })
    },
    clock,
    log,
  })

  // Payments
  const payments = createPayments({
    attempts: store.paymentAttempts,
    stored: store.payments,
    stripeFor: deps.stripeFor,
    stripeTimeoutMs: config.STRIPE_TIMEOUT_SECONDS * 1000,
    decidePrice: pricing.decidePrice,
    admitAttempt: guard.admitAttempt,
    reportAttempt: guard.reportAttempt,
    clock,
    every: timers.every,
    pause,
    log,
    newId,
  })
  const signWatchToken: WatchTokens['sign'] = (appId, scope) => watchTokens(appId).sign(appId, scope)
  const charge = createCharge({ pay: payments.pay, watchTokens: { sign: signWatchToken } })

  // Gap repair: what no webhook brought, what stays open, what does not agree
  const alarms = createAlarms({ store: store.alarms, clock, log })
  const silence = createSilenceWatch({
    events,
    alarms,
    clock,
    silenceMs: config.WEBHOOKS_SILENT_SECONDS * 1000,
  })
  const repair = createRepairLoop({
    apps: () =>
      registry.records.filter(({ appId, disabledAt }) => disabledAt === null && registry.isActivated(appId)),
    stripeFor: deps.stripeFor,
    storeEvent: createStoreEvent(storing),
    progress: store.repairProgress,
    payments: store.payments,
    expected: createExpectedPrices(store.paymentAttempts),
    alarms,
    silence,
    clock,
    every: timers.every,
    log,
    intervalMs: config.REPAIR_INTERVAL_SECONDS * 1000,
  })
  const reread = createRereadPayment({ payments: store.payments, stripeFor: deps.stripeFor, clock })

  // Stripe's own API, for the app's server
  const passthrough = createPassthrough({
    audit: store.passthroughAudit,
    rules: store.passthroughRules,
    directory,
    forwarderFor: deps.forwarderFor,
    assertChargesGoOn: guard.assertChargesGoOn,
    holdsCardNumber: (text) => findCardNumber(text) !== null,
    retentionDays: config.RETENTION_DAYS,
    clock,
    after: timers.after,
    log,
    newId,
  })

  // Privacy
  const forgetCustomer = createForgetCustomer({ events, attempts: store.paymentAttempts, clock })
  const retention = createRetentionJob({
    events,
    attempts: store.paymentAttempts,
    retentionDays: config.RETENTION_DAYS,
    clock,
    every: timers.every,
    log,
  })

  // Administration
  let localUrl: string | null = null
  const admin = createAdmin({
    config,
    store,
    registry,
    values: deps.secretValues,
    accountFor: deps.accountFor,
    openAccount: deps.openAccount,
    exposedKeyFile: deps.exposedKeyFile,
    localUrl: () => localUrl,
    clock,
    random: deps.random,
    newId,
  })

  // Counters and quotes that no longer count
  let stopSweeping = () => {}
  const sweep = () => {
    Promise.all([guard.sweep(), pricing.sweep(), uiMessages.sweep(), passthrough.sweep()]).catch(
      (error: unknown) => {
        log.error({ err: error }, 'Old counters could not be swept')
      },
    )
  }

  // HTTP
  const fastify = createHttpServer({
    log,
    sockets,
    trustProxy: config.TRUST_PROXY,
    newRequestId: () => `req_${newId()}`,
  })
  fastify.get('/healthz', async () => ({ status: 'ok' }))
  const pageScripts = createPageScripts()
  registerScriptRoutes(fastify, pageScripts)
  registerRootRoute(fastify, {
    scripts: pageScripts,
    defaultApp: () => {
      const { appId, clientKeys } = directory.defaultApp
      return { ...registry.facts(appId), clientKey: clientKeys[0] ?? '' }
    },
    shops: () => deps.examples()?.links ?? null,
    publicUrl: config.PUBLIC_URL,
  })
  registerExampleRoutes(fastify, deps.examples)
  registerWebhookRoutes(fastify, { receiveWebhook, directory })
  fastify.register(async (v1) => {
    registerOpenApiRoute(v1, collectRoutes(v1))
    v1.register(cors, {
      origin: true,
      exposedHeaders: ['Request-Id', 'Retry-After', 'Tollbridge-Watch-Token'],
      maxAge: 600,
    })

    registerEventRoutes(v1, { events, authenticate: authenticator.fromHeaders, policy, clientPayloads })
    const asking = { authenticate: authenticator.fromHeaders }
    registerConfigRoute(v1, { ...asking, appFacts: registry.facts, settings: config })
    const { paymentAttempts: attempts } = store
    registerPaymentRoutes(v1, {
      ...asking,
      payments,
      attempts,
      stored: store.payments,
      watchTokens: { sign: signWatchToken },
      policy,
    })
    registerTimelineRoute(v1, { ...asking, events, attempts })
    registerSetupIntentRoutes(v1, { ...asking, stripeFor: deps.stripeFor, newId })
    registerCardRoutes(v1, { ...asking, stripeFor: deps.stripeFor })
    pricing.registerRoutes(v1)
    guard.registerRoutes(v1)
    passthrough.registerRoutes(v1, {
      gate: createAdminAccess({ ...asking, apps: store.apps }),
      reloadApps: registry.reload,
    })
    registerFulfilmentRoutes(v1, { payments: store.payments, reread, serverCaller, clock })
    registerAdminRoutes(v1, { ...asking, ...admin, apps: store.apps, registry, clock })
    registerPrivacyRoutes(v1, { forgetCustomer, serverCaller })
    uiMessages.registerRoutes(v1)
    registerAlarmRoutes(v1, { alarms: store.alarms, serverCaller })
    registerStreamRoute(v1, {
      authenticate: authenticator.fromHeadersOrQuery,
      follow,
      policy,
      clientPayloads,
      timers,
      log,
    })
  })
  registerBackendlessRoutes(fastify, {
    directory,
    authenticate: authenticator.fromKey,
    publicUrl: config.PUBLIC_URL,
    events,
    policy,
    clientPayloads,
    charge,
    receiveWebhook,
    log,
  })

  return {
    async listen({ host, port }) {
      await reader.start()
      worker.start()
      payments.recovery.start()
      await fastify.listen({ host, port })
      uiMessages.start()
      repair.start()
      retention.start()
      stopSweeping = timers.every(SWEEP_EVERY_MS, sweep)
      localUrl = addressOf(fastify.server.address(), host, port)
      return localUrl
    },
    listenForStripe: passthrough.listener.listen,
    async stop() {
      await sockets.close()
      await passthrough.listener.close()
      await fastify.close()
      await passthrough.flush()
      await uiMessages.stop()
      stopSweeping()
      await repair.stop()
      await retention.stop()
      await payments.recovery.stop()
      await worker.stop()
      await reader.close()
    },
  }
}

function isServed(app: Pick<RegisteredApp, 'disabledAt'> | null): boolean {
  return app !== null && (app.disabledAt ?? null) === null
}

/** What the server does to a payment by itself. */
function asServer(appId: string): Caller {
  return {
    principal: { role: 'server', appId },
    address: null,
    clientKey: null,
    captcha: null,
    callerKey: null,
    account: '',
  }
}

/** The watch tokens of each app, made at their first use. */
function perSigningKey(
  registry: Pick<AppRegistry, 'watchSigningKey'>,
  make: (signingKey: Uint8Array) => WatchTokens,
): (appId: string) => WatchTokens {
  const made = new Map<string, WatchTokens>()
  return (appId) => {
    const held = made.get(appId)
    if (held !== undefined) return held
    const tokens = make(registry.watchSigningKey(appId))
    made.set(appId, tokens)
    return tokens
  }
}

/** Names a loopback or open address as a person would type it. */
function addressOf(
  bound: ReturnType<import('node:http').Server['address']>,
  host: string,
  port: number,
): string {
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port
  const named = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host) ? 'localhost' : host
  return `http://${named.includes(':') ? `[${named}]` : named}:${actual}`
}
