/** What a payer does with a payment that has begun: pays with a card, and takes another price. */
import type { FastifyInstance } from 'fastify'
import { assertMayPay } from '../caller.ts'
import { confirmParams } from '../terms/intent-params.ts'
import { assertServer } from './caller-of.ts'
import { paymentAnswerSchema } from './payment-answer.ts'
import { type ById, intentId, PAYERS, type PaymentDoor, paying, paymentDoc } from './payment-door.ts'
import { changePriceSchema, confirmPaymentSchema, parsePaymentBody } from './payment-schema.ts'
import { readAskedPrice } from './read-payment-input.ts'
import { readShownPrice } from './read-shown-price.ts'
import { withShown } from './shown-proofs.ts'

export function registerPayerRoutes(fastify: FastifyInstance, door: PaymentDoor): void {
  const { payments, callerOf, answer, change } = door
  fastify.post<ById>(
    '/v1/payments/:id/confirm',
    paymentDoc({
      summary: 'Pay with a card, or once more after a decline',
      description:
        '`amount` and `currency` are the price that the payer was shown, and a client must send them: a payment whose price has changed since is answered `price_mismatch`, and nothing is charged.',
      keys: PAYERS,
      scope: 'payments',
      body: confirmPaymentSchema,
      answer: paymentAnswerSchema,
      ...paying,
    }),
    async (request, reply) => {
      const caller = await callerOf(request)
      const { principal } = caller
      assertMayPay(principal)
      const body = parsePaymentBody(confirmPaymentSchema, request.body)
      if (body.off_session !== undefined) assertServer(principal, 'The field off_session')
      const paymentIntentId = intentId(request.params.id)
      const shown = readShownPrice(principal, body)
      const card = body.token ?? body.payment_method ?? null
      const how = { returnUrl: body.return_url ?? null, offSession: body.off_session ?? false }
      const { refund: _, ...payment } = await change(
        withShown({ ...caller, captcha: body.captcha ?? null }, body),
        {
          operation: 'confirm',
          paymentIntentId,
          params: { ...confirmParams({ card, ...how }) },
          card,
          ...(shown === null ? {} : { shown }),
        },
        reply,
      )
      return payment
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/price',
    paymentDoc({
      summary: 'Change the price of an unpaid payment',
      description:
        'The price policy decides as for a new payment. Refused as soon as anything is paid, held or under way. The order has the new price from then on. A price that a server key set, a client changes only with a quote.',
      keys: PAYERS,
      scope: 'payments',
      body: changePriceSchema,
      answer: paymentAnswerSchema,
      ...paying,
    }),
    async (request) => {
      const caller = await callerOf(request)
      assertMayPay(caller.principal)
      const body = parsePaymentBody(changePriceSchema, request.body)
      const paymentIntentId = intentId(request.params.id)
      const payer = withShown(caller, body)
      return answer(
        payer,
        await payments.changePrice(payer, { paymentIntentId, asked: readAskedPrice(body) }),
      )
    },
  )
}
