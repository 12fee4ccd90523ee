/** What only the app's own server does with a payment: capture, cancel, refund. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Change } from '../change-payment.ts'
import { LATEST_CHARGE } from '../terms/intent-params.ts'
import { assertServer } from './caller-of.ts'
import { paymentAnswerSchema, refundAnswerSchema } from './payment-answer.ts'
import { type ById, intentId, moving, type PaymentDoor, paymentDoc } from './payment-door.ts'
import {
  cancelPaymentSchema,
  capturePaymentSchema,
  parsePaymentBody,
  refundPaymentSchema,
} from './payment-schema.ts'

export function registerOwnerRoutes(fastify: FastifyInstance, door: PaymentDoor): void {
  const { callerOf, change } = door

  async function serverChange(
    request: FastifyRequest<ById>,
    reply: FastifyReply,
    it: Pick<Change, 'operation' | 'params'> & { readonly what: string },
  ) {
    const caller = await callerOf(request)
    assertServer(caller.principal, it.what)
    return change(caller, { ...it, paymentIntentId: intentId(request.params.id), card: null }, reply)
  }

  fastify.post<ById>(
    '/v1/payments/:id/capture',
    paymentDoc({
      summary: 'Take the money that is held, whole or in part',
      keys: ['server'],
      scope: 'payments',
      body: capturePaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request, reply) => {
      const { amount } = parsePaymentBody(capturePaymentSchema, request.body)
      const params = { expand: LATEST_CHARGE, ...(amount === undefined ? {} : { amount_to_capture: amount }) }
      const { refund: _, ...payment } = await serverChange(request, reply, {
        operation: 'capture',
        params,
        what: 'Capturing',
      })
      return payment
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/cancel',
    paymentDoc({
      summary: 'Cancel a payment that is not paid, and let go what is held',
      keys: ['server'],
      scope: 'payments',
      body: cancelPaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request, reply) => {
      const { reason } = parsePaymentBody(cancelPaymentSchema, request.body)
      const params = {
        expand: LATEST_CHARGE,
        ...(reason === undefined ? {} : { cancellation_reason: reason }),
      }
      const { refund: _, ...payment } = await serverChange(request, reply, {
        operation: 'cancel',
        params,
        what: 'Canceling',
      })
      return payment
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/refund',
    paymentDoc({
      summary: 'Give money back, whole or in part',
      description:
        'Without an Idempotency-Key an equal refund of a part is a repeat of the first for REPEAT_WINDOW_SECONDS, and says so (Idempotent-Replayed: true): two equal parts on purpose take a key each.',
      keys: ['server'],
      scope: 'refunds',
      body: refundPaymentSchema,
      answer: refundAnswerSchema,
      ...moving,
    }),
    async (request, reply) =>
      serverChange(request, reply, {
        operation: 'refund',
        params: parsePaymentBody(refundPaymentSchema, request.body),
        what: 'Refunding',
      }),
  )
}
