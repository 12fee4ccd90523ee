/** The realtime parts on a port of their own, over a SQLite log that tests write to; time moves by hand if told. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashServerKey } from '../../../packages/server/src/access/api-keys.ts'
import { createAppDirectory } from '../../../packages/server/src/access/app-directory.ts'
import type { ClientPayloads } from '../../../packages/server/src/access/payload-view.ts'
import type { WatchScope } from '../../../packages/server/src/access/principal.ts'
import type { ReadPolicy } from '../../../packages/server/src/access/read-access.ts'
import { FIRST_KEY_SCOPES } from '../../../packages/server/src/access/scopes.ts'
import { createStandings } from '../../../packages/server/src/access/standings.ts'
import { createWatchTokens } from '../../../packages/server/src/access/watch-token.ts'
import { type Budgets, NO_BUDGETS } from '../../../packages/server/src/budgets/create-budgets.ts'
import { systemClock } from '../../../packages/server/src/clock.ts'
import { registerAppInfoRoutes } from '../../../packages/server/src/compat/backendless/app-info-routes.ts'
import { keyForm } from '../../../packages/server/src/compat/backendless/root-form.ts'
import { createAuthenticator } from '../../../packages/server/src/http/authenticate.ts'
import { createHttpServer } from '../../../packages/server/src/http/http-server.ts'
import { createLog, type Log } from '../../../packages/server/src/log.ts'
import { createFollowLog } from '../../../packages/server/src/realtime/follow-log.ts'
import { createHub } from '../../../packages/server/src/realtime/hub.ts'
import { createLogReader } from '../../../packages/server/src/realtime/log-reader.ts'
import type { SocketLimits } from '../../../packages/server/src/realtime/socket-io/limits.ts'
import { createSocketIoAdapter } from '../../../packages/server/src/realtime/socket-io-adapter.ts'
import type { StreamLimits } from '../../../packages/server/src/realtime/sse/event-stream.ts'
import { registerStreamRoute } from '../../../packages/server/src/realtime/sse-adapter.ts'
import { systemTimers } from '../../../packages/server/src/realtime/timers.ts'
import type { StoredEvent } from '../../../packages/server/src/store/event-store.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import { type EventWishes, store as storeOne } from '../../support/an-event.ts'
import type { ManualTime } from '../../support/manual-time.ts'
import { noUiDoor } from '../../support/no-ui-door.ts'

export const APP_ID = 'app_1'
export const CLIENT_KEY = 'tbc_client'
export const SERVER_KEY = 'tbk_server'
export const OTHER_APP_ID = 'app_2'
export const OTHER_CLIENT_KEY = 'tbc_other'

export interface Realtime {
  readonly url: string
  /** Everything that was logged as a warning or worse. */
  readonly warnings: Record<string, unknown>[]
  /** Stores events and wakes the reader; the hub may still be at it when this resolves. */
  emit(...wishes: EventWishes[]): Promise<StoredEvent[]>
  /** How many subscriptions are live. */
  listeners(): number
  /** The position up to which events were published; what lies before it is a past. */
  head(): number
  signWatchToken(scope: Partial<WatchScope>): Promise<string>
  stop(): Promise<void>
}

export interface RealtimeOptions {
  readonly budgets?: Budgets
  readonly policy?: Partial<ReadPolicy>
  readonly clientPayloads?: ClientPayloads
  readonly recentEventsMs?: number
  readonly socketLimits?: Partial<SocketLimits>
  readonly streamLimits?: Partial<StreamLimits>
  readonly time?: ManualTime
  /** A port to take again after a stop. */
  readonly port?: number
}

export async function startRealtime(options: RealtimeOptions = {}): Promise<Realtime> {
  const { clientPayloads = 'redacted', recentEventsMs = 300_000, time } = options
  const folder = mkdtempSync(join(tmpdir(), 'tollbridge-realtime-'))
  const clock = time ?? systemClock
  const timers = time?.timers ?? systemTimers
  const warnings: Record<string, unknown>[] = []
  const log = collectingLog(warnings)
  const database = await openSqliteStore({ file: join(folder, 'events.db'), autoMigrate: true, clock })
  const { events } = database

  const directory = createAppDirectory([
    {
      appId: APP_ID,
      mode: 'sandbox',
      clientKeys: [CLIENT_KEY],
      serverKeys: [{ hash: hashServerKey(SERVER_KEY), scopes: FIRST_KEY_SCOPES, madeBy: null }],
    },
    { appId: OTHER_APP_ID, mode: 'sandbox', clientKeys: [OTHER_CLIENT_KEY], serverKeys: [] },
  ])
  const watchTokens = createWatchTokens({
    clock,
    signingKey: new Uint8Array(32).fill(7),
    lifetimeSeconds: 3_600,
  })
  const authenticator = createAuthenticator({ directory, watchTokens: () => watchTokens })
  const policy: ReadPolicy = {
    clientReads: 'pinned',
    requireWatchToken: false,
    orderIdsAreSecret: () => true,
    ...options.policy,
  }

  const hub = createHub({ log })
  const reader = createLogReader({ events, hub, timers, log })
  const follow = createFollowLog({ events, hub, head: reader.head, clock, recentEventsMs })
  const budgets = options.budgets ?? NO_BUDGETS
  const standings = createStandings({ directory, signingKeyMark: () => 'the one' })
  const shared = { standings, follow, policy, clientPayloads, timers, log }
  const sockets = createSocketIoAdapter({
    ...shared,
    directory,
    authenticate: authenticator.fromKey,
    recentEventsMs,
    clock,
    ui: noUiDoor,
    budgets,
    addressOf: ({ socket }) => socket.remoteAddress ?? '',
    ...(options.socketLimits === undefined ? {} : { limits: options.socketLimits }),
  })
  let requests = 0
  const fastify = createHttpServer({ log, sockets, newRequestId: () => `req_${++requests}` })
  registerStreamRoute(fastify, {
    ...shared,
    authenticate: authenticator.fromHeadersOrQuery,
    budgets,
    ...(options.streamLimits === undefined ? {} : { limits: options.streamLimits }),
  })
  const root = keyForm({ directory, domainApp: undefined })
  fastify.register(async (scope) => registerAppInfoRoutes(scope, root, { publicUrl: undefined }), {
    prefix: root.prefix,
  })

  await reader.start()
  const url = await fastify.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  return {
    url,
    warnings,
    async emit(...wishes) {
      const stored: StoredEvent[] = []
      for (const wish of wishes) stored.push(await storeOne(events, { receivedAt: clock.now(), ...wish }))
      reader.wake()
      return stored
    },
    listeners: () => hub.size,
    head: reader.head,
    signWatchToken: (scope) =>
      watchTokens.sign(APP_ID, { id: [], paymentIntentId: [], orderId: [], ...scope }),
    async stop() {
      await sockets.close()
      await fastify.close()
      await reader.close()
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function collectingLog(lines: Record<string, unknown>[]): Log {
  return createLog('warn', {
    write: (line: string) => lines.push(JSON.parse(line)),
  } as unknown as NodeJS.WritableStream)
}
