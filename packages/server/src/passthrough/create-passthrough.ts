/** The passthrough put together: Stripe's API for the app's own server, under a server key. */
import type { FastifyInstance } from 'fastify'
import type { AppDirectory } from '../access/app-directory.ts'
import type { AppId } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import type { Connections } from '../http/connections.ts'
import type { Log } from '../log.ts'
import type { PassthroughAuditStore } from '../store/passthrough-audit-store.ts'
import type { PassthroughRuleStore } from '../store/passthrough-rule-store.ts'
import type { StripeForwarder } from '../stripe/stripe-forwarder.ts'
import { type PassthroughAdminDeps, registerPassthroughAdminRoutes } from './admin-routes.ts'
import { createCallRecorder } from './call-record.ts'
import type { CardNumbers } from './carries-card.ts'
import { createKeyRules } from './key-rules.ts'
import { createPassthroughListener, type PassthroughListener } from './listener.ts'
import { registerPassthroughRoutes } from './routes.ts'
import { createServeCall } from './serve-call.ts'

export interface PassthroughDeps {
  /** Of all ports. */
  readonly connections: Pick<Connections, 'watch' | 'admit'>
  readonly audit: PassthroughAuditStore
  readonly rules: PassthroughRuleStore
  readonly directory: AppDirectory
  /** Throws `app_not_activated` or `secret_unavailable`. */
  forwarderFor(appId: AppId): StripeForwarder
  /** Throws `charges_stopped` while the operator's brake is on. */
  assertChargesGoOn(appId: AppId): Promise<void>
  readonly cards: CardNumbers
  /** Calls are kept for so many days; 0: for ever. */
  readonly retentionDays: number
  readonly clock: Clock
  /** Runs once, later, unless the returned function is called; does not keep the process alive. */
  after(ms: number, run: () => void): () => void
  readonly log: Log
  newId(): string
}

export interface Passthrough {
  registerRoutes(fastify: FastifyInstance, admin: Pick<PassthroughAdminDeps, 'gate' | 'reloadApps'>): void
  /** The same at the root path, on a port of its own. */
  readonly listener: PassthroughListener
  /** Writes down the calls that wait for it. */
  flush(): Promise<void>
  /** Drops calls that are too old. */
  sweep(): Promise<void>
}

const DAY_MS = 86_400_000
const SWEPT_AT_ONCE = 2_000

export function createPassthrough(deps: PassthroughDeps): Passthrough {
  const { audit, clock, newId } = deps
  const keyRules = createKeyRules({ ...deps, now: () => clock.now() })
  const recorder = createCallRecorder(deps)
  const serveCall = createServeCall({ ...deps, keyRules, recorder })
  return {
    registerRoutes(fastify, admin) {
      registerPassthroughRoutes(fastify, serveCall)
      registerPassthroughAdminRoutes(fastify, { ...admin, audit, keyRules })
    },
    listener: createPassthroughListener({
      connections: deps.connections,
      serveCall,
      newRequestId: () => `req_${newId()}`,
    }),
    flush: recorder.flush,
    async sweep() {
      if (deps.retentionDays === 0) return
      await audit.sweep(clock.now() - deps.retentionDays * DAY_MS, SWEPT_AT_ONCE)
    },
  }
}
