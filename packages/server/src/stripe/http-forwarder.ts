/** Sends requests to Stripe as bytes, over connections that are kept. */
import { type IncomingMessage, request as openHttp } from 'node:http'
import { request as openHttps } from 'node:https'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { ServiceError } from '../errors.ts'
import type { StripeAgents, StripeWires } from './stripe-connections.ts'
import type { Forwarded, StripeAnswer, StripeForwarder, StripeRequest } from './stripe-forwarder.ts'
import { stripeHost } from './stripe-host.ts'
import type { StripeTime } from './stripe-time.ts'

export interface ForwarderOptions {
  readonly secretKey: string
  /** An origin such as `http://127.0.0.1:4243`; null: Stripe's own. */
  readonly apiBase: string | null
  readonly wires: StripeWires
  /** Of the Stripe at that address. */
  readonly time: Pick<StripeTime, 'note'>
  /**
   * For an answer in JSON: from the last byte that was sent to the last that came. For a file, either way: how long
   * nothing may move.
   */
  readonly timeoutMs: number
}

/** A file that moves all the time, but hardly, ends after so many times the time of a call. */
const FILE_TIMES = 20

export function createStripeForwarder(options: ForwarderOptions): StripeForwarder {
  const { secretKey, apiBase, wires, time, timeoutMs } = options
  return {
    async forward(given) {
      const request = { ...given, signal: AbortSignal.any([given.signal, wires.letGo]) }
      const base = apiBase === null ? stripeHost(request) : new URL(apiBase)
      // What cannot be sent twice takes a fresh connection: a kept one may be closed already.
      const isKept = request.isRepeatable && !(request.body instanceof Readable)
      const agents = isKept ? wires.kept : wires.fresh
      const how = { base, secretKey, timeoutMs, time }
      const first = await send(request, { ...how, agents })
      if (first.outcome !== 'stale') return first
      const second = await send(request, { ...how, agents: wires.fresh })
      if (second.outcome === 'stale') throw new Error('A fresh connection cannot be stale')
      // Stripe may have done it before it let go of the kept connection: what befell the repeat says nothing of that.
      if (second.outcome !== 'not_sent') return second
      return { outcome: 'unknown', error: failure(second.error.cause, { hasTimedOut: false, maySee: true }) }
    },
  }
}

interface Sending {
  readonly base: URL
  readonly secretKey: string
  readonly timeoutMs: number
  readonly time: Pick<StripeTime, 'note'>
  readonly agents: StripeAgents
}

/** `stale`: the kept connection was closed before it brought a byte. */
type Sent = Forwarded | { readonly outcome: 'stale' }

function send(request: StripeRequest, { base, secretKey, timeoutMs, time, agents }: Sending): Promise<Sent> {
  const { body, signal } = request
  const protocol = base.protocol === 'http:' ? 'http:' : 'https:'
  const headers = { ...request.headers, ...framingOf(request), authorization: `Bearer ${secretKey}` }
  return new Promise((resolve) => {
    const open = protocol === 'http:' ? openHttp : openHttps
    const upstream = open({
      protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      method: request.method,
      path: request.path,
      headers,
      agent: agents[protocol],
      timeout: timeoutMs,
      signal,
    })
    let isConnected = false
    let hasTimedOut = false
    let answer: IncomingMessage | null = null
    let bodyFailure: unknown = null
    /** Nothing happens once there is an outcome. */
    const fail = (error: unknown) => {
      const maySee = isConnected && upstream.writableEnded
      resolve({
        outcome: maySee ? 'unknown' : 'not_sent',
        error: failure(bodyFailure ?? error, { hasTimedOut, maySee }),
      })
    }

    upstream.on('socket', (socket: Socket | TLSSocket) => {
      const event = protocol === 'https:' ? 'secureConnect' : 'connect'
      if (upstream.reusedSocket) isConnected = true
      else socket.once(event, () => (isConnected = true))
    })
    const endLate = () => {
      hasTimedOut = true
      const isStalled = body instanceof Readable && !upstream.writableEnded && !upstream.writableNeedDrain
      if (isStalled) bodyFailure = stalledBody()
      // Without an argument the answer would merely end.
      answer?.destroy(new Error('Stripe fell silent'))
      upstream.destroy(new Error('Its time is over'))
    }
    const stopFileTimer = timer(FILE_TIMES * timeoutMs, endLate)
    let stopCallTimer = () => {}
    upstream.on('timeout', endLate)
    upstream.on('finish', () => {
      stopCallTimer = timer(timeoutMs, endLate)
    })
    upstream.on('response', (message) => {
      answer = message
      time.note(message.headers)
      if (!isJson(message)) stopCallTimer()
      resolve({ outcome: 'answered', answer: answerOf(message) })
    })
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (answer !== null) return
      const isStale = upstream.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      if (isStale && !signal.aborted && !hasTimedOut) return resolve({ outcome: 'stale' })
      fail(error)
    })
    // Also where neither answer nor error came, as when Stripe's side switches protocols.
    upstream.on('close', () => {
      stopCallTimer()
      stopFileTimer()
      fail(new Error('The connection was closed'))
    })

    if (!(body instanceof Readable)) {
      upstream.end(body ?? undefined)
      return
    }
    const giveUp = (error: Error) => {
      bodyFailure = error
      upstream.destroy(error)
    }
    // It may have broken off while the call was written down.
    if (body.errored !== null) return giveUp(body.errored)
    body.once('error', giveUp)
    body.pipe(upstream)
  })
}

/**
 * Where a body ends: with GET and DELETE Node leaves that open for a stream of unknown length, and Stripe would read what
 * follows as another request.
 */
function framingOf({ body, headers }: StripeRequest): Record<string, string> {
  if (headers['content-length'] !== undefined || body === null) return {}
  return body instanceof Readable
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': String(body.length) }
}

function isJson({ headers }: IncomingMessage): boolean {
  return /\bjson\b/i.test(headers['content-type'] ?? '')
}

/** @returns the way to stop it. */
function timer(ms: number, run: () => void): () => void {
  const started = setTimeout(run, ms).unref()
  return () => clearTimeout(started)
}

function answerOf(message: IncomingMessage): StripeAnswer {
  const { rawHeaders } = message
  const headers: [string, string][] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''])
  }
  return { status: message.statusCode ?? 0, headers, body: message }
}

function stalledBody(): ServiceError {
  return new ServiceError('body_invalid', { message: 'The body of the request stopped arriving.' })
}

function failure(
  cause: unknown,
  { hasTimedOut, maySee }: { readonly hasTimedOut: boolean; readonly maySee: boolean },
): ServiceError {
  if (cause instanceof ServiceError) return cause
  const known = maySee
    ? 'Whether Stripe has done it is not known: repeat it with the same Idempotency-Key, or look.'
    : 'Stripe has not acted on it; repeating it is safe.'
  return hasTimedOut
    ? new ServiceError('stripe_timeout', { message: `Stripe did not answer in time. ${known}`, cause })
    : new ServiceError('stripe_unreachable', {
        message: `The connection to Stripe ${maySee ? 'broke before an answer came' : 'could not be made or broke'}. ${known}`,
        cause,
      })
}
