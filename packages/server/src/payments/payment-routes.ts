/** `/v1/payments`: what an app does with a payment, from its creation to its refund. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { assertMayRead, type ReadPolicy } from '../access/read-access.ts'
import type { WatchTokens } from '../access/watch-token.ts'
import { ServiceError } from '../errors.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import { paymentJson, paymentSchema } from '../payment-state/payment-json.ts'
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import { ORDER_ID_METADATA } from '../stripe/event-facts.ts'
import { assertServer, callerOf } from './caller-of.ts'
import type { Change, Changed } from './change-payment.ts'
import type { Payments } from './create-payments.ts'
import { confirmParams, LATEST_CHARGE } from './intent-params.ts'
import { assertMayPay, type Caller } from './pay.ts'
import {
  type PaymentAnswer,
  paymentAnswer,
  paymentAnswerSchema,
  refundAnswerSchema,
} from './payment-answer.ts'
import {
  cancelPaymentSchema,
  capturePaymentSchema,
  changePriceSchema,
  confirmPaymentSchema,
  createPaymentSchema,
  listPaymentsSchema,
  parsePaymentBody,
  refundPaymentSchema,
} from './payment-schema.ts'
import { readAskedPrice, readPaymentInput } from './read-payment-input.ts'
import { watchScope } from './watch-scope.ts'

export interface PaymentRoutesDeps {
  readonly payments: Pick<Payments, 'pay' | 'change' | 'changePrice' | 'loadIntent'>
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent'>
  readonly stored: Pick<PaymentStore, 'find' | 'list'>
  authenticate(request: FastifyRequest): Promise<Principal>
  readonly watchTokens: Pick<WatchTokens, 'sign'>
  readonly policy: ReadPolicy
}

interface ById {
  Params: { readonly id: string }
}

const tag = 'Payments'
const PAYERS = ['client', 'server'] as const
const doc = (it: Omit<RouteDoc, 'tag'>): { config: { doc: RouteDoc } } => ({
  config: { doc: { tag, ...it } },
})
const moving = { isIdempotent: true, takesAccount: true } as const

export function registerPaymentRoutes(fastify: FastifyInstance, deps: PaymentRoutesDeps): void {
  const { payments, stored, policy, authenticate, watchTokens } = deps

  /** The payment for who pays it or owns it; a reader who only knows its id gets neither secret nor token. */
  async function answer(
    caller: Caller,
    { intent, orderId }: Pick<Changed, 'intent' | 'orderId'>,
    isPayer: boolean,
  ): Promise<PaymentAnswer> {
    const { appId } = caller.principal
    return paymentAnswer(intent, {
      orderId,
      account: caller.account,
      stored: await stored.find(appId, intent.id),
      watchToken: isPayer ? await watchTokens.sign(appId, watchScope(intent, orderId)) : null,
      isPayer,
    })
  }

  async function change(caller: Caller, it: Change): Promise<PaymentAnswer & { refund: string | null }> {
    const changed = await payments.change(caller, it)
    return { ...(await answer(caller, changed, true)), refund: changed.refundId }
  }

  async function serverChange(
    request: FastifyRequest<ById>,
    it: Pick<Change, 'operation' | 'params'> & { readonly what: string },
  ) {
    const caller = await callerOf(request, authenticate)
    assertServer(caller.principal, it.what)
    return change(caller, { ...it, paymentIntentId: intentId(request.params.id), card: null })
  }

  fastify.post(
    '/v1/payments',
    doc({
      summary: 'Create a payment',
      description:
        'With a token it is charged at once. `requires_action` is a normal answer: `next_action` says what to do. An order is charged once, however often the request comes.',
      keys: PAYERS,
      body: createPaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request) => {
      const caller = await callerOf(request, authenticate)
      assertMayPay(caller.principal)
      const body = parsePaymentBody(createPaymentSchema, request.body)
      for (const name of ['customer', 'save_card', 'off_session'] as const) {
        if (body[name] !== undefined) assertServer(caller.principal, `The field ${name}`)
      }
      const paid = await payments.pay({ ...caller, captcha: body.captcha ?? null }, readPaymentInput(body))
      return answer(caller, paid, true)
    },
  )

  fastify.get(
    '/v1/payments',
    doc({
      summary: 'List payments, the newest first',
      description:
        'As their events tell: a payment stands here once Stripe’s first webhook about it was stored.',
      keys: ['server'],
      query: listPaymentsSchema,
      answer: z.object({
        object: z.literal('list'),
        url: z.string(),
        has_more: z.boolean(),
        data: z.array(paymentSchema),
      }),
    }),
    async (request) => {
      const caller = await callerOf(request, authenticate)
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
      return {
        object: 'list',
        url: '/v1/payments',
        has_more: found.length > query.limit,
        data: found.slice(0, query.limit).map((payment) => paymentJson(payment, payment.fulfilledAt)),
      }
    },
  )

  fastify.get<ById>(
    '/v1/payments/:id',
    doc({
      summary: 'Retrieve a payment',
      description: 'As Stripe has it now; as its events told it while Stripe cannot be reached.',
      keys: ['client', 'server', 'watch'],
      answer: z.union([paymentAnswerSchema, paymentSchema]),
      takesAccount: true,
    }),
    async (request) => {
      const caller = await callerOf(request, authenticate)
      const { principal, account } = caller
      const { appId } = principal
      const id = intentId(request.params.id)
      assertMayRead(principal, new Map([['paymentIntentId', new Set([id])]]), policy)
      const isPayer = mayHaveSecrets(principal, id)
      const order = await deps.attempts.findOrderByIntent(appId, account, id)
      try {
        const intent = await payments.loadIntent({ appId, account }, id)
        return await answer(caller, { intent, orderId: order?.orderId ?? orderOf(intent) }, isPayer)
      } catch (error) {
        const known = isUpstream(error) ? await stored.find(appId, id) : null
        if (known === null) throw error
        return paymentJson(known, known.fulfilledAt)
      }
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/confirm',
    doc({
      summary: 'Pay with a card, or once more after a decline',
      description:
        'With `amount`, the price that the payer was shown, a payment whose price has changed since is answered `price_mismatch`, and nothing is charged.',
      keys: PAYERS,
      body: confirmPaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request) => {
      const caller = await callerOf(request, authenticate)
      const { principal } = caller
      assertMayPay(principal)
      const body = parsePaymentBody(confirmPaymentSchema, request.body)
      if (body.off_session !== undefined) assertServer(principal, 'The field off_session')
      const paymentIntentId = intentId(request.params.id)
      assertMayRead(principal, new Map([['paymentIntentId', new Set([paymentIntentId])]]), policy)
      const card = body.token ?? body.payment_method ?? null
      const how = { returnUrl: body.return_url ?? null, offSession: body.off_session ?? false }
      const { refund: _, ...payment } = await change(
        { ...caller, captcha: body.captcha ?? null },
        {
          operation: 'confirm',
          paymentIntentId,
          params: { ...confirmParams({ card, ...how }) },
          card,
          ...(body.amount === undefined
            ? {}
            : { shown: { amount: body.amount, currency: body.currency ?? null } }),
        },
      )
      return payment
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/price',
    doc({
      summary: 'Change the price of an unpaid payment',
      description:
        'The price policy decides as for a new payment. Refused as soon as anything is paid, held or under way. The order has the new price from then on. A price that a server key set, a client changes only with a quote.',
      keys: PAYERS,
      body: changePriceSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request) => {
      const caller = await callerOf(request, authenticate)
      assertMayPay(caller.principal)
      const asked = readAskedPrice(parsePaymentBody(changePriceSchema, request.body))
      const paymentIntentId = intentId(request.params.id)
      assertMayRead(caller.principal, new Map([['paymentIntentId', new Set([paymentIntentId])]]), policy)
      const changed = await payments.changePrice(caller, { paymentIntentId, asked })
      return answer(caller, changed, mayHaveSecrets(caller.principal, paymentIntentId))
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/capture',
    doc({
      summary: 'Take the money that is held, whole or in part',
      keys: ['server'],
      body: capturePaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request) => {
      const { amount } = parsePaymentBody(capturePaymentSchema, request.body)
      const params = { expand: LATEST_CHARGE, ...(amount === undefined ? {} : { amount_to_capture: amount }) }
      const { refund: _, ...payment } = await serverChange(request, {
        operation: 'capture',
        params,
        what: 'Capturing',
      })
      return payment
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/cancel',
    doc({
      summary: 'Cancel a payment that is not paid, and let go what is held',
      keys: ['server'],
      body: cancelPaymentSchema,
      answer: paymentAnswerSchema,
      ...moving,
    }),
    async (request) => {
      const { reason } = parsePaymentBody(cancelPaymentSchema, request.body)
      const params = {
        expand: LATEST_CHARGE,
        ...(reason === undefined ? {} : { cancellation_reason: reason }),
      }
      const { refund: _, ...payment } = await serverChange(request, {
        operation: 'cancel',
        params,
        what: 'Canceling',
      })
      return payment
    },
  )

  fastify.post<ById>(
    '/v1/payments/:id/refund',
    doc({
      summary: 'Give money back, whole or in part',
      description: 'Send an Idempotency-Key with a part, so that a repeat gives it back once.',
      keys: ['server'],
      body: refundPaymentSchema,
      answer: refundAnswerSchema,
      ...moving,
    }),
    async (request) =>
      serverChange(request, {
        operation: 'refund',
        params: parsePaymentBody(refundPaymentSchema, request.body),
        what: 'Refunding',
      }),
  )
}

/** The app's own server, and who shows the payment's watch token; not who merely knows its id. */
function mayHaveSecrets(principal: Principal, paymentIntentId: string): boolean {
  return principal.role === 'server' || (principal.watch?.paymentIntentId.includes(paymentIntentId) ?? false)
}

function intentId(id: string): string {
  if (/^pi_\w{1,251}$/.test(id)) return id
  throw unknownPayment(id)
}

function unknownPayment(id: string, param = 'id'): ServiceError {
  return new ServiceError('resource_missing', {
    message: `There is no payment ${id.slice(0, 80)} in this app.`,
    param,
  })
}

function orderOf(intent: { readonly metadata: Readonly<Record<string, string>> }): string | null {
  return intent.metadata[ORDER_ID_METADATA] ?? null
}

function isUpstream(error: unknown): boolean {
  return error instanceof ServiceError && error.row.type === 'upstream_error'
}
