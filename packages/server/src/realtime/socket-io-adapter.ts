/** Realtime as Backendless clients know it: Socket.IO for protocols 3 and 4 at the exact path `/<app id>/`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Socket as EngineConnection, Server as EngineServer } from 'engine.io'
import { type Socket, Server as SocketIoServer } from 'socket.io'
import type { AppDirectory } from '../access/app-directory.ts'
import type { ReadPolicy } from '../access/read-access.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { STRICT, type UnfitRules } from '../http/unfit-value.ts'
import type { Log } from '../log.ts'
import { createDeliveryMemory } from './delivery-memory.ts'
import type { FollowLog } from './follow-log.ts'
import { toRealtimeError } from './socket-io/answers.ts'
import { attachConnection } from './socket-io/attach-connection.ts'
import { type Handshake, type HandshakeDeps, readHandshake } from './socket-io/handshake.ts'
import { LARGEST_REQUEST_BYTES, type SocketLimits, socketLimits } from './socket-io/limits.ts'
import type { Timers } from './timers.ts'
import type { UiDoor } from './ui-door.ts'
import type { ClientPayloads } from './view.ts'

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
  /** What no message may hold. */
  readonly unfit?: UnfitRules
}

const JOIN_TIMEOUT_MS = 10_000
const FAREWELL_MS = 2_000
const SHORTEST_MEMORY_MS = 10 * 60_000

export function createSocketIoAdapter(deps: SocketIoAdapterDeps): SocketIoAdapter {
  const { directory, clock, timers, recentEventsMs } = deps
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

  const joined = new WeakSet<object>()
  const handshakes = new WeakMap<Socket, Handshake>()
  // Protocol 3 joins the main namespace by itself, which counts as connected and must not be enough to stay.
  io.on('connection', (socket) => {
    const cancel = timers.after(JOIN_TIMEOUT_MS, () => {
      if (!joined.has(socket.conn)) socket.disconnect(true)
    })
    socket.on('disconnect', cancel)
  })

  const apps = io.of((name, _auth, next) => next(null, directory.find(name.slice(1)) !== null))
  apps.use((socket, next) => {
    readHandshake(socket.nsp.name, socket.handshake, deps).then(
      (handshake) => {
        handshakes.set(socket, handshake)
        next()
      },
      (error: unknown) => next(toConnectError(error, deps.log)),
    )
  })
  apps.on('connection', (socket) => {
    const handshake = handshakes.get(socket)
    if (handshake === undefined) return
    joined.add(socket.conn)
    attachConnection(socket, handshake, { ...deps, unfit: deps.unfit ?? STRICT, memory, limits })
  })

  return {
    ownsPath(pathname) {
      const appId = /^\/([^/]+)\/?$/.exec(pathname)?.[1]
      return appId !== undefined && directory.find(appId) !== null
    },
    handleRequest(request, response) {
      // While we say goodbye, whoever is connected may still fetch it; nobody new gets in.
      if (closed && !hasSession(request)) response.writeHead(503, { Connection: 'close' }).end()
      else engine.handleRequest(request, response)
    },
    handleUpgrade(request, socket, head) {
      if (closed) {
        socket.destroy()
        return
      }
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
      engine.handleUpgrade(request, socket, head)
    },
    async close() {
      closed = true
      // A client between two polls hears the goodbye at its next one; some SDKs never come back without it.
      const farewells = [...connections].map((it) => new Promise((resolve) => it.once('close', resolve)))
      for (const connection of connections) connection.close()
      await withinFarewell(farewells)
      await io.close()
      const sockets = [...upgraded].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      await withinFarewell(sockets)
      for (const socket of upgraded) socket.destroy()
    },
  }
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
