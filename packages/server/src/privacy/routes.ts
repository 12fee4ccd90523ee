/** `POST /v1/admin/forget`: takes a customer's personal data out of what this app has stored. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { AuditTrailStore } from '../store/audit-trail-store.ts'
import type { ForgetCustomer } from './forget-customer.ts'
import { forgetSchema } from './schema.ts'

export interface PrivacyRoutesDeps {
  readonly forgetCustomer: ForgetCustomer
  readonly auditTrail: Pick<AuditTrailStore, 'add'>
  readonly clock: Clock
  readonly appAdmin: AppAdmin
}

const DOC: RouteDoc = {
  summary: 'Take a customer’s personal data out of what is stored',
  tag: 'Privacy',
  keys: ['operator', 'server'],
  query: administeredQuery,
  scope: 'admin',
  body: forgetSchema,
  answer: z.object({
    object: z.literal('forgotten_customer'),
    customer: z.string(),
    events: z.int().describe('Events that are about the customer.'),
    events_changed: z.int(),
    attempts_changed: z.int(),
  }),
}

export function registerPrivacyRoutes(
  fastify: FastifyInstance,
  { forgetCustomer, appAdmin, auditTrail, clock }: PrivacyRoutesDeps,
): void {
  fastify.post('/v1/admin/forget', { config: { doc: DOC } }, async (request) => {
    const { appId, by } = await appAdmin(request)
    const { customer } = parseBody(forgetSchema, request.body)
    const { events, eventsChanged, attemptsChanged } = await forgetCustomer(appId, customer)
    await auditTrail.add({
      ...by,
      at: clock.now(),
      appId,
      action: 'customer.forgotten',
      target: customer,
      details: { events },
    })
    return {
      object: 'forgotten_customer',
      customer,
      events,
      events_changed: eventsChanged,
      attempts_changed: attemptsChanged,
    }
  })
}
