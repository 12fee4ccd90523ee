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
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { FulfilOutcome, PaymentStore } from '../store/payment-store.ts'
import { notToDeliver } from './not-to-deliver.ts'
import { unfulfilledQuerySchema } from './schema.ts'

export interface FulfilmentRoutesDeps {
  /** What was sold. */
  readonly attempts: Pick<PaymentAttemptStore, 'soldItems'>
  readonly payments: Pick<PaymentStore, 'find' | 'unfulfilled' | 'markFulfilled'>
  /** Asks Stripe about the payment, and takes the answer in: its events may still be on their way. */
  reread(appId: string, paymentId: string): Promise<void>
  readonly serverCaller: ServerCaller
  readonly clock: Clock
}

const LIST_DOC: RouteDoc = {
  summary: 'List what is paid and not delivered yet',
  description:
    'The oldest first. Payments that were given back in full or are disputed are left out, and those whose order was delivered for another payment.',
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
    'The first call wins, among all payments of an order, and answers newly_fulfilled: true: deliver then, and only then. Stripe is asked first. What is not paid, given back in full or disputed is refused with payment_not_paid, payment_refunded or payment_disputed. With an Idempotency-Key, a repeat after a lost answer hears the same, unless the money has gone back meanwhile. Takes the id of a PaymentIntent or of a charge.',
  isIdempotent: true,
  tag: 'Payments',
  keys: ['server'],
  scope: 'payments',
  answer: paymentSchema.extend({
    newly_fulfilled: z.boolean(),
    fulfilled_by: z
      .string()
      .describe('The payment that the order was delivered for: another one, where two have paid it.'),
    partly_refunded: z.boolean().describe('A part was given back; amount_refunded says how much.'),
  }),
}

export function registerFulfilmentRoutes(fastify: FastifyInstance, deps: FulfilmentRoutesDeps): void {
  const { payments, serverCaller, clock } = deps

  /**
   * Goods do not come back, so Stripe is asked before: a webhook of the payment, of its refund or its dispute may be on
   * its way. While it cannot be asked, what its events have said so far decides, if they agree.
   */
  async function markFulfilled(appId: string, id: string, key: string | null): Promise<FulfilOutcome> {
    const known = await payments.find(appId, id)
    // A repeat is asked for anew: the answer that was lost may have become wrong.
    if (known === null || known.fulfilledAt === null || key !== null) {
      await deps.reread(appId, known?.id ?? id).catch((error: unknown) => {
        const isAway = error instanceof ServiceError && error.row.type === 'upstream_error'
        if (!isAway || known === null || known.needsReread || known.status !== 'succeeded') throw error
      })
    }
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
    const page = found.slice(0, limit)
    const sold = await deps.attempts.soldItems(
      appId,
      page.map(({ id }) => id),
    )
    return {
      object: 'list',
      url: '/v1/payments/unfulfilled',
      has_more: found.length > limit,
      data: page.map((payment) => paymentJson(payment, payment.fulfilledAt, sold.get(payment.id))),
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
      switch (result.outcome) {
        case 'not_paid':
        case 'refunded':
        case 'disputed':
          throw notToDeliver(result.outcome, payment)
        default: {
          const sold = await deps.attempts.soldItems(appId, [payment.id])
          const other = result.outcome === 'fulfilled_by_other' ? result.other : null
          return {
            ...paymentJson(payment, other?.fulfilledAt ?? payment.fulfilledAt, sold.get(payment.id)),
            newly_fulfilled: result.outcome === 'fulfilled',
            fulfilled_by: other?.paymentId ?? payment.id,
            partly_refunded: payment.amountRefunded > 0,
          }
        }
      }
    },
  )
}

function unknownPayment(id: string, param?: string): ServiceError {
  return new ServiceError('resource_missing', {
    message: `There is no payment ${id} in this app.`,
    ...(param === undefined ? {} : { param }),
  })
}
