/** Realtime as Backendless clients know it: Socket.IO for protocols 3 and 4 at the exact path `/<app id>/`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Socket as EngineConnection, Server as EngineServer } from 'engine.io'
import { type Socket, Server as SocketIoServer } from 'socket.io'
import type { AppDirectory } from '../access/app-directory.ts'
import type { ClientPayloads } from '../access/payload-view.ts'
import type { ReadPolicy } from '../access/read-access.ts'
import type { Standings } from '../access/standings.ts'
import { type Budgets, NO_BUDGETS } from '../budgets/create-budgets.ts'
import type { Holder } from '../budgets/holder.ts'
import { createLateRefusals } from '../budgets/late-refusals.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { STRICT, type UnfitRules } from '../http/unfit-value.ts'
import type { Log } from '../log.ts'
import { createDeliveryMemory } from './delivery-memory.ts'
import type { FollowLog } from './follow-log.ts'
import { toRealtimeError } from './socket-io/answers.ts'
import { attachConnection } from './socket-io/attach-connection.ts'
import { type Handshake, type HandshakeDeps, isBinary, readHandshake } from './socket-io/handshake.ts'
import { LARGEST_REQUEST_BYTES, type SocketLimits, socketLimits } from './socket-io/limits.ts'
import type { Timers } from './timers.ts'
import type { UiDoor } from './ui-door.ts'

export interface SocketIoAdapter {
  /** Exactly `/<app id>` or `/<app id>/` of a known app: REST lives at longer paths below the same start. */
  ownsPath(pathname: string): boolean
  handleRequest(request: IncomingMessage, response: ServerResponse): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Disconnects everyone; clients reconnect by themselves. */
  close(): Promise<void>
}

export interface SocketIoAdapterDeps extends HandshakeDeps {
  readonly directory: Pick<AppDirectory, 'find'>
  readonly standings: Pick<Standings, 'hold'>
  readonly follow: FollowLog
  readonly policy: ReadPolicy
  readonly clientPayloads: ClientPayloads
  /** Messages for pages. */
  readonly ui: UiDoor
  /** As in `FollowLogDeps`: what a reconnect continues must be remembered for longer. */
  readonly recentEventsMs: number
  readonly clock: Clock
  readonly timers: Pick<Timers, 'after'>
  readonly log: Log
  readonly limits?: Partial<SocketLimits>
  /** Absent: without limits. */
  readonly budgets?: SocketBudgets
  /** Whom a request is from, behind proxies too. */
  addressOf(request: IncomingMessage): string
  /** What no message may hold. */
  readonly unfit?: UnfitRules
}

export type SocketBudgets = Pick<
  Budgets,
  'connect' | 'assertMayConnect' | 'openStream' | 'subscribe' | 'read'
>

const JOIN_TIMEOUT_MS = 10_000
const REFUSED_MS = 1_000
const FAREWELL_MS = 2_000
const SHORTEST_MEMORY_MS = 10 * 60_000

export function createSocketIoAdapter(deps: SocketIoAdapterDeps): SocketIoAdapter {
  const { directory, clock, timers, recentEventsMs, addressOf, budgets = NO_BUDGETS } = deps
  const limits = { ...socketLimits, ...deps.limits }
  const memory = createDeliveryMemory({ clock, lifetimeMs: Math.max(SHORTEST_MEMORY_MS, recentEventsMs) })
  // Not attached to the HTTP server: that would take every path that starts with `/<app id>/`, REST and all.
  const engine = new EngineServer({
    allowEIO3: true,
    // Clients of protocol 3 poll with credentials, which browsers refuse to pair with any origin.
    cors: { origin: true, credentials: true },
    maxHttpBufferSize: LARGEST_REQUEST_BYTES,
    // Compressed answers leave later than they are counted as sent.
    httpCompression: false,
  })
  const io = new SocketIoServer({ serveClient: false, connectTimeout: JOIN_TIMEOUT_MS })
  io.bind(engine)
  const upgraded = new Set<Duplex>()
  let closed = false

  const connections = new Set<EngineConnection>()
  engine.on('connection', (connection: EngineConnection) => {
    try {
      connection.once('close', budgets.connect(addressOf(connection.request)))
    } catch {
      // Many came at once, each before the other was counted.
      connection.close(true)
      return
    }
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })

  /** A client that is gone or reads nothing never answers. */
  const withinFarewell = (goodbyes: readonly Promise<unknown>[]): Promise<void> =>
    new Promise((resolve) => {
      const cancel = timers.after(FAREWELL_MS, resolve)
      void Promise.all(goodbyes).then(() => {
        cancel()
        resolve()
      })
    })

  const late = createLateRefusals(timers.after)
  const joined = new WeakSet<object>()
  /** Those that come back at once only if they are told to leave. */
  const binaries = new Set<Socket>()
  const handshakes = new WeakMap<Socket, { readonly handshake: Handshake; readonly holder: Holder }>()
  // Protocol 3 joins the main namespace by itself, which counts as connected and must not be enough to stay.
  io.on('connection', (socket) => {
    const cancel = timers.after(JOIN_TIMEOUT_MS, () => {
      if (!joined.has(socket.conn)) socket.disconnect(true)
    })
    socket.on('disconnect', cancel)
  })

  const apps = io.of((name, _auth, next) => next(null, directory.find(name.slice(1)) !== null))
  apps.use((socket, next) => {
    readHandshake(socket.nsp.name, socket.handshake, deps)
      .then((handshake) => {
        const holder = holderIn(handshake, addressOf(socket.request))
        // The connection and not the socket, of which nobody hears if the client leaves before it has joined.
        socket.conn.once('close', budgets.openStream(holder))
        handshakes.set(socket, { handshake, holder })
        next()
      })
      .catch((error: unknown) => {
        const tell = () => {
          next(toConnectError(error, deps.log))
          // What was said is read by then, and a connection that leads nowhere is not kept.
          timers.after(REFUSED_MS, () => {
            if (!joined.has(socket.conn)) socket.conn.close()
          })
        }
        if (isBinary(socket.handshake)) void late.due().then(tell)
        else tell()
      })
  })
  apps.on('connection', (socket) => {
    const known = handshakes.get(socket)
    if (known === undefined) return
    joined.add(socket.conn)
    const { handshake, holder } = known
    if (handshake.binary) {
      binaries.add(socket)
      socket.once('disconnect', () => binaries.delete(socket))
    }
    const unfit = deps.unfit ?? STRICT
    attachConnection(socket, handshake, { ...deps, budgets, holder, unfit, memory, limits })
  })

  const refusalOf = (request: IncomingMessage): ServiceError | null => {
    try {
      budgets.assertMayConnect(addressOf(request))
      return null
    } catch (error) {
      if (error instanceof ServiceError) return error
      throw error
    }
  }

  return {
    ownsPath(pathname) {
      const appId = /^\/([^/]+)\/?$/.exec(pathname)?.[1]
      return appId !== undefined && directory.find(appId) !== null
    },
    handleRequest(request, response) {
      // While we say goodbye, whoever is connected may still fetch it; nobody new gets in.
      if (hasSession(request)) return void engine.handleRequest(request, response)
      const refusal = closed ? shuttingDown() : refusalOf(request)
      if (refusal === null) engine.handleRequest(request, response)
      else refuse(response, refusal)
    },
    handleUpgrade(request, socket, head) {
      if (closed) {
        socket.destroy()
        return
      }
      if (!hasSession(request) && refusalOf(request) !== null) {
        socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 10\r\nConnection: close\r\n\r\n')
        return
      }
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
      engine.handleUpgrade(request, socket, head)
    },
    async close() {
      closed = true
      late.release()
      // A client between two polls hears the goodbye at its next one; some SDKs never come back without it.
      const farewells = [...connections].map((it) => new Promise((resolve) => it.once('close', resolve)))
      for (const socket of [...binaries]) socket.disconnect()
      for (const connection of connections) connection.close()
      await withinFarewell(farewells)
      await io.close()
      const sockets = [...upgraded].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      await withinFarewell(sockets)
      for (const socket of upgraded) socket.destroy()
    },
  }
}

function holderIn({ app, apiKey, principal }: Handshake, address: string): Holder {
  return { address, key: principal.role === 'server' ? principal.keyId : apiKey, appId: app.appId }
}

/** Polling clients show the status and the text of it. */
function refuse(response: ServerResponse, error: ServiceError): void {
  const { row, code, message, retryAfterSeconds = 1 } = error
  response.writeHead(row.status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Retry-After': String(retryAfterSeconds),
    'Access-Control-Allow-Origin': '*',
    Connection: 'close',
  })
  response.end(JSON.stringify({ error: { type: row.type, code, message } }))
}

function shuttingDown(): ServiceError {
  return new ServiceError('shutting_down', { message: 'The server is stopping; come back in a moment.' })
}

function hasSession(request: IncomingMessage): boolean {
  return /[?&]sid=/.test(request.url ?? '')
}

/** What the client shows as `connect_error`; protocol 3 gets `data`, protocol 4 the message and `data`. */
function toConnectError(error: unknown, log: Log): Error {
  if (!(error instanceof ServiceError)) log.error({ err: error }, 'A realtime handshake failed')
  const failure =
    error instanceof ServiceError
      ? error
      : new ServiceError('internal', { message: 'Something went wrong on our side.' })
  return Object.assign(new Error(failure.message), { data: toRealtimeError(failure) })
}
