/** `/v1/alarms`: what an operator must look at. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { Alarm, AlarmStore } from '../store/alarm-store.ts'
import { alarmsQuerySchema } from './schema.ts'

export interface AlarmRoutesDeps {
  readonly alarms: Pick<AlarmStore, 'list'>
  readonly serverCaller: ServerCaller
}

const seconds = z.int()
const alarmSchema = z.object({
  object: z.literal('alarm'),
  kind: z.enum(['amount_mismatch', 'webhooks_silent']),
  subject: z.string().describe('The payment, or the app, that it is about.'),
  message: z.string().describe('What is wrong, and what to do.'),
  first_seen: seconds,
  last_seen: seconds,
  count: z.int().describe('How often it was raised.'),
  cleared_at: seconds.nullable(),
})

const DOC: RouteDoc = {
  summary: 'List what an operator must look at',
  tag: 'Alarms',
  keys: ['server'],
  scope: 'read',
  query: alarmsQuerySchema,
  answer: z.object({
    object: z.literal('list'),
    url: z.string(),
    has_more: z.boolean(),
    data: z.array(alarmSchema),
  }),
}

export function registerAlarmRoutes(
  fastify: FastifyInstance,
  { alarms, serverCaller }: AlarmRoutesDeps,
): void {
  fastify.get('/v1/alarms', { config: { doc: DOC } }, async (request) => {
    const appId = await serverCaller(request)
    const { status, limit } = parseBody(alarmsQuerySchema, request.query)
    const found = await alarms.list({ appId, onlyStanding: status === 'standing', limit: limit + 1 })
    const data = found.slice(0, limit).map(alarmJson)
    return { object: 'list', url: '/v1/alarms', has_more: found.length > limit, data }
  })
}

/** Times are in seconds, as Stripe's are. */
function alarmJson({
  kind,
  subject,
  message,
  firstSeen,
  lastSeen,
  count,
  clearedAt,
}: Alarm): z.output<typeof alarmSchema> {
  return {
    object: 'alarm',
    kind,
    subject,
    message,
    first_seen: inSeconds(firstSeen),
    last_seen: inSeconds(lastSeen),
    count,
    cleared_at: clearedAt === null ? null : inSeconds(clearedAt),
  }
}

function inSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
