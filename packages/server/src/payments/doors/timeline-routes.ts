/** `GET /v1/payments/:id/timeline`. */
import type { FastifyInstance } from 'fastify'
import { ServiceError } from '../../errors.ts'
import type { EventStore } from '../../store/event-store.ts'
import type { PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import { assertServer, type CallerDeps, callerOf } from './caller-of.ts'
import { readTimeline, timelineSchema } from './timeline.ts'

export interface TimelineRoutesDeps extends CallerDeps {
  readonly events: Pick<EventStore, 'page' | 'handling'>
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent' | 'history'>
}

export function registerTimelineRoute(fastify: FastifyInstance, deps: TimelineRoutesDeps): void {
  const { events, attempts } = deps
  const doc = {
    summary: 'What happened to a payment, in order',
    description: 'The calls to Stripe, each written down before it was made, and the events that came.',
    tag: 'Payments',
    keys: ['server'],
    scope: 'read',
    answer: timelineSchema,
    takesAccount: true,
  } as const

  fastify.get<{ Params: { readonly id: string } }>(
    '/v1/payments/:id/timeline',
    { config: { doc } },
    async (request) => {
      const { principal, account } = await callerOf(request, deps)
      assertServer(principal, 'The timeline of a payment')
      const { appId } = principal
      const { id } = request.params
      const order = await attempts.findOrderByIntent(appId, account, id)
      const of = { account, paymentIntentId: id, orderId: order?.orderId ?? null }
      const made = await attempts.history(appId, of)
      const data = await readTimeline(events, { appId, paymentIntentId: id }, made)
      if (data.length === 0) {
        throw new ServiceError('resource_missing', {
          message: `There is no payment ${id.slice(0, 80)} in this app.`,
          param: 'id',
        })
      }
      return { object: 'list', url: `/v1/payments/${id}/timeline`, has_more: false, data }
    },
  )
}
