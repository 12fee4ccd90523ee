/** `/v1/setup_intents`: a card is checked and kept for later, without a charge. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Stripe } from 'stripe'
import { ServiceError } from '../../errors.ts'
import type { RouteDoc } from '../../http/route-doc.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import type { CardGate } from '../attempts/card-gate.ts'
import { fingerprintOf } from '../attempts/fingerprint.ts'
import type { Caller } from '../caller.ts'
import { actionParams, cardParams } from '../terms/intent-params.ts'
import { assertActsFor, requireCustomer } from './acting-customer.ts'
import { type CallerDeps, callerOf } from './caller-of.ts'
import { parsePaymentBody } from './payment-schema.ts'
import { setupAnswer, setupIntentAnswerSchema } from './setup-intent-answer.ts'
import { cancelSetupSchema, confirmSetupSchema, createSetupSchema } from './setup-intent-schema.ts'

export interface SetupIntentRoutesDeps extends CallerDeps {
  stripeFor(
    appId: string,
  ): Pick<
    StripeGateway,
    'createSetupIntent' | 'confirmSetupIntent' | 'cancelSetupIntent' | 'retrieveSetupIntent'
  >
  /** A card that a page has checked tells as much of it as a charge. */
  readonly cardGate: CardGate
  /** A fresh random id. */
  newId(): string
}

type ById = { Params: { readonly id: string } }

export function registerSetupIntentRoutes(fastify: FastifyInstance, deps: SetupIntentRoutesDeps): void {
  const { stripeFor, cardGate, newId } = deps
  const doc = (it: Pick<RouteDoc, 'summary' | 'body' | 'description'>, isMoving = true) => ({
    config: {
      doc: {
        ...it,
        tag: 'Saved cards',
        keys: ['client', 'server'],
        // Reading shows the client secret, with which a card is kept.
        scope: 'payments',
        answer: setupIntentAnswerSchema,
        isIdempotent: isMoving,
        takesAccount: true,
        takesCustomerToken: true,
      } satisfies RouteDoc,
    },
  })

  async function setupCaller(request: FastifyRequest): Promise<Caller> {
    const caller = await callerOf(request, deps)
    requireCustomer(caller, 'A setup intent')
    return caller
  }

  const stripeOf = ({ principal }: Caller) => stripeFor(principal.appId)
  const on = ({ account }: Caller) => ({ account: account === '' ? null : account })

  /** No money moves, so the caller's key itself is enough; it is Stripe's to remember. */
  function callOptions(caller: Caller) {
    const { principal, callerKey, customer } = caller
    const isPage = principal.role === 'client'
    const names = [principal.appId, 'setup', callerKey, ...(isPage ? [customer] : [])]
    const source = callerKey === null ? newId() : fingerprintOf(names)
    return { idempotencyKey: `tollbridge-setup-${source}`, ...on(caller) }
  }

  /** The intent of the path. A page sees those of its customer; of others not even that they exist. */
  async function ownIntent(caller: Caller, id: string): Promise<Stripe.SetupIntent> {
    const isPage = caller.principal.role === 'client'
    const intent = await stripeOf(caller)
      .retrieveSetupIntent(setupIntentId(id), {}, on(caller))
      .catch((error: unknown) => {
        const isRefusal = error instanceof ServiceError && error.row.type === 'invalid_request_error'
        throw isPage && isRefusal ? unknownSetupIntent(id) : error
      })
    if (isPage && idOf(intent.customer) !== caller.customer) throw unknownSetupIntent(id)
    return intent
  }

  async function ownId(caller: Caller, id: string): Promise<string> {
    return caller.principal.role === 'client' ? (await ownIntent(caller, id)).id : setupIntentId(id)
  }

  /** Pages could test cards here as well as with a charge, so their tries and declines count as such. */
  async function guarded(
    caller: Caller,
    card: string | null,
    send: () => Promise<Stripe.SetupIntent>,
  ): Promise<Stripe.SetupIntent> {
    if (caller.principal.role !== 'client') return send()
    const gate = cardGate(caller, { card, orderId: null, paymentIntentId: null })
    await gate.admit()
    try {
      return await send()
    } catch (error) {
      await gate.report({ error })
      throw error
    }
  }

  fastify.post(
    '/v1/setup_intents',
    doc({
      summary: 'Keep a card for later',
      description: 'With a client key for the customer of the token.',
      body: createSetupSchema,
    }),
    async (request) => {
      const caller = await setupCaller(request)
      const body = parsePaymentBody(createSetupSchema, request.body)
      if (body.customer !== undefined) assertActsFor(caller, body.customer, 'The field customer')
      const customer = body.customer ?? caller.customer
      const card = body.token ?? body.payment_method ?? null
      const confirmed =
        card === null
          ? {}
          : { ...cardParams(card), ...actionParams(body.return_url ?? null, false), confirm: true }
      const params: Stripe.SetupIntentCreateParams = {
        allowed_payment_method_types: ['card'],
        usage: body.usage,
        ...(customer === null ? {} : { customer }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
        ...confirmed,
      }
      const intent = await guarded({ ...caller, captcha: body.captcha ?? null }, card, () =>
        stripeOf(caller).createSetupIntent(params, callOptions(caller)),
      )
      return setupAnswer(intent, caller.account)
    },
  )

  fastify.get<ById>(
    '/v1/setup_intents/:id',
    doc({ summary: 'Retrieve a setup intent' }, false),
    async (request) => {
      const caller = await setupCaller(request)
      return setupAnswer(await ownIntent(caller, request.params.id), caller.account)
    },
  )

  fastify.post<ById>(
    '/v1/setup_intents/:id/confirm',
    doc({ summary: 'Check the card and keep it', body: confirmSetupSchema }),
    async (request) => {
      const caller = await setupCaller(request)
      const body = parsePaymentBody(confirmSetupSchema, request.body)
      const id = await ownId(caller, request.params.id)
      const card = body.token ?? body.payment_method ?? null
      const params = {
        ...(card === null ? {} : cardParams(card)),
        ...actionParams(body.return_url ?? null, false),
      }
      const intent = await guarded({ ...caller, captcha: body.captcha ?? null }, card, () =>
        stripeOf(caller).confirmSetupIntent(id, params, callOptions(caller)),
      )
      return setupAnswer(intent, caller.account)
    },
  )

  fastify.post<ById>(
    '/v1/setup_intents/:id/cancel',
    doc({ summary: 'Cancel a setup intent', body: cancelSetupSchema }),
    async (request) => {
      const caller = await setupCaller(request)
      const { reason } = parsePaymentBody(cancelSetupSchema, request.body)
      const id = await ownId(caller, request.params.id)
      const params = reason === undefined ? {} : { cancellation_reason: reason }
      const intent = await stripeOf(caller).cancelSetupIntent(id, params, callOptions(caller))
      return setupAnswer(intent, caller.account)
    },
  )
}

function setupIntentId(id: string): string {
  if (/^seti_\w{1,251}$/.test(id)) return id
  throw unknownSetupIntent(id)
}

function unknownSetupIntent(id: string): ServiceError {
  return new ServiceError('resource_missing', {
    message: `There is no setup intent ${id.slice(0, 80)}.`,
    param: 'id',
  })
}

function idOf(value: string | { readonly id: string } | null): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null)
}
