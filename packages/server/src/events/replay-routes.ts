/** `/v1/admin/events/…`: has events handled again that were given up. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ReplayEvents } from './replay-events.ts'

export interface ReplayRoutesDeps {
  readonly replay: ReplayEvents
  readonly appAdmin: AppAdmin
}

const MOST_IN_ONE_REQUEST = 10_000

const seconds = z.int({ error: 'must be a whole number of seconds since the epoch' }).min(0).optional()

const selectionSchema = z.strictObject({
  state: z
    .enum(['dead', 'failed'], { error: 'must be dead or failed' })
    .default('dead')
    .describe('`failed`: those that wait for their next try.'),
  where: z.string().optional().describe('A condition over the columns of StripeEvents.'),
  type: z.string().min(1).optional(),
  received: z
    .strictObject({ gte: seconds, lt: seconds })
    .optional()
    .describe('When the events were received; seconds since the epoch.'),
  limit: z
    .int({ error: `must be a whole number from 1 to ${MOST_IN_ONE_REQUEST}` })
    .min(1, { error: `must be a whole number from 1 to ${MOST_IN_ONE_REQUEST}` })
    .max(MOST_IN_ONE_REQUEST, { error: `must be a whole number from 1 to ${MOST_IN_ONE_REQUEST}` })
    .default(MOST_IN_ONE_REQUEST),
  dry_run: z.boolean({ error: 'must be true or false' }).default(false).describe('true: only counts.'),
})

const doc = (it: Omit<RouteDoc, 'tag' | 'keys' | 'query' | 'scope'>) => ({
  config: {
    doc: {
      ...it,
      tag: 'Events',
      keys: ['operator', 'server'],
      scope: 'payments',
      query: administeredQuery,
    } satisfies RouteDoc,
  },
})

const REPLAY_ONE = doc({
  summary: 'Have a dead or failed event handled again',
  description: 'An event that is handled stays as it is: each takes effect once.',
  answer: z.object({
    object: z.literal('event_replay'),
    event: z.string(),
    outcome: z.enum(['replayed', 'already_handled', 'under_way']),
  }),
})

const REPLAY_ALL = doc({
  summary: 'Have all dead or failed events handled again that a selection names',
  body: selectionSchema,
  answer: z.object({
    object: z.literal('event_replay'),
    dry_run: z.boolean(),
    matched: z.int().describe('How many events the selection names.'),
    replayed: z.int(),
    has_more: z.boolean().describe('true: more are named than `limit` let through.'),
  }),
})

export function registerReplayRoutes(fastify: FastifyInstance, { replay, appAdmin }: ReplayRoutesDeps): void {
  fastify.post<{ Params: { eventId: string } }>(
    '/v1/admin/events/:eventId/replay',
    REPLAY_ONE,
    async (request) => {
      const { appId } = await appAdmin(request)
      const { eventId } = request.params
      return { object: 'event_replay', event: eventId, outcome: await replay.one(appId, eventId) }
    },
  )

  fastify.post('/v1/admin/events/replay', REPLAY_ALL, async (request) => {
    const { appId } = await appAdmin(request)
    const body = parseBody(selectionSchema, request.body)
    const { matched, replayed } = await replay.all(appId, {
      state: body.state,
      where: body.where,
      type: body.type,
      from: inMilliseconds(body.received?.gte),
      to: inMilliseconds(body.received?.lt),
      limit: body.limit,
      isDryRun: body.dry_run,
    })
    return {
      object: 'event_replay',
      dry_run: body.dry_run,
      matched,
      replayed,
      has_more: !body.dry_run && matched > body.limit,
    }
  })
}

function inMilliseconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000
}
