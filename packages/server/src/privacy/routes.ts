/** `POST /v1/admin/forget`: takes a customer's personal data out of what this app has stored. */
import type { FastifyInstance } from 'fastify'
import { parseBody } from '../http/parse-body.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { ForgetCustomer } from './forget-customer.ts'
import { forgetSchema } from './schema.ts'

export interface PrivacyRoutesDeps {
  readonly forgetCustomer: ForgetCustomer
  readonly serverCaller: ServerCaller
}

export function registerPrivacyRoutes(
  fastify: FastifyInstance,
  { forgetCustomer, serverCaller }: PrivacyRoutesDeps,
): void {
  fastify.post('/v1/admin/forget', async (request) => {
    const appId = await serverCaller(request)
    const { customer } = parseBody(forgetSchema, request.body)
    const { events, eventsChanged, attemptsChanged } = await forgetCustomer(appId, customer)
    return {
      object: 'forgotten_customer',
      customer,
      events,
      events_changed: eventsChanged,
      attempts_changed: attemptsChanged,
    }
  })
}
