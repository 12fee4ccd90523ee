/** `/v1/setup_intents`: a card is checked and kept for later, without a charge. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Stripe } from 'stripe'
import { z } from 'zod'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import type { RouteDoc } from '../../http/route-doc.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { fingerprintOf } from '../attempts/fingerprint.ts'
import type { Caller } from '../caller.ts'
import { actionParams, cardParams } from '../terms/intent-params.ts'
import { assertServer, callerOf } from './caller-of.ts'
import { nextAction, nextActionSchema } from './payment-answer.ts'
import { parsePaymentBody } from './payment-schema.ts'
import { cancelSetupSchema, confirmSetupSchema, createSetupSchema } from './setup-intent-schema.ts'

export interface SetupIntentRoutesDeps {
  stripeFor(
    appId: string,
  ): Pick<
    StripeGateway,
    'createSetupIntent' | 'confirmSetupIntent' | 'cancelSetupIntent' | 'retrieveSetupIntent'
  >
  authenticate(request: FastifyRequest): Promise<Principal>
  /** A fresh random id. */
  newId(): string
}

const nullableText = z.string().nullable()

export const setupIntentAnswerSchema = z.object({
  object: z.literal('setup_intent'),
  id: z.string(),
  account: nullableText.describe('The connected account.'),
  status: z.string(),
  usage: z.string(),
  customer: nullableText,
  payment_method: nullableText,
  next_action: nextActionSchema.nullable(),
  client_secret: nullableText.describe('For Stripe.js in the page of the card’s owner.'),
  last_setup_error: z
    .object({ code: nullableText, decline_code: nullableText, message: nullableText })
    .nullable(),
  metadata: z.record(z.string(), z.string()),
  livemode: z.boolean(),
  created: z.int(),
})

type ById = { Params: { readonly id: string } }

export function registerSetupIntentRoutes(fastify: FastifyInstance, deps: SetupIntentRoutesDeps): void {
  const { authenticate, stripeFor, newId } = deps
  const doc = (it: Pick<RouteDoc, 'summary' | 'body' | 'description'>, isMoving = true) => ({
    config: {
      doc: {
        ...it,
        tag: 'Saved cards',
        keys: ['server'],
        // Reading shows the client secret, with which a card is kept.
        scope: 'payments',
        answer: setupIntentAnswerSchema,
        isIdempotent: isMoving,
        takesAccount: true,
      } satisfies RouteDoc,
    },
  })

  async function serverCaller(request: FastifyRequest): Promise<Caller> {
    const caller = await callerOf(request, authenticate)
    assertServer(caller.principal, 'A setup intent')
    return caller
  }

  /** No money moves, so the caller's key itself is enough; it is Stripe's to remember. */
  function callOptions({ principal, account, callerKey }: Caller) {
    const source = callerKey === null ? newId() : fingerprintOf([principal.appId, 'setup', callerKey])
    return { idempotencyKey: `tollbridge-setup-${source}`, account: account === '' ? null : account }
  }

  fastify.post(
    '/v1/setup_intents',
    doc({ summary: 'Keep a card for later', body: createSetupSchema }),
    async (request) => {
      const caller = await serverCaller(request)
      const body = parsePaymentBody(createSetupSchema, request.body)
      const card = body.token ?? body.payment_method ?? null
      const confirmed =
        card === null
          ? {}
          : { ...cardParams(card), ...actionParams(body.return_url ?? null, false), confirm: true }
      const intent = await stripeFor(caller.principal.appId).createSetupIntent(
        {
          allowed_payment_method_types: ['card'],
          usage: body.usage,
          ...(body.customer === undefined ? {} : { customer: body.customer }),
          ...(body.description === undefined ? {} : { description: body.description }),
          ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
          ...confirmed,
        },
        callOptions(caller),
      )
      return setupAnswer(intent, caller.account)
    },
  )

  fastify.get<ById>(
    '/v1/setup_intents/:id',
    doc({ summary: 'Retrieve a setup intent' }, false),
    async (request) => {
      const caller = await serverCaller(request)
      const { account, principal } = caller
      const id = setupIntentId(request.params.id)
      const on = { account: account === '' ? null : account }
      return setupAnswer(await stripeFor(principal.appId).retrieveSetupIntent(id, {}, on), account)
    },
  )

  fastify.post<ById>(
    '/v1/setup_intents/:id/confirm',
    doc({ summary: 'Check the card and keep it', body: confirmSetupSchema }),
    async (request) => {
      const caller = await serverCaller(request)
      const body = parsePaymentBody(confirmSetupSchema, request.body)
      const card = body.token ?? body.payment_method ?? null
      const params = {
        ...(card === null ? {} : cardParams(card)),
        ...actionParams(body.return_url ?? null, false),
      }
      const id = setupIntentId(request.params.id)
      const intent = await stripeFor(caller.principal.appId).confirmSetupIntent(
        id,
        params,
        callOptions(caller),
      )
      return setupAnswer(intent, caller.account)
    },
  )

  fastify.post<ById>(
    '/v1/setup_intents/:id/cancel',
    doc({ summary: 'Cancel a setup intent', body: cancelSetupSchema }),
    async (request) => {
      const caller = await serverCaller(request)
      const { reason } = parsePaymentBody(cancelSetupSchema, request.body)
      const id = setupIntentId(request.params.id)
      const params = reason === undefined ? {} : { cancellation_reason: reason }
      const intent = await stripeFor(caller.principal.appId).cancelSetupIntent(
        id,
        params,
        callOptions(caller),
      )
      return setupAnswer(intent, caller.account)
    },
  )
}

function setupAnswer(intent: Stripe.SetupIntent, account: string): z.output<typeof setupIntentAnswerSchema> {
  const error = intent.last_setup_error
  return {
    object: 'setup_intent',
    id: intent.id,
    account: account === '' ? null : account,
    status: intent.status,
    usage: intent.usage,
    customer: idOf(intent.customer),
    payment_method: idOf(intent.payment_method),
    next_action: nextAction(intent),
    client_secret: intent.client_secret,
    last_setup_error:
      error === null
        ? null
        : {
            code: error.code ?? null,
            decline_code: error.decline_code ?? null,
            message: error.message ?? null,
          },
    metadata: intent.metadata ?? {},
    livemode: intent.livemode,
    created: intent.created,
  }
}

function setupIntentId(id: string): string {
  if (/^seti_\w{1,251}$/.test(id)) return id
  throw new ServiceError('resource_missing', {
    message: `There is no setup intent ${id.slice(0, 80)}.`,
    param: 'id',
  })
}

function idOf(value: string | { readonly id: string } | null): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null)
}
