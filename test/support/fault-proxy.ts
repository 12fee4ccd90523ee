/** Stands between the server and the sandbox, as the network does, and fails on request. */
import { createServer, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Fault } from './fault.ts'

export interface ProxiedRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly idempotencyKey: string | null
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly fault: Fault | null
}

/** null: the request goes through unharmed. */
export type Decide = (request: Omit<ProxiedRequest, 'fault'>) => Fault | null

export interface FaultProxy {
  /** What STRIPE_API_BASE is to be set to. */
  readonly url: string
  /** Every request so far, oldest first, with what befell it. */
  readonly requests: readonly ProxiedRequest[]
  /** The next requests that match get these faults, one each; those behind go through. Default: every POST. */
  failNext(
    faults: Fault | readonly Fault[],
    matches?: (request: Omit<ProxiedRequest, 'fault'>) => boolean,
  ): void
  /** Decides about each request that `failNext` left alone; null ends it. */
  decideWith(decide: Decide | null): void
  /** Calls `listener` with each request when its fate is decided, before anything is sent on. */
  onRequest(listener: ((request: ProxiedRequest) => void) | null): void
  /** Resolves when nothing that was sent on is under way: what a caller gave up may still reach Stripe. */
  idle(): Promise<void>
  /** Forgets faults, listeners and requests, and lets go of those that were left without an answer. */
  reset(): void
  close(): Promise<void>
}

export interface FaultProxyOptions {
  /** Where Stripe is, such as the sandbox's `http://127.0.0.1:4243`. */
  readonly target: string
}

const isPost = ({ method }: { readonly method: string }) => method === 'POST'

export async function startFaultProxy({ target }: FaultProxyOptions): Promise<FaultProxy> {
  const upstream = new URL(target)
  const requests: ProxiedRequest[] = []
  const planned: {
    readonly fault: Fault
    readonly matches: (request: Omit<ProxiedRequest, 'fault'>) => boolean
  }[] = []
  const unanswered = new Set<Socket>()
  let decide: Decide | null = null
  let listener: ((request: ProxiedRequest) => void) | null = null

  function fateOf(seen: Omit<ProxiedRequest, 'fault'>): Fault | null {
    const index = planned.findIndex(({ matches }) => matches(seen))
    if (index >= 0) return planned.splice(index, 1)[0]?.fault ?? null
    return decide?.(seen) ?? null
  }

  const sentOn = new Set<Promise<unknown>>()

  function underWay<T>(work: Promise<T>): Promise<T> {
    sentOn.add(work)
    const forget = () => void sentOn.delete(work)
    work.then(forget, forget)
    return work
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      idempotencyKey: textOf(request.headers['idempotency-key']),
      headers: request.headers,
      body: body.toString(),
    }
    const fault = fateOf(seen)
    requests.push({ ...seen, fault })
    listener?.({ ...seen, fault })

    const { socket } = request
    const forward = () => underWay(ask(upstream, request, body))
    switch (fault?.kind) {
      case 'reset_before':
        return void socket.resetAndDestroy()
      case 'reset_during':
        await underWay(askHalf(upstream, request, body))
        return void socket.resetAndDestroy()
      case 'reset_after':
        await forward()
        return void socket.resetAndDestroy()
      case 'timeout_before':
        return void unanswered.add(socket)
      case 'timeout_after':
        await forward()
        return void unanswered.add(socket)
      case 'status':
        if (fault.when === 'after') await forward()
        return answerWithStatus(response, fault.status)
      case 'foreign_answer':
        if (fault.when === 'after') await forward()
        return answerWith(response, fault)
      case 'half_body': {
        const answer = await forward()
        const half = answer.body.subarray(0, Math.ceil(answer.body.length / 2))
        response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
        return void response.write(half, () => socket.resetAndDestroy())
      }
      case 'delay': {
        if (fault.when === 'before') await pause(fault.ms)
        const answer = await forward()
        if (fault.when === 'after') await pause(fault.ms)
        return passOn(response, answer)
      }
      default:
        return passOn(response, await forward())
    }
  }

  const server = createServer((request, response) => {
    // Stripe itself cannot be reached, or the server was killed meanwhile: to the caller, a broken connection.
    serve(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  function reset(): void {
    planned.length = 0
    requests.length = 0
    decide = null
    listener = null
    for (const socket of unanswered) socket.destroy()
    unanswered.clear()
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failNext(faults, matches = isPost) {
      planned.push(...[faults].flat().map((fault) => ({ fault, matches })))
    },
    decideWith(given) {
      decide = given
    },
    onRequest(given) {
      listener = given
    },
    async idle() {
      while (sentOn.size > 0) await Promise.allSettled(sentOn)
    },
    reset,
    close() {
      reset()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function ask(upstream: URL, request: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = openRequest(targetOf(upstream, request, body), (answer) => {
      readAll(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: bytes }),
        reject,
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Sends the headers and half of the body; resolves when that has left and the connection is gone. */
function askHalf(upstream: URL, request: IncomingMessage, body: Buffer): Promise<void> {
  // What has no body cannot be cut in two.
  if (body.length < 2) return Promise.resolve()
  return new Promise((resolve) => {
    const asked = openRequest(targetOf(upstream, request, body))
    asked.on('error', () => resolve())
    asked.on('close', () => resolve())
    asked.on('socket', (socket) => {
      const cut = () => asked.write(body.subarray(0, Math.floor(body.length / 2)), () => socket.destroy())
      if (socket.connecting) socket.once('connect', cut)
      else cut()
    })
  })
}

function targetOf(upstream: URL, request: IncomingMessage, body: Buffer) {
  const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = request.headers
  return {
    host: upstream.hostname,
    port: upstream.port,
    method: request.method,
    path: request.url,
    headers: { ...headers, 'content-length': body.length },
    agent: false,
  } as const
}

function passOn(response: ServerResponse, { status, headers, body }: Answer): void {
  const { connection: _connection, 'transfer-encoding': _encoding, ...rest } = headers
  response.writeHead(status, { ...rest, 'content-length': body.length })
  response.end(body)
}

function answerWith(
  response: ServerResponse,
  { status, body }: { readonly status: number; readonly body: string },
): void {
  const type = body.startsWith('{') ? 'application/json' : 'text/html'
  response.writeHead(status, { 'content-type': type, ...(status === 302 ? { location: '/sign-in' } : {}) })
  response.end(body)
}

/** In the form of Stripe's own errors, so that the SDK reads them as such. */
function answerWithStatus(response: ServerResponse, status: number): void {
  const error =
    status === 409
      ? { type: 'invalid_request_error', code: 'lock_timeout', message: 'Another request holds the object.' }
      : status === 429
        ? { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests.' }
        : status === 401
          ? { type: 'invalid_request_error', message: 'Invalid API Key provided.' }
          : { type: 'api_error', message: 'An unknown error occurred.' }
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error }))
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function textOf(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
