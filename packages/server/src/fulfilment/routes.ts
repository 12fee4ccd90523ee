/** What was paid and is not delivered yet: the list, and the word that it was. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { idempotencyKeyHeader } from '../http/idempotency-key.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import { paymentJson, paymentSchema } from '../payment-state/payment-json.ts'
import type { FulfilOutcome, PaymentStore } from '../store/payment-store.ts'
import { unfulfilledQuerySchema } from './schema.ts'

export interface FulfilmentRoutesDeps {
  readonly payments: Pick<PaymentStore, 'find' | 'unfulfilled' | 'markFulfilled'>
  /** Asks Stripe about the payment, and takes the answer in: its events may still be on their way. */
  reread(appId: string, paymentId: string): Promise<void>
  readonly serverCaller: ServerCaller
  readonly clock: Clock
}

const LIST_DOC: RouteDoc = {
  summary: 'List what is paid and not delivered yet',
  description: 'The oldest first. Payments that were given back in full are left out.',
  tag: 'Payments',
  keys: ['server'],
  scope: 'read',
  query: unfulfilledQuerySchema,
  answer: z.object({
    object: z.literal('list'),
    url: z.string(),
    has_more: z.boolean(),
    data: z.array(paymentSchema),
  }),
}

const FULFIL_DOC: RouteDoc = {
  summary: 'Say that the order of a payment is delivered',
  description:
    'The first call wins, and answers newly_fulfilled: true: deliver then, and only then. With an Idempotency-Key, a repeat after a lost answer hears the same. Takes the id of a PaymentIntent or of a charge.',
  isIdempotent: true,
  tag: 'Payments',
  keys: ['server'],
  scope: 'payments',
  answer: paymentSchema.extend({ newly_fulfilled: z.boolean() }),
}

export function registerFulfilmentRoutes(fastify: FastifyInstance, deps: FulfilmentRoutesDeps): void {
  const { payments, serverCaller, clock } = deps

  /** Who asks before the webhook has come must not hear that nothing was paid. */
  async function markFulfilled(appId: string, id: string, key: string | null): Promise<FulfilOutcome> {
    const first = await payments.markFulfilled(appId, id, { key, now: clock.now() })
    if (first.outcome !== 'unknown' && first.outcome !== 'not_paid') return first
    await deps.reread(appId, first.outcome === 'unknown' ? id : first.payment.id)
    return payments.markFulfilled(appId, id, { key, now: clock.now() })
  }

  /** The oldest first: who waits longest. */
  fastify.get('/v1/payments/unfulfilled', { config: { doc: LIST_DOC } }, async (request) => {
    const appId = await serverCaller(request)
    const { limit, starting_after: last } = parseBody(unfulfilledQuerySchema, request.query)
    const after = last === undefined ? null : await payments.find(appId, last)
    if (last !== undefined && after === null) throw unknownPayment(last, 'starting_after')
    const place = after === null ? {} : { after: { created: after.created, id: after.id } }
    const found = await payments.unfulfilled({ appId, limit: limit + 1, ...place })
    return {
      object: 'list',
      url: '/v1/payments/unfulfilled',
      has_more: found.length > limit,
      data: found.slice(0, limit).map((payment) => paymentJson(payment, payment.fulfilledAt)),
    }
  })

  /** `newly_fulfilled` is true for exactly one call, and its repeats: deliver when it is. */
  fastify.post<{ Params: { id: string } }>(
    '/v1/payments/:id/fulfill',
    { config: { doc: FULFIL_DOC } },
    async (request) => {
      const appId = await serverCaller(request)
      const { id } = request.params
      const key = idempotencyKeyHeader(request.headers['idempotency-key'])
      const result = await markFulfilled(appId, id, key)
      if (result.outcome === 'unknown') throw unknownPayment(id)
      const { payment } = result
      if (result.outcome === 'not_paid') {
        throw new ServiceError('payment_not_paid', {
          message: `Payment ${payment.id} has the status ${payment.status}: deliver once it has succeeded.`,
          details: { payment_status: payment.status },
        })
      }
      return { ...paymentJson(payment, payment.fulfilledAt), newly_fulfilled: result.outcome === 'fulfilled' }
    },
  )
}

function unknownPayment(id: string, param?: string): ServiceError {
  return new ServiceError('resource_missing', {
    message: `There is no payment ${id} in this app.`,
    ...(param === undefined ? {} : { param }),
  })
}
