/** `POST /v1/payments`: a payment begins. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertMayPay } from '../caller.ts'
import { assertActsFor, requireCustomer } from './acting-customer.ts'
import { assertServer } from './caller-of.ts'
import { paymentAnswerSchema, paymentStatusSchema } from './payment-answer.ts'
import { markRepeat, PAYERS, type PaymentDoor, paying, paymentDoc } from './payment-door.ts'
import { createPaymentSchema, parsePaymentBody } from './payment-schema.ts'
import { readPaymentInput } from './read-payment-input.ts'
import { withShown } from './shown-proofs.ts'

export function registerCreatePayment(fastify: FastifyInstance, door: PaymentDoor): void {
  const { payments, callerOf, answer, tellPayer } = door
  fastify.post(
    '/v1/payments',
    paymentDoc({
      summary: 'Create a payment',
      description:
        'With a token it is charged at once. `requires_action` is a normal answer: `next_action` says what to do. An order is charged once, however often the request comes. Without order_id, Idempotency-Key and single-use token, an equal request with a card is a repeat for REPEAT_WINDOW_SECONDS, and says so (Idempotent-Replayed: true).',
      keys: PAYERS,
      scope: 'payments',
      body: createPaymentSchema,
      answer: z.union([paymentAnswerSchema, paymentStatusSchema]),
      ...paying,
    }),
    async (request, reply) => {
      const caller = await callerOf(request)
      assertMayPay(caller.principal)
      const body = parsePaymentBody(createPaymentSchema, request.body)
      if (body.off_session !== undefined) assertServer(caller.principal, 'The field off_session')
      if (body.customer !== undefined) assertActsFor(caller, body.customer, 'The field customer')
      if (body.save_card !== undefined) requireCustomer(caller, 'The field save_card')
      const payer = withShown({ ...caller, captcha: body.captcha ?? null }, body)
      const paid = await tellPayer(payer, () => payments.pay(payer, readPaymentInput(body)))
      markRepeat(reply, paid)
      if (paid.isAskers) return answer(payer, paid)
      const { id, status } = paid.intent
      return { object: 'payment', id, status }
    },
  )
}
