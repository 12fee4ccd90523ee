/** `/v1/admin/brake`: stops all new charges of an app at once, on every node, until it is let go. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { Log } from '../log.ts'
import type { Brake, GuardStore } from '../store/guard-store.ts'

export interface BrakeRoutesDeps {
  readonly guard: Pick<GuardStore, 'brake' | 'setBrake'>
  readonly appAdmin: AppAdmin
  readonly log: Log
  now(): number
}

const brakeSchema = z.strictObject({
  on: z.boolean({ error: 'must be true or false' }),
  /** Payers see it. */
  reason: z
    .string({ error: 'must be a text of at most 200 characters, which payers see' })
    .trim()
    .max(200, { error: 'must be a text of at most 200 characters, which payers see' })
    .nullish()
    .transform((text) => (text === undefined || text === null || text === '' ? null : text)),
})

const brakeAnswer = z.object({
  object: z.literal('brake'),
  on: z.boolean(),
  reason: z.string().nullable().describe('Payers see it.'),
  changed: z.int().nullable().describe('Seconds since the epoch; null: it was never touched.'),
})

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  config: {
    doc: {
      ...it,
      tag: 'Charge guard',
      keys: ['operator', 'server'],
      query: administeredQuery,
    } satisfies RouteDoc,
  },
})

export function registerBrakeRoutes(fastify: FastifyInstance, deps: BrakeRoutesDeps): void {
  const { guard, appAdmin, log, now } = deps

  fastify.get(
    '/v1/admin/brake',
    doc({ summary: 'Retrieve the brake', scope: 'read', answer: brakeAnswer }),
    async (request) => {
      const { appId } = await appAdmin(request)
      return brakeJson(await guard.brake(appId))
    },
  )

  fastify.post(
    '/v1/admin/brake',
    doc({
      summary: 'Stop all new charges, or let them go on',
      scope: 'admin',
      body: brakeSchema,
      answer: brakeAnswer,
    }),
    async (request) => {
      const { appId, by } = await appAdmin(request)
      const { on, reason } = parseBody(brakeSchema, request.body)
      const brake = { appId, isOn: on, reason: on ? reason : null, changedAt: now() }
      await guard.setBrake(brake, {
        ...by,
        at: brake.changedAt,
        appId,
        action: 'brake.changed',
        target: null,
        details: { on, reason: brake.reason },
      })
      log.warn({ appId }, on ? 'The brake is on: new charges are refused' : 'The brake is off')
      return brakeJson(brake)
    },
  )
}

function brakeJson(brake: Brake | null) {
  return {
    object: 'brake',
    on: brake?.isOn ?? false,
    reason: brake?.reason ?? null,
    /** null: it was never touched. */
    changed: brake === null ? null : Math.floor(brake.changedAt / 1000),
  }
}
