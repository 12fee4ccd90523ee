/** `/v1/alarms`: what an operator must look at. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { ServiceError } from '../errors.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import { alarmJson, alarmSchema } from './alarm-json.ts'
import type { AlarmDesk } from './create-alarms.ts'
import { alarmsQuerySchema } from './schema.ts'

export interface AlarmRoutesDeps {
  readonly alarms: Pick<AlarmDesk, 'list' | 'find' | 'clearByHand'>
  readonly serverCaller: ServerCaller
}

type AlarmRoute = { Params: { alarmId: string } }

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  config: { doc: { ...it, tag: 'Alarms', keys: ['server'] } satisfies RouteDoc },
})

const LIST = doc({
  summary: 'List what an operator must look at: alarms of the app, and of the whole server',
  scope: 'read',
  query: alarmsQuerySchema,
  answer: z.object({
    object: z.literal('list'),
    url: z.string(),
    has_more: z.boolean(),
    data: z.array(alarmSchema),
  }),
})
const RETRIEVE = doc({ summary: 'Retrieve an alarm', scope: 'read', answer: alarmSchema })
const CLEAR = doc({
  summary: 'Clear an alarm by hand',
  description:
    'One whose condition goes on stays quiet until that was over once; one that tells what happened is raised anew when it happens again.',
  scope: 'admin',
  answer: alarmSchema,
})

export function registerAlarmRoutes(
  fastify: FastifyInstance,
  { alarms, serverCaller }: AlarmRoutesDeps,
): void {
  fastify.get('/v1/alarms', LIST, async (request) => {
    const appId = await serverCaller(request)
    const { status, kind, limit } = parseBody(alarmsQuerySchema, request.query)
    const onlyStanding = status === 'standing'
    const query = { appId, onlyStanding, limit: limit + 1, ...(kind === undefined ? {} : { kind }) }
    const found = await alarms.list(query)
    const data = found.slice(0, limit).map(alarmJson)
    return { object: 'list', url: '/v1/alarms', has_more: found.length > limit, data }
  })

  fastify.get<AlarmRoute>('/v1/alarms/:alarmId', RETRIEVE, async (request) => {
    const appId = await serverCaller(request)
    const alarm = await alarms.find(request.params.alarmId, appId)
    if (alarm === null) throw unknownAlarm()
    return alarmJson(alarm)
  })

  fastify.post<AlarmRoute>('/v1/alarms/:alarmId/clear', CLEAR, async (request) => {
    const appId = await serverCaller(request)
    const alarm = await alarms.clearByHand(request.params.alarmId, appId)
    if (alarm === null) throw unknownAlarm()
    return alarmJson(alarm)
  })
}

function unknownAlarm(): ServiceError {
  return new ServiceError('resource_missing', { message: 'There is no alarm of that id in this app.' })
}
