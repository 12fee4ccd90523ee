/** What is known of payments: the list, and one of them. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertMayRead } from '../../access/read-access.ts'
import { ServiceError } from '../../errors.ts'
import { paymentJson, paymentSchema } from '../../payment-state/payment-json.ts'
import { ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import { assertServer } from './caller-of.ts'
import { paymentAnswerSchema } from './payment-answer.ts'
import {
  type ById,
  intentId,
  mayHaveSecrets,
  type PaymentDoor,
  paymentDoc,
  unknownPayment,
} from './payment-door.ts'
import { listPaymentsSchema, parsePaymentBody } from './payment-schema.ts'

export function registerReadPayments(fastify: FastifyInstance, door: PaymentDoor): void {
  const { payments, attempts, stored, policy, callerOf, answer } = door
  fastify.get(
    '/v1/payments',
    paymentDoc({
      summary: 'List payments, the newest first',
      description:
        'As their events tell: a payment stands here once Stripe’s first webhook about it was stored.',
      keys: ['server'],
      scope: 'read',
      query: listPaymentsSchema,
      answer: z.object({
        object: z.literal('list'),
        url: z.string(),
        has_more: z.boolean(),
        data: z.array(paymentSchema),
      }),
    }),
    async (request) => {
      const caller = await callerOf(request)
      assertServer(caller.principal, 'The list of payments')
      const { appId } = caller.principal
      const query = parsePaymentBody(listPaymentsSchema, request.query)
      const last = query.starting_after
      const place = last === undefined ? null : await stored.find(appId, last)
      if (last !== undefined && place === null) throw unknownPayment(last, 'starting_after')
      const found = await stored.list({
        appId,
        limit: query.limit + 1,
        ...(place === null ? {} : { after: { created: place.created, id: place.id } }),
        ...(query.order_id === undefined ? {} : { orderId: query.order_id }),
        ...(query.status === undefined ? {} : { status: query.status }),
        ...(query.customer === undefined ? {} : { customerId: query.customer }),
        ...(query['created[gte]'] === undefined ? {} : { createdFrom: query['created[gte]'] }),
        ...(query['created[lte]'] === undefined ? {} : { createdTo: query['created[lte]'] }),
      })
      const page = found.slice(0, query.limit)
      const sold = await attempts.soldItems(
        appId,
        page.map(({ id }) => id),
      )
      return {
        object: 'list',
        url: '/v1/payments',
        has_more: found.length > query.limit,
        data: page.map((payment) => paymentJson(payment, payment.fulfilledAt, sold.get(payment.id))),
      }
    },
  )

  fastify.get<ById>(
    '/v1/payments/:id',
    paymentDoc({
      summary: 'Retrieve a payment',
      description: 'As Stripe has it now; as its events told it while Stripe cannot be reached.',
      keys: ['client', 'server', 'watch'],
      scope: 'read',
      answer: z.union([paymentAnswerSchema, paymentSchema]),
      takesAccount: true,
    }),
    async (request) => {
      const caller = await callerOf(request)
      const { principal, account } = caller
      const { appId } = principal
      const id = intentId(request.params.id)
      assertMayRead(principal, new Map([['paymentIntentId', new Set([id])]]), policy)
      const isPayer = mayHaveSecrets(principal, id)
      const order = await attempts.findOrderByIntent(appId, account, id)
      try {
        const intent = await payments.loadIntent({ appId, account }, id)
        return await answer(caller, { intent, orderId: order?.orderId ?? orderOf(intent) }, isPayer)
      } catch (error) {
        const known = isUpstream(error) ? await stored.find(appId, id) : null
        if (known === null) throw error
        const sold = await attempts.soldItems(appId, [id])
        return paymentJson(known, known.fulfilledAt, sold.get(id))
      }
    },
  )
}

function orderOf(intent: { readonly metadata: Readonly<Record<string, string>> }): string | null {
  return intent.metadata[ORDER_ID_METADATA] ?? null
}

function isUpstream(error: unknown): boolean {
  return error instanceof ServiceError && error.row.type === 'upstream_error'
}
