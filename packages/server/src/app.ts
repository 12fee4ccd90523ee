/** The parts list: puts the service together. The only file that knows every part. */
import cors from '@fastify/cors'
import { createAppDirectory } from './access/app-directory.ts'
import { createWatchTokens } from './access/watch-token.ts'
import type { Clock } from './clock.ts'
import { registerBackendlessRoutes } from './compat/backendless/register-backendless-routes.ts'
import type { Config } from './config.ts'
import { registerEventRoutes } from './events/routes.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { createHttpServer } from './http/http-server.ts'
import type { Log } from './log.ts'
import { createCharge } from './payments/create-charge.ts'
import { createFollowLog } from './realtime/follow-log.ts'
import { createHub } from './realtime/hub.ts'
import { createLogReader } from './realtime/log-reader.ts'
import { createSocketIoAdapter } from './realtime/socket-io-adapter.ts'
import { registerStreamRoute } from './realtime/sse-adapter.ts'
import { systemTimers } from './realtime/timers.ts'
import type { AppRecord } from './store/app-store.ts'
import type { Store } from './store/store.ts'
import type { StripeGateway } from './stripe/stripe-gateway.ts'
import { createEventWorker } from './webhooks/event-worker.ts'
import { createReceiveWebhook } from './webhooks/receive-webhook.ts'
import { registerWebhookRoutes } from './webhooks/routes.ts'

export interface AppDeps {
  readonly config: Config
  /** The first is the default app. */
  readonly apps: readonly [AppRecord, ...AppRecord[]]
  readonly store: Store
  readonly stripe: StripeGateway
  /** The webhook signing secrets of an app, asked for at each delivery; none means that there is no endpoint. */
  signingSecrets(appId: string): readonly string[]
  readonly defaultCurrency: string
  readonly clock: Clock
  readonly log: Log
  /** A fresh random id. */
  newId(): string
}

export interface App {
  /** Serves requests. @returns the address under which this machine reaches it. */
  listen(options: { readonly host: string; readonly port: number }): Promise<string>
  /** Takes no more requests, lets go of every stream and socket, and finishes what is under way. */
  stop(): Promise<void>
}

export function createApp(deps: AppDeps): App {
  const { config, store, clock, log, newId } = deps
  const { events } = store

  // Who asks
  const directory = createAppDirectory(deps.apps)
  const watchTokensOf = new Map(
    deps.apps.map(({ appId, watchSigningKey }) => [
      appId,
      createWatchTokens({
        clock,
        signingKey: watchSigningKey,
        lifetimeSeconds: config.WATCH_TOKEN_LIFETIME_SECONDS,
      }),
    ]),
  )
  const watchTokens = (appId: string) => {
    const tokens = watchTokensOf.get(appId)
    if (tokens === undefined) throw new Error(`No app ${appId}`)
    return tokens
  }
  const authenticator = createAuthenticator({ directory, watchTokens })
  const policy = { clientReads: config.CLIENT_READS, requireWatchToken: config.REQUIRE_WATCH_TOKEN }
  const clientPayloads = config.CLIENT_PAYLOADS

  // Realtime: the log's reader → hub → followers
  const timers = systemTimers
  const recentEventsMs = config.RECENT_EVENTS_SECONDS * 1000
  const hub = createHub({ log })
  const reader = createLogReader({ events, hub, timers, log })
  const follow = createFollowLog({ events, hub, head: reader.head, clock, recentEventsMs })
  const sockets = createSocketIoAdapter({
    directory,
    authenticate: authenticator.fromKey,
    follow,
    policy,
    clientPayloads,
    recentEventsMs,
    clock,
    timers,
    log,
  })

  // Webhooks: commit, then answer, then act
  const worker = createEventWorker({ events, clock, log })
  const receiveWebhook = createReceiveWebhook({
    events,
    clock,
    log,
    signingSecrets: deps.signingSecrets,
    toleranceSeconds: config.WEBHOOK_TOLERANCE_SECONDS,
    newId,
    onStored: (leased) => {
      reader.wake()
      worker.take(leased)
    },
  })

  // Payments
  const charge = createCharge({
    stripe: deps.stripe,
    watchTokens: { sign: (appId, scope) => watchTokens(appId).sign(appId, scope) },
    defaultCurrency: deps.defaultCurrency,
    newId,
  })

  // HTTP
  const fastify = createHttpServer({ log, sockets, newRequestId: () => `req_${newId()}` })
  fastify.get('/healthz', async () => ({ status: 'ok' }))
  registerWebhookRoutes(fastify, { receiveWebhook, directory })
  fastify.register(async (v1) => {
    v1.register(cors, {
      origin: true,
      exposedHeaders: ['Request-Id', 'Retry-After', 'Tollbridge-Watch-Token'],
      maxAge: 600,
    })

    registerEventRoutes(v1, { events, authenticate: authenticator.fromHeaders, policy, clientPayloads })
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
      await fastify.listen({ host, port })
      return addressOf(fastify.server.address(), host, port)
    },
    async stop() {
      await sockets.close()
      await fastify.close()
      await worker.stop()
      await reader.close()
    },
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
