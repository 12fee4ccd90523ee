/** `/v1/alarms`: what an operator must look at. */
import type { FastifyInstance } from 'fastify'
import { parseBody } from '../http/parse-body.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { Alarm, AlarmStore } from '../store/alarm-store.ts'
import { alarmsQuerySchema } from './schema.ts'

export interface AlarmRoutesDeps {
  readonly alarms: Pick<AlarmStore, 'list'>
  readonly serverCaller: ServerCaller
}

export function registerAlarmRoutes(
  fastify: FastifyInstance,
  { alarms, serverCaller }: AlarmRoutesDeps,
): void {
  fastify.get('/v1/alarms', async (request) => {
    const appId = await serverCaller(request)
    const { status, limit } = parseBody(alarmsQuerySchema, request.query)
    const found = await alarms.list({ appId, onlyStanding: status === 'standing', limit: limit + 1 })
    const data = found.slice(0, limit).map(alarmJson)
    return { object: 'list', url: '/v1/alarms', has_more: found.length > limit, data }
  })
}

/** Times are in seconds, as Stripe's are. */
function alarmJson({ kind, subject, message, firstSeen, lastSeen, count, clearedAt }: Alarm) {
  return {
    object: 'alarm',
    kind,
    subject,
    message,
    first_seen: seconds(firstSeen),
    last_seen: seconds(lastSeen),
    count,
    cleared_at: clearedAt === null ? null : seconds(clearedAt),
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
