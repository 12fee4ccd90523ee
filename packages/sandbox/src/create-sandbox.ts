/** Puts a sandbox together: state, API, deliveries and clock. */
import type { FastifyInstance } from 'fastify'
import { createApiHandler } from './api/api-handler.ts'
import { createHttpServer } from './api/http-server.ts'
import { createIdempotencyKeys } from './api/idempotency.ts'
import { type Clock, isManualClock, type ManualClock, systemClock } from './clock.ts'
import { createWebhookSender } from './deliver-webhook.ts'
import { createDeliveryLog } from './delivery-log.ts'
import { createDeliveryQueue, type DeliveryFaults } from './delivery-queue.ts'
import { serveElements } from './elements/serve-elements.ts'
import { createEngine } from './engine.ts'
import { createIds } from './ids.ts'
import { type AuthenticationResult, completeAuthentication } from './resources/complete-authentication.ts'
import { createWebhookEndpoint } from './resources/webhook-endpoints.ts'
import { routes } from './routes.ts'
import { openDatabase } from './store/database.ts'
import { createFacts } from './store/facts.ts'
import { createObjectStore } from './store/object-store.ts'
import { serveThreeDSecurePage } from './three-d-secure-page.ts'
import { createTimers } from './timers.ts'

export interface SandboxOptions {
  /** The time; the system's unless given. Only a manual clock can be advanced. */
  clock?: Clock | ManualClock
  /** Makes ids and secrets the same at every run. */
  seed?: string | number
  /** SQLite file that keeps everything over restarts; without one, all is in memory. */
  file?: string
  /** Waits so long in each API call, as a network would. */
  latencyMs?: number
  /** How long a webhook receiver may take to answer; 10 s unless given. */
  webhookTimeoutMs?: number
  /** Takes one line per request and delivery. */
  log?: (line: string) => void
}

export interface WebhookEndpointRequest {
  url: string
  enabledEvents: string[]
  apiVersion?: string
}

export interface Sandbox {
  /** Serves the API on 127.0.0.1 (or `host`); port 0 takes a free one. Rejects when the port is taken. */
  listen(options: { port: number; host?: string }): Promise<{ url: string }>
  /** Stops; what was not delivered yet is kept, and sent at the next start on the same file. */
  close(): Promise<void>
  /** Forgets all objects, events, keys, endpoints and deliveries. */
  reset(): void
  /** Moves a manual clock, runs what comes due on the way, and resolves when those deliveries are finished. */
  advance(ms: number): Promise<void>
  /** Resolves when no delivery is under way; those held or due later do not count. */
  idle(): Promise<void>
  /** The endpoint with this URL, made if there is none, enabled for these events; with its signing secret. */
  ensureWebhookEndpoint(request: WebhookEndpointRequest): { id: string; secret: string }
  /**
   * Ends the 3-D Secure challenge of a PaymentIntent or SetupIntent, as its customer would.
   * @throws Error when the intent waits for none.
   */
  completeAuthentication(intentId: string, result: AuthenticationResult): void
  /** Disturbs webhook deliveries: hold, reorder, drop, duplicate, delay. */
  deliveries: DeliveryFaults
}

const NOBODY = { requestId: null, idempotencyKey: null }

/** Creates a local Stripe. It knows one account, in test mode. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const clock = options.clock ?? systemClock
  const log = options.log ?? (() => {})
  const database = openDatabase(options.file)
  const facts = createFacts(database)
  const store = createObjectStore(database)
  const timers = createTimers(database)
  const deliveryLog = createDeliveryLog(database)
  // Each start on a file must make new ids, seeded or not.
  const ids = createIds(options.seed === undefined ? undefined : `${options.seed}:${facts.countStart()}`)
  const reportFault = (error: unknown): void =>
    log(`sandbox fault: ${error instanceof Error ? error.stack : String(error)}`)
  let baseUrl = 'http://127.0.0.1'
  let app: FastifyInstance | undefined

  const queue = createDeliveryQueue({
    clock,
    log: deliveryLog,
    store,
    sender: createWebhookSender(),
    timeoutMs: options.webhookTimeoutMs ?? 10_000,
    onScheduled: () => engine.schedule(),
    report: log,
  })
  const engine = createEngine({
    database,
    store,
    timers,
    deliveries: deliveryLog,
    queue,
    ids,
    clock,
    accountId: () => facts.accountId(ids),
    baseUrl: () => baseUrl,
    reportFault,
  })
  const handle = createApiHandler({
    engine,
    store,
    deliveries: deliveryLog,
    idempotencyKeys: createIdempotencyKeys(database),
    clock,
    latencyMs: options.latencyMs ?? 0,
    reportFault,
  })

  return {
    async listen({ port, host = '127.0.0.1' }) {
      app = createHttpServer({ routes, handle, newRequestId: () => ids.next('req_', 14), clock, log })
      serveThreeDSecurePage(app, { engine, store })
      serveElements(app)
      const address = new URL(await app.listen({ port, host }))
      if (host === '0.0.0.0' || host === '::') address.hostname = '127.0.0.1'
      baseUrl = address.origin
      queue.enqueue(deliveryLog.pending())
      engine.runDue()
      return { url: baseUrl }
    },
    async close() {
      engine.stop()
      queue.close()
      await app?.close()
      database.close()
    },
    reset() {
      queue.clear()
      database.clear()
    },
    async advance(ms) {
      if (!isManualClock(clock)) {
        throw new Error(
          'Only a sandbox with a manual clock can be advanced: pass clock: createManualClock(…).',
        )
      }
      const target = clock.now() + ms
      for (;;) {
        await queue.idle()
        const due = engine.nextDue()
        if (due === undefined || due > target) break
        clock.set(Math.max(due, clock.now()))
        engine.runDue()
      }
      clock.set(target)
      await queue.idle()
    },
    idle: () => queue.idle(),
    ensureWebhookEndpoint({ url, enabledEvents, apiVersion }) {
      return engine.run(NOBODY, (call) => {
        const existing = store.list({ kind: 'webhook_endpoint', where: { url }, limit: 1 }).objects[0]
        if (existing) {
          store.put({ ...existing, enabled_events: enabledEvents, status: 'enabled' })
          return { id: existing.id, secret: store.hidden(existing.id).secret ?? '' }
        }
        const { endpoint, secret } = createWebhookEndpoint(call, { url, enabledEvents, apiVersion })
        return { id: endpoint.id, secret }
      })
    },
    completeAuthentication(intentId, result) {
      engine.run(NOBODY, (call) => completeAuthentication(call, intentId, result))
      engine.runDue()
    },
    deliveries: {
      pause: queue.pause,
      resume: queue.resume,
      dropNext: queue.dropNext,
      duplicateNext: queue.duplicateNext,
      delayNext: queue.delayNext,
    },
  }
}
