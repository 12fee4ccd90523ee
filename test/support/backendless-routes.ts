/** The Backendless routes alone on the real HTTP server, with a memory store, and a charge that only notes its calls. */
import type { FastifyInstance } from 'fastify'
import { hashServerKey } from '../../packages/server/src/access/api-keys.ts'
import { createAppDirectory } from '../../packages/server/src/access/app-directory.ts'
import { FIRST_KEY_SCOPES } from '../../packages/server/src/access/scopes.ts'
import { createWatchTokens } from '../../packages/server/src/access/watch-token.ts'
import { faultForm } from '../../packages/server/src/compat/backendless/binary/fault-form.ts'
import {
  type BackendlessDeps,
  registerBackendlessRoutes,
} from '../../packages/server/src/compat/backendless/register-backendless-routes.ts'
import { createAuthenticator } from '../../packages/server/src/http/authenticate.ts'
import { createHttpServer } from '../../packages/server/src/http/http-server.ts'
import { silentLog } from '../../packages/server/src/log.ts'
import type { StoredEvent } from '../../packages/server/src/store/event-store.ts'
import { createMemoryStore } from '../../packages/server/src/store/memory/create-memory-store.ts'
import { store } from './an-event.ts'

export const APP = 'app_0123456789abcdef'
const OTHER_APP = 'app_fedcba9876543210'
const CLIENT_KEY = 'tbc_client'

/** Where requests go, of a page and of the app's own server alike. */
export const CLIENT_ROOT = `/${APP}/${CLIENT_KEY}`
/** What the app's own server shows beside it. */
export const AS_SERVER = { authorization: 'Bearer tbk_server' }

export const NOW = 1_795_289_067_260

export const watchTokens = createWatchTokens({
  clock: { now: () => NOW },
  signingKey: new Uint8Array(32).fill(7),
  lifetimeSeconds: 60,
})

/** `body`: undefined when there is none. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly body: unknown
}

export interface BackendlessRoutes {
  readonly fastify: FastifyInstance
  /** Two events of ch_1, a millisecond apart, then one of ch_2, of the order order-2. */
  readonly rows: readonly [StoredEvent, StoredEvent, StoredEvent]
  /** An event of ch_1 too, but of another app. */
  readonly foreignRow: StoredEvent
  readonly charges: readonly Parameters<BackendlessDeps['charge']>[0][]
  readonly deliveries: readonly Parameters<BackendlessDeps['receiveWebhook']>[0][]
  /** A text goes as it is, anything else as JSON. */
  call(
    method: string,
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  stop(): Promise<void>
}

export async function startBackendlessRoutes(
  changes: Partial<BackendlessDeps> = {},
): Promise<BackendlessRoutes> {
  const { events } = createMemoryStore()
  const rows = [
    await store(events, { appId: APP, chargeId: 'ch_1', amount: 1000, receivedAt: NOW }),
    await store(events, {
      appId: APP,
      chargeId: 'ch_1',
      amount: 1000,
      type: 'charge.refunded',
      receivedAt: NOW + 1,
    }),
    await store(events, {
      appId: APP,
      chargeId: 'ch_2',
      orderId: 'order-2',
      amount: 2000,
      receivedAt: NOW + 2,
    }),
  ] as const
  const foreignRow = await store(events, { appId: OTHER_APP, chargeId: 'ch_1', receivedAt: NOW + 3 })
  const charges: BackendlessRoutes['charges'][number][] = []
  const deliveries: BackendlessRoutes['deliveries'][number][] = []

  const fastify = createHttpServer({
    log: silentLog,
    newRequestId: () => 'req_1',
    errorForms: [faultForm],
    sockets: { ownsPath: () => false, handleRequest: () => {}, handleUpgrade: () => {} },
  })
  fastify.get('/v1/payments/:id', async () => 'a payment')
  fastify.options('*', async () => 'a preflight of another part')
  const directory = createAppDirectory([
    {
      appId: APP,
      mode: 'sandbox',
      clientKeys: [CLIENT_KEY],
      serverKeys: [{ hash: hashServerKey('tbk_server'), scopes: FIRST_KEY_SCOPES, madeBy: null }],
    },
    { appId: OTHER_APP, mode: 'sandbox', clientKeys: ['tbc_other'], serverKeys: [] },
  ])
  registerBackendlessRoutes(fastify, {
    directory,
    authenticate: createAuthenticator({ directory, watchTokens: () => watchTokens }).fromKey,
    publicUrl: undefined,
    domainApp: undefined,
    events,
    policy: { clientReads: 'pinned', requireWatchToken: false, orderIdsAreSecret: () => true },
    clientPayloads: 'redacted',
    charge: async (call) => {
      charges.push(call)
      return { body: { id: 'ch_9', object: 'charge' }, watchToken: 'watch-me' }
    },
    receiveWebhook: async (delivery) => {
      deliveries.push(delivery)
      return { status: 200, body: { received: true } }
    },
    countRead: () => {},
    after: () => () => {},
    unfit: { returnUrlSchemes: [] },
    log: silentLog,
    ...changes,
  })
  await fastify.ready()

  return {
    fastify,
    rows,
    foreignRow,
    charges,
    deliveries,
    call: (method, url, body, headers = {}) => call(fastify, method, url, body, headers),
    stop: () => fastify.close(),
  }
}

async function call(
  fastify: FastifyInstance,
  method: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer = await fastify.inject({
    method: method as 'GET',
    url,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    body: answer.body === '' ? undefined : answer.json(),
  }
}
