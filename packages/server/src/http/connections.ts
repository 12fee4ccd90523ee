/**
 * Every connection of this process's ports: how many there may be, how long a body may take and how much of it may wait,
 * and how they end when the server stops.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { networkOf } from '../access/network-of.ts'
import { ServiceError } from '../errors.ts'
import type { ErrorForm } from './error-form.ts'
import { sayLast } from './last-words.ts'

const MOST_HEAD_MS = 10_000
/** How often Node looks for heads that take too long. */
export const CHECK_HEADS_MS = 1_000

export interface ConnectionLimits {
  readonly connections: number
  /** One /64 of IPv6 is one address. */
  readonly connectionsPerAddress: number
  /** Of requests that are not answered yet. */
  readonly bodyBytes: number
  readonly bodyBytesPerAddress: number
  /** From the head of a request to the end of its body. */
  readonly bodyMs: number
}

export const NO_LIMITS: ConnectionLimits = {
  connections: Number.POSITIVE_INFINITY,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
  bodyBytes: Number.POSITIVE_INFINITY,
  bodyBytesPerAddress: Number.POSITIVE_INFINITY,
  bodyMs: MOST_HEAD_MS,
}

export interface ConnectionsDeps {
  readonly limits: ConnectionLimits
  /** Whose connections carry many clients, so that they are not counted as one. */
  isProxy(address: string): boolean
  /** Whom a request is from, behind proxies too. */
  addressOf(request: IncomingMessage): string
  /** Runs once, later, unless the returned function is called; does not keep the process alive. */
  after(ms: number, run: () => void): () => void
  newRequestId(): string
  /** Absent: all are told in JSON. */
  readonly errorForms?: readonly ErrorForm[]
}

export interface Connections {
  /** Before anything else listens to the server. */
  watch(server: Server): void
  /**
   * @param saysGoodbye whether its handler tells its clients of a stop by itself.
   * @returns false where the request is answered already: too many connections, or a stop.
   */
  admit(request: IncomingMessage, response: ServerResponse, saysGoodbye?: boolean): boolean
  /** As above, for a request that wants to leave HTTP. */
  admitUpgrade(request: IncomingMessage): boolean
  /** From now on every new request is answered `shutting_down`. */
  refuseNew(): void
  /** Ends connections on which nothing is asked, half a head or nothing at all among them. */
  closeIdle(): void
  /** Ends requests whose bodies are not whole. */
  cutUnfinished(): void
  /** Ends all. */
  destroyAll(): void
  /** Connections that are open. */
  readonly size: number
  /** Requests that are not answered yet. */
  readonly underWay: number
}

interface Held {
  readonly socket: Socket
  /** null: a proxy's. */
  readonly address: string | null
  /** Over a limit: good for one answer that says so. */
  readonly isOver: boolean
  isUpgraded: boolean
  readonly asked: Map<IncomingMessage, ServerResponse>
}

/** A connection that is one too many, and asks nothing, is let go after this. */
const OVER_MS = 2_000

/** Marks a request whose body passes through without being kept. */
const passing = new WeakMap<IncomingMessage, () => void>()

/** From here on the body of this request is not kept in memory and has a pace of its own. */
export function passesOn(request: IncomingMessage): void {
  passing.get(request)?.()
}

export function createConnections(deps: ConnectionsDeps): Connections {
  const { limits, after } = deps
  const all = new Map<Duplex, Held>()
  const perAddress = new Map<string, number>()
  const bodies = { all: 0, perAddress: new Map<string, number>() }
  let isStopping = false

  function hold(socket: Socket): void {
    const peer = socket.remoteAddress ?? ''
    const address = peer === '' || deps.isProxy(peer) ? null : networkOf(peer)
    const count = address === null ? 0 : (perAddress.get(address) ?? 0) + 1
    const isOver = all.size >= limits.connections || count > limits.connectionsPerAddress
    // Twice the limit is nobody who wants to read why.
    if (isOver && (count > 2 * limits.connectionsPerAddress || all.size >= 1.2 * limits.connections)) {
      socket.destroy()
      return
    }
    const held: Held = { socket, address, isOver, isUpgraded: false, asked: new Map() }
    all.set(socket, held)
    if (address !== null) perAddress.set(address, count)
    const stopTimer = isOver ? after(OVER_MS, () => socket.destroy()) : () => {}
    socket.once('close', () => {
      stopTimer()
      all.delete(socket)
      if (address !== null) add(perAddress, address, -1)
    })
  }

  function follow(held: Held, request: IncomingMessage, response: ServerResponse): void {
    held.asked.set(request, response)
    const letGo = hasBody(request) ? followBody(held, request) : () => {}
    response.once('close', () => {
      held.asked.delete(request)
      letGo()
      if (isStopping && held.asked.size === 0 && !held.isUpgraded) held.socket.destroySoon()
    })
  }

  /** @returns what gives its place back. */
  function followBody(held: Held, request: IncomingMessage): () => void {
    const address = networkOf(deps.addressOf(request))
    let bytes = 0
    let isCounted = true
    const stopTimer = after(limits.bodyMs, () => {
      if (!request.complete) end(held, request, tooSlow())
    })
    const forget = () => {
      isCounted = false
      bodies.all -= bytes
      add(bodies.perAddress, address, -bytes)
      bytes = 0
    }
    passing.set(request, () => {
      stopTimer()
      forget()
    })
    request.once('end', stopTimer)
    // The parser hands each piece to `push`; to listen for 'data' would take it from whoever reads the body.
    const push = request.push.bind(request)
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (chunk !== null && isCounted) {
        bytes += chunk.length
        bodies.all += chunk.length
        const own = add(bodies.perAddress, address, chunk.length)
        if (own > limits.bodyBytesPerAddress || bodies.all > limits.bodyBytes) {
          end(held, request, tooMuch())
          return false
        }
      }
      return push(chunk, encoding)
    }
    return () => {
      stopTimer()
      forget()
    }
  }

  /** In the middle of a request: the connection says why, and ends. */
  function end({ socket, asked }: Held, request: IncomingMessage, error: ServiceError): void {
    if (asked.get(request)?.headersSent === true) socket.destroy()
    else {
      const about = { requestId: deps.newRequestId(), url: request.url ?? null }
      sayLast(socket, error, about, deps.errorForms)
    }
  }

  function refusalOf({ isOver }: Held, saysGoodbye: boolean): ServiceError | null {
    if (isStopping && !saysGoodbye) return shuttingDown()
    return isOver ? tooMany() : null
  }

  return {
    watch(server) {
      // Half a head, and nothing at all, is waited for no longer than that.
      server.headersTimeout = Math.min(MOST_HEAD_MS, limits.bodyMs)
      // A body has a pace that depends on its route, so Node's own limit is off.
      server.requestTimeout = 0
      server.on('connection', hold)
      server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        const held = all.get(socket)
        const isAnswering = [...(held?.asked.values() ?? [])].some(({ headersSent }) => headersSent)
        if (error.code === 'ECONNRESET' || held === undefined || isAnswering) socket.destroy()
        else sayLast(held.socket, unreadable(error), { requestId: deps.newRequestId(), url: null })
      })
    },
    admit(request, response, saysGoodbye = false) {
      const held = all.get(request.socket)
      if (held === undefined) return true
      follow(held, request, response)
      const refusal = refusalOf(held, saysGoodbye)
      if (refusal === null) return true
      end(held, request, refusal)
      return false
    },
    admitUpgrade(request) {
      const held = all.get(request.socket)
      if (held === undefined) return true
      const refusal = refusalOf(held, true)
      if (refusal !== null) end(held, request, refusal)
      else held.isUpgraded = true
      return refusal === null
    },
    refuseNew() {
      isStopping = true
      for (const { asked } of all.values()) {
        for (const response of asked.values()) response.shouldKeepAlive = false
      }
    },
    closeIdle() {
      for (const { socket, asked, isUpgraded } of all.values()) {
        if (asked.size === 0 && !isUpgraded) socket.destroy()
      }
    },
    cutUnfinished() {
      for (const held of [...all.values()]) {
        for (const request of held.asked.keys()) if (!request.complete) end(held, request, shuttingDown())
      }
    },
    destroyAll() {
      for (const { socket } of [...all.values()]) socket.destroy()
    },
    get size() {
      return all.size
    },
    get underWay() {
      let sum = 0
      for (const { asked } of all.values()) sum += asked.size
      return sum
    },
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** @returns the new sum; a sum of nothing is no entry. */
function add(sums: Map<string, number>, key: string, amount: number): number {
  const sum = (sums.get(key) ?? 0) + amount
  if (sum > 0) sums.set(key, sum)
  else sums.delete(key)
  return sum
}

const RETRY_SECONDS = 5

/** What Node could not read as a request. */
function unreadable({ code }: NodeJS.ErrnoException): ServiceError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ServiceError('request_timeout', { message: 'The head of the request did not arrive in time.' })
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ServiceError('headers_too_large', {
      message: 'The address and headers of the request are too large.',
    })
  }
  return new ServiceError('body_invalid', { message: 'The request is not valid HTTP.' })
}

function shuttingDown(): ServiceError {
  return new ServiceError('shutting_down', {
    message: 'The server is stopping; repeat the request in a moment.',
    retryAfterSeconds: 1,
  })
}

function tooMany(): ServiceError {
  return new ServiceError('too_many_connections', {
    message:
      'There are more open connections from this address, or in all, than this server takes: close some, or use them again.',
    retryAfterSeconds: RETRY_SECONDS,
  })
}

function tooMuch(): ServiceError {
  return new ServiceError('too_many_requests', {
    message:
      'Too much of unfinished requests from this address, or in all, waits here: send fewer at a time.',
    retryAfterSeconds: RETRY_SECONDS,
  })
}

function tooSlow(): ServiceError {
  return new ServiceError('request_timeout', {
    message: 'The body of the request did not arrive in time.',
  })
}
