/** What is known of payments: the list, and one of them. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertMayRead } from '../../access/read-access.ts'
import { ServiceError } from '../../errors.ts'
import { type PaymentJson, paymentJson, paymentSchema } from '../../payment-state/payment-json.ts'
import { ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import { assertServer } from './caller-of.ts'
import { paymentAnswerSchema, paymentStatusSchema } from './payment-answer.ts'
import { type ById, intentId, type PaymentDoor, paymentDoc, unknownPayment } from './payment-door.ts'
import { listPaymentsSchema, parsePaymentBody } from './payment-schema.ts'

const staleAnswerSchema = paymentSchema.extend({
  stale: z
    .object({
      reason: z.string().describe('Why Stripe could not tell: a code of the error table.'),
      as_of: z.int().describe('Seconds since the epoch: so old is the newest that is known.'),
      age_seconds: z.int(),
    })
    .describe('Only where the answer comes from events, because Stripe could not tell.'),
})

type StaleAnswer = z.output<typeof staleAnswerSchema>

export function registerReadPayments(fastify: FastifyInstance, door: PaymentDoor): void {
  const { payments, attempts, stored, policy, callerOf, answer } = door
  const { proof } = payments
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
      description:
        'As Stripe has it now; as its events told it while Stripe cannot be reached. A client without a proof is told `id` and `status`.',
      keys: ['client', 'server', 'watch'],
      scope: 'read',
      answer: z.union([paymentAnswerSchema, staleAnswerSchema, paymentStatusSchema]),
      takesAccount: true,
      takesProof: true,
    }),
    async (request) => {
      const caller = await callerOf(request)
      const { principal, account } = caller
      const { appId } = principal
      const id = intentId(request.params.id)
      const beginning = await proof.beginningOf(caller, id)
      const isPayer = await proof.holds(caller, beginning)
      if (!isPayer) {
        assertMayRead(principal, new Map([['paymentIntentId', new Set([id])]]), policy)
        if (proof.isShown(caller)) await proof.noteRefusal(caller)
      }
      const told = (payment: { readonly id: string; readonly status: string }) =>
        ({ object: 'payment', id: payment.id, status: payment.status }) as const
      try {
        const intent = await payments.loadIntent({ appId, account }, id)
        if (!isPayer) return told(intent)
        return await answer(caller, { intent, orderId: beginning.orderId ?? orderOf(intent) })
      } catch (error) {
        const known = isUpstream(error) ? await stored.find(appId, id) : null
        if (known === null) throw error
        if (!isPayer) return told(known)
        const sold = await attempts.soldItems(appId, [id])
        return fromEvents(paymentJson(known, known.fulfilledAt, sold.get(id)), error, door.clock.now())
      }
    },
  )
}

function orderOf(intent: { readonly metadata: Readonly<Record<string, string>> }): string | null {
  return intent.metadata[ORDER_ID_METADATA] ?? null
}

/** Stripe cannot be asked, or does not know the payment any more, as a sandbox that was started anew. */
function isUpstream(error: unknown): error is ServiceError {
  if (!(error instanceof ServiceError)) return false
  return error.row.type === 'upstream_error' || NOT_TOLD.has(error.code)
}

const NOT_TOLD: ReadonlySet<string> = new Set([
  'resource_missing',
  'app_not_activated',
  'secret_unavailable',
  'account_unknown',
])

/** What is known is told, with how old it is and why nothing newer is known. */
function fromEvents(payment: PaymentJson, error: unknown, now: number): StaleAnswer {
  const age = Math.max(0, Math.floor(now / 1000) - payment.updated)
  const reason = error instanceof ServiceError ? error.code : 'internal'
  return { ...payment, stale: { reason, as_of: payment.updated, age_seconds: age } }
}
