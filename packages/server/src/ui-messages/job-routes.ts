/** What a process of the app's server asks: its callbacks, more time for one, and the end of one. */
import type { FastifyInstance } from 'fastify'
import { type Standings, standingOf } from '../access/standings.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ReadServerPrincipal, ServerCaller } from '../http/server-caller.ts'
import type { Log } from '../log.ts'
import type { UiMessageStore } from '../store/ui-message-store.ts'
import { type ConnectedServer, type JobHub, LEASE_MS } from './job-hub.ts'
import type { UiStreams } from './ports.ts'
import type { Presences } from './presences.ts'
import { ackAnswer, ackSchema, jobsQuerySchema, leaseAnswer, leaseSchema } from './schema.ts'

export interface JobRoutesDeps {
  readonly store: Pick<UiMessageStore, 'finishJob' | 'renewLease' | 'job'>
  readonly hub: JobHub
  readonly presences: Pick<Presences, 'enter' | 'leave'>
  readonly streams: UiStreams
  readonly serverCaller: ServerCaller
  readonly readServerPrincipal: ReadServerPrincipal
  readonly standings: Pick<Standings, 'hold'>
  readonly clock: Clock
  newId(): string
  readonly log: Log
}

type ById = { Params: { readonly id: string } }

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  doc: { ...it, tag: 'Messages to pages', keys: ['server'], scope: 'ui' } satisfies RouteDoc,
})

export function registerJobRoutes(fastify: FastifyInstance, deps: JobRoutesDeps): void {
  const { store, hub, presences, streams, serverCaller, clock, newId, log } = deps

  fastify.get(
    '/v1/ui/callbacks/stream',
    {
      exposeHeadRoute: false,
      config: doc({
        summary: 'Receive the callbacks to run (server-sent events)',
        description: 'Events: `callback`, `settled` and `ended`; PROTOCOL.md §7.5.',
        query: jobsQuerySchema,
        answer: 'text/event-stream',
      }),
    },
    async (request, reply) => {
      const principal = await deps.readServerPrincipal(request)
      const { appId } = principal
      const { handlers, instance = null, listens } = parseBody(jobsQuerySchema, request.query)
      const heardOf = positionOf(request.headers['last-event-id'])
      const lease = newId()
      // First seen by every process, then told that it is open: from then on its functions can be called.
      await presences.enter({ holder: lease, appId, page: null, instance })
      let leave = () => presences.leave(lease)
      const stream = opened(
        () => streams.open(reply, appId, () => leave()),
        () => leave(),
      )
      if (stream === null) return leave()
      const server: ConnectedServer = {
        appId,
        wish: { handlers, instance, listens: listens === '1' },
        lease,
        stream,
        heardOf,
      }
      let release = () => {}
      leave = () => {
        release()
        presences.leave(lease)
        hub.remove(server).catch((error: unknown) => {
          log.warn({ err: error, appId }, 'The callbacks of a process that left come due a little later')
        })
      }
      hub.add(server)
      release = deps.standings.hold(standingOf(principal, ['ui']), (reason) => stream.end(reason))
      void hub.wake()
    },
  )

  fastify.post<ById>(
    '/v1/ui/callbacks/:id/ack',
    {
      config: doc({
        summary: 'End a callback',
        description: 'The first one counts; all are answered alike.',
        body: ackSchema,
        answer: ackAnswer,
      }),
    },
    async (request) => {
      const appId = await serverCaller(request)
      const { outcome, error } = parseBody(ackSchema, request.body)
      const { id } = request.params
      const end = {
        state: outcome,
        error: outcome === 'failed' ? (error ?? 'It failed without a reason.') : null,
      }
      const job = await store.finishJob(appId, id, end, clock.now())
      if (job === null) throw unknownJob()
      if (job.state === 'failed') {
        log.warn(
          { appId, messageId: job.messageId, callback: job.callback },
          'A callback of the app’s server failed',
        )
      }
      return { object: 'ui_callback_end', id, outcome: job.state }
    },
  )

  fastify.post<ById>(
    '/v1/ui/callbacks/:id/lease',
    {
      config: doc({
        summary: 'Take more time for a callback',
        body: leaseSchema,
        answer: leaseAnswer,
      }),
    },
    async (request) => {
      const appId = await serverCaller(request)
      const { lease } = parseBody(leaseSchema, request.body)
      const { id } = request.params
      const until = clock.now() + LEASE_MS
      if ((await store.renewLease(appId, id, { token: lease, until })) === 'renewed') {
        return { object: 'ui_lease', id, lease_until: until }
      }
      if ((await store.job(appId, id)) === null) throw unknownJob()
      throw new ServiceError('ui_lease_lost', {
        message: 'This callback has been handed to somebody else, or is done; do not go on with it.',
      })
    },
  )
}

function unknownJob(): ServiceError {
  return new ServiceError('resource_missing', { message: 'There is no such callback.', param: 'id' })
}

function positionOf(header: string | string[] | undefined): number {
  if (header === undefined || header === '') return 0
  const position = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN
  if (!Number.isNaN(position)) return position
  throw new ServiceError('parameter_invalid', {
    message: 'Last-Event-ID must be the id of an event of this stream: a whole number.',
    param: 'Last-Event-ID',
  })
}

/** What was done before is undone where it is refused. */
function opened<T>(open: () => T, undo: () => void): T {
  try {
    return open()
  } catch (error) {
    undo()
    throw error
  }
}
