/** `/v1/customers/:id/cards`: the cards that a customer has saved. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Stripe } from 'stripe'
import { z } from 'zod'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import type { RouteDoc } from '../../http/route-doc.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { assertServer, callerOf } from './caller-of.ts'
import { listCardsSchema, parsePaymentBody } from './payment-schema.ts'

export interface CardRoutesDeps {
  stripeFor(appId: string): Pick<StripeGateway, 'listCards' | 'retrievePaymentMethod' | 'detachPaymentMethod'>
  authenticate(request: FastifyRequest): Promise<Principal>
}

const cardSchema = z.object({
  object: z.literal('card'),
  id: z.string().describe('The payment method (`pm_…`), as `payment_method` of a payment takes it.'),
  customer: z.string().nullable(),
  brand: z.string(),
  last4: z.string(),
  exp_month: z.int(),
  exp_year: z.int(),
  funding: z.string(),
  country: z.string().nullable(),
  created: z.int(),
})

export function registerCardRoutes(fastify: FastifyInstance, deps: CardRoutesDeps): void {
  const { authenticate, stripeFor } = deps
  const shared = { tag: 'Saved cards', keys: ['server'], takesAccount: true } as const
  const listDoc: RouteDoc = {
    ...shared,
    scope: 'read',
    summary: 'List the cards that a customer has saved, the newest first',
    query: listCardsSchema,
    answer: z.object({
      object: z.literal('list'),
      url: z.string(),
      has_more: z.boolean(),
      data: z.array(cardSchema),
    }),
  }
  const detachDoc: RouteDoc = {
    ...shared,
    scope: 'payments',
    summary: 'Forget a saved card',
    answer: cardSchema,
  }

  fastify.get<{ Params: { readonly id: string } }>(
    '/v1/customers/:id/cards',
    { config: { doc: listDoc } },
    async (request) => {
      const { principal, account } = await callerOf(request, authenticate)
      assertServer(principal, 'The list of saved cards')
      const query = parsePaymentBody(listCardsSchema, request.query)
      const id = customerId(request.params.id)
      const place = query.starting_after === undefined ? {} : { starting_after: query.starting_after }
      const { data, has_more } = await stripeFor(principal.appId).listCards(
        id,
        { limit: query.limit, ...place },
        { account: account === '' ? null : account },
      )
      return { object: 'list', url: `/v1/customers/${id}/cards`, has_more, data: data.map(cardJson) }
    },
  )

  fastify.delete<{ Params: { readonly id: string; readonly card: string } }>(
    '/v1/customers/:id/cards/:card',
    { config: { doc: detachDoc } },
    async (request) => {
      const { principal, account } = await callerOf(request, authenticate)
      assertServer(principal, 'Forgetting a saved card')
      const customer = customerId(request.params.id)
      const card = cardId(request.params.card)
      const stripe = stripeFor(principal.appId)
      const on = { account: account === '' ? null : account }
      const method = await stripe.retrievePaymentMethod(card, on)
      const owner = typeof method.customer === 'string' ? method.customer : method.customer?.id
      if (owner !== customer) throw missing(`Customer ${customer} has saved no card ${card}.`)
      // A card is detached once, so its id is key enough.
      const detached = await stripe.detachPaymentMethod(card, {
        ...on,
        idempotencyKey: `tollbridge-detach-${customer}-${card}`,
      })
      return cardJson(detached)
    },
  )
}

function cardJson(method: Stripe.PaymentMethod): z.output<typeof cardSchema> {
  const { card } = method
  if (card === undefined || card === null) throw new Error(`${method.id} is no card`)
  return {
    object: 'card',
    id: method.id,
    customer: typeof method.customer === 'string' ? method.customer : (method.customer?.id ?? null),
    brand: card.brand,
    last4: card.last4,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    funding: card.funding,
    country: card.country,
    created: method.created,
  }
}

function customerId(id: string): string {
  if (/^cus_\w{1,251}$/.test(id)) return id
  throw missing(`There is no customer ${id.slice(0, 80)}.`)
}

function cardId(id: string): string {
  if (/^(pm|card)_\w{1,251}$/.test(id)) return id
  throw missing(`There is no saved card ${id.slice(0, 80)}.`)
}

function missing(message: string): ServiceError {
  return new ServiceError('resource_missing', { message, param: 'id' })
}
