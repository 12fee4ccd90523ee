/** Every route, once: pages at the root, the API under /v1, and what Stripe and Backendless' clients ask for. */
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import type { createAdmin } from '../admin/create-admin.ts'
import { registerAdminRoutes } from '../admin/register-admin-routes.ts'
import { createAlarmStream } from '../alarms/alarm-stream.ts'
import type { AlarmDesk } from '../alarms/create-alarms.ts'
import { registerAlarmRoutes } from '../alarms/routes.ts'
import type { Budgets } from '../budgets/create-budgets.ts'
import { registerBackendlessRoutes } from '../compat/backendless/register-backendless-routes.ts'
import { registerReplayRoutes } from '../events/replay-routes.ts'
import { registerEventRoutes } from '../events/routes.ts'
import { registerFulfilmentRoutes } from '../fulfilment/routes.ts'
import { createCountRead, limitReads } from '../http/limit-reads.ts'
import { registerMonitoringRoutes } from '../monitoring/routes.ts'
import { collectRoutes } from '../openapi/collect-routes.ts'
import { registerOpenApiRoute } from '../openapi/routes.ts'
import { registerConfigRoute } from '../pages/config-route.ts'
import { registerExampleRoutes } from '../pages/examples.ts'
import { createPageScripts } from '../pages/page-script.ts'
import { registerRootRoute } from '../pages/root-route.ts'
import { registerScriptRoutes } from '../pages/script-routes.ts'
import { registerCardRoutes } from '../payments/doors/card-routes.ts'
import { registerCustomerTokenRoute } from '../payments/doors/customer-token-route.ts'
import { registerPaymentRoutes } from '../payments/doors/payment-routes.ts'
import { registerSetupIntentRoutes } from '../payments/doors/setup-intent-routes.ts'
import { registerTimelineRoute } from '../payments/doors/timeline-routes.ts'
import { registerPrivacyRoutes } from '../privacy/routes.ts'
import { registerStreamRoute } from '../realtime/sse-adapter.ts'
import type { Timers } from '../realtime/timers.ts'
import { registerWebhookRoutes } from '../webhooks/routes.ts'
import type { AppDeps } from './app-deps.ts'
import type { Access } from './wire-access.ts'
import type { wireEvents } from './wire-events.ts'
import type { wireMonitoring } from './wire-monitoring.ts'
import type { wirePayments } from './wire-payments.ts'
import type { wireRealtime } from './wire-realtime.ts'

export interface Parts {
  readonly access: Access
  readonly alarms: AlarmDesk
  readonly monitoring: Pick<ReturnType<typeof wireMonitoring>, 'routes'>
  readonly budgets: Budgets
  readonly timers: Timers
  readonly admin: ReturnType<typeof createAdmin>
  readonly realtime: ReturnType<typeof wireRealtime>
  readonly money: ReturnType<typeof wirePayments>
  readonly intake: ReturnType<typeof wireEvents>
}

export function registerRoutes(fastify: FastifyInstance, deps: AppDeps, parts: Parts): void {
  const { config, log } = deps
  const { access, intake, money } = parts
  const { directory, authenticator, policy, clientPayloads } = access

  const countRead = createCountRead({ budgets: parts.budgets, directory })
  limitReads(fastify, countRead)
  fastify.get('/healthz', async () => ({ status: 'ok' }))
  registerMonitoringRoutes(fastify, parts.monitoring.routes)
  registerPages(fastify, deps, access)
  registerWebhookRoutes(fastify, { receiveWebhook: intake.receiveWebhook, directory })
  fastify.register(async (v1) => registerApi(v1, deps, parts))
  registerBackendlessRoutes(fastify, {
    directory,
    authenticate: authenticator.fromKey,
    domainApp: config.DOMAIN_APP,
    publicUrl: config.PUBLIC_URL,
    events: deps.store.events,
    policy,
    clientPayloads,
    charge: money.charge,
    countRead,
    after: parts.timers.after,
    unfit: { returnUrlSchemes: config.RETURN_URL_SCHEMES },
    receiveWebhook: intake.receiveWebhook,
    log,
  })
}

function registerPages(fastify: FastifyInstance, deps: AppDeps, { directory }: Access): void {
  const scripts = createPageScripts()
  registerScriptRoutes(fastify, scripts)
  registerRootRoute(fastify, {
    scripts,
    defaultApp: () => {
      const { appId, clientKeys } = directory.defaultApp
      return { ...deps.registry.facts(appId), clientKey: clientKeys[0] ?? '' }
    },
    shops: () => deps.examples()?.links ?? null,
    publicUrl: deps.config.PUBLIC_URL,
  })
  registerExampleRoutes(fastify, deps.examples)
}

function registerApi(v1: FastifyInstance, deps: AppDeps, parts: Parts): void {
  const { config, registry, store, stripeFor, clock, log, newId } = deps
  const { access, admin, intake, money, realtime, timers } = parts
  const { authenticator, serverCaller, policy, clientPayloads, watchTokens } = access
  const { events, paymentAttempts: attempts } = store
  const asking = { authenticate: authenticator.fromHeaders, readCustomer: access.readCustomer }

  registerOpenApiRoute(v1, collectRoutes(v1))
  v1.register(cors, {
    origin: true,
    exposedHeaders: ['Request-Id', 'Retry-After', 'Tollbridge-Watch-Token', 'Idempotent-Replayed'],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    maxAge: 600,
  })
  registerEventRoutes(v1, { ...asking, events, policy, clientPayloads })
  registerReplayRoutes(v1, { replay: intake.replay, appAdmin: access.appAdmin })
  registerConfigRoute(v1, { ...asking, appFacts: registry.facts, settings: config })
  registerPaymentRoutes(v1, {
    ...asking,
    payments: money.payments,
    attempts,
    stored: store.payments,
    watchTokens,
    policy,
    clock,
  })
  registerTimelineRoute(v1, { ...asking, events, attempts })
  registerSetupIntentRoutes(v1, { ...asking, stripeFor, cardGate: money.payments.cardGate, newId })
  registerCardRoutes(v1, { ...asking, stripeFor })
  registerCustomerTokenRoute(v1, { ...asking, customerTokens: access.customerTokens })
  money.pricing.registerRoutes(v1)
  money.guard.registerRoutes(v1)
  money.passthrough.registerRoutes(v1, {
    gate: access.adminAccess,
    reloadApps: registry.reload,
  })
  registerFulfilmentRoutes(v1, {
    attempts,
    payments: store.payments,
    reread: intake.reread,
    serverCaller,
    clock,
  })
  registerAdminRoutes(v1, {
    ...admin,
    access: access.adminAccess,
    auditTrail: store.auditTrail,
    registry,
    clock,
  })
  registerPrivacyRoutes(v1, {
    forgetCustomer: intake.forgetCustomer,
    appAdmin: access.appAdmin,
    auditTrail: store.auditTrail,
    clock,
  })
  realtime.uiMessages.registerRoutes(v1)
  registerAlarmRoutes(v1, { alarms: parts.alarms, serverCaller })
  registerStreamRoute(v1, {
    alarms: createAlarmStream({
      alarms: parts.alarms,
      standings: access.standings,
      openStream: realtime.namedStreams.open,
    }),
    authenticate: authenticator.fromHeadersOrQuery,
    standings: access.standings,
    follow: realtime.follow,
    budgets: parts.budgets,
    policy,
    clientPayloads,
    timers,
    log,
  })
}
