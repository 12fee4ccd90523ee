/** `POST /v1/payments`: a payment begins. */
import type { FastifyInstance } from 'fastify'
import { assertMayPay } from '../caller.ts'
import { assertServer } from './caller-of.ts'
import { paymentAnswerSchema } from './payment-answer.ts'
import { moving, PAYERS, type PaymentDoor, paymentDoc } from './payment-door.ts'
import { createPaymentSchema, parsePaymentBody } from './payment-schema.ts'
import { readPaymentInput } from './read-payment-input.ts'

export function registerCreatePayment(fastify: FastifyInstance, door: PaymentDoor): void {
  const { payments, callerOf, answer } = door
  fastify.post(
    '/v1/payments',
    paymentDoc({
      summary: 'Create a payment',
      description:
        'With a token it is charged at once. `requires_action` is a normal answer: `next_action` says what to do. An order is charged once, however often the request comes.',
      keys: PAYERS,
      scope: 'payments',
      body: createPaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request) => {
      const caller = await callerOf(request)
      assertMayPay(caller.principal)
      const body = parsePaymentBody(createPaymentSchema, request.body)
      for (const name of ['customer', 'save_card', 'off_session'] as const) {
        if (body[name] !== undefined) assertServer(caller.principal, `The field ${name}`)
      }
      const paid = await payments.pay({ ...caller, captcha: body.captcha ?? null }, readPaymentInput(body))
      return answer(caller, paid, true)
    },
  )
}
