/** Realtime over server-sent events: `GET /v1/stream`, resumable from any place of the log. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ClientPayloads, payloadView } from '../access/payload-view.ts'
import type { Principal } from '../access/principal.ts'
import { assertMayRead, type ReadPolicy } from '../access/read-access.ts'
import { type Standings, standingOf } from '../access/standings.ts'
import type { Budgets, Release } from '../budgets/create-budgets.ts'
import type { Holder } from '../budgets/holder.ts'
import { ServiceError } from '../errors.ts'
import { holderOf } from '../http/shown-key.ts'
import type { Log } from '../log.ts'
import type { Follower, FollowLog } from './follow-log.ts'
import { listenWithin } from './listen-request.ts'
import { createEventStream, type EventStream, type StreamLimits, streamLimits } from './sse/event-stream.ts'
import { OPENING, sendHead } from './sse/response-head.ts'
import { streamDoc } from './sse/stream-doc.ts'
import { readStreamRequest } from './sse/stream-request.ts'
import type { Timers } from './timers.ts'

export interface StreamRouteDeps {
  /** By header, or by `client_key` and `watch_token` in the query, since EventSource sets no headers. */
  authenticate(request: FastifyRequest): Promise<Principal>
  readonly standings: Pick<Standings, 'hold'>
  readonly follow: FollowLog
  readonly policy: ReadPolicy
  readonly clientPayloads: ClientPayloads
  readonly timers: Timers
  readonly log: Log
  readonly limits?: Partial<StreamLimits>
  readonly budgets: Pick<Budgets, 'openStream' | 'subscribe'>
  /** Serves the channel `alarms`, to server keys; absent: there is no such channel. */
  alarms?(reply: FastifyReply, principal: Principal): Promise<void>
}

const ALARMS_CHANNEL = 'alarms'

/** Streams end with the server: closing Fastify tells their readers and lets them go. */
export function registerStreamRoute(fastify: FastifyInstance, deps: StreamRouteDeps): void {
  const open = new Set<EventStream>()
  let stopping = false

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const principal = await deps.authenticate(request)
    if (deps.alarms !== undefined && isAboutAlarms(request)) {
      if (principal.role !== 'server') throw serverKeyRequired()
      return deps.alarms(reply, principal)
    }
    const { request: asked, start } = readStreamRequest(request)
    const listen = listenWithin(asked, assertMayRead(principal, asked.pins, deps.policy))
    if (stopping) throw shuttingDown()
    const release = takePlace(deps.budgets, holderOf(request, principal), request.url.length)
    sendHead(reply)
    reply.raw.once('close', release)
    // Gone while its token was checked: no `close` is left to come that would let go of a stream.
    if (reply.raw.destroyed) return release()
    const { stream, follower } = openStream(principal, reply, deps, () => open.delete(stream))
    open.add(stream)
    const reading = deps.follow({ ...follower, request: listen }, start)
    const letGo = deps.standings.hold(standingOf(principal, ['read']), (reason) => stream.end(reason))
    reply.raw.once('close', () => {
      reading.close()
      letGo()
    })
  }

  fastify.get('/v1/stream', { exposeHeadRoute: false, config: { doc: streamDoc } }, handle)
  fastify.addHook('preClose', async () => {
    stopping = true
    for (const stream of open) stream.end(shuttingDown())
  })
}

function isAboutAlarms(request: FastifyRequest): boolean {
  return (request.query as Readonly<Record<string, unknown>>)['channel'] === ALARMS_CHANNEL
}

function serverKeyRequired(): ServiceError {
  return new ServiceError('server_key_required', {
    message: 'The channel alarms takes a server key (tbk_…) with the scope read.',
  })
}

/** A stream is one subscription, whose condition stands in its address. */
function takePlace(budgets: StreamRouteDeps['budgets'], holder: Holder, characters: number): Release {
  const leave = budgets.openStream(holder)
  try {
    const unsubscribe = budgets.subscribe(holder, characters)
    return () => {
      leave()
      unsubscribe()
    }
  } catch (error) {
    leave()
    throw error
  }
}

function openStream(
  principal: Principal,
  reply: FastifyReply,
  { timers, log, clientPayloads, limits }: StreamRouteDeps,
  onClose: () => void,
): { stream: EventStream; follower: Omit<Follower, 'request'> } {
  const { appId } = principal
  const view = payloadView(principal, clientPayloads)
  const stream = createEventStream({
    response: reply.raw,
    timers,
    limits: { ...streamLimits, ...limits },
    onSlow() {
      log.warn({ appId, reason: 'slow_consumer', address: reply.request.ip }, 'A stream was dropped')
      stream.end(tooSlow())
    },
    onClose,
  })
  stream.write(OPENING)
  const follower: Omit<Follower, 'request'> = {
    appId,
    deliver: (publication) => stream.write(publication.streamFrame(view)),
    ready: () => stream.ready(),
    // An id without data: a reader that has received nothing yet still continues here after a broken connection.
    caughtUp: (position) => stream.write(`id: ${position}\n\n`),
    failed(error) {
      log.error({ err: error, appId }, 'Missed events could not be read for a stream')
      stream.end(storeUnavailable())
    },
  }
  return { stream, follower }
}

function tooSlow(): ServiceError {
  return new ServiceError('slow_consumer', {
    message: 'The events were not read as fast as they came. Come back with the last id to continue.',
  })
}

function storeUnavailable(): ServiceError {
  return new ServiceError('store_unavailable', {
    message: 'The events could not be read. Come back with the last id to continue.',
  })
}

function shuttingDown(): ServiceError {
  return new ServiceError('shutting_down', {
    message: 'The server is stopping. Come back with the last id to continue.',
  })
}
