/** `/v1/customers/:id/cards`: the cards that a customer has saved, for the app's server and for the customer's page. */
import type { FastifyInstance } from 'fastify'
import type { Stripe } from 'stripe'
import { z } from 'zod'
import type { CustomerId } from '../../access/customer-token.ts'
import { ServiceError } from '../../errors.ts'
import type { RouteDoc } from '../../http/route-doc.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import type { Caller } from '../caller.ts'
import { assertActsFor } from './acting-customer.ts'
import { type CallerDeps, callerOf } from './caller-of.ts'
import { customerId } from './customer-id.ts'
import { listCardsSchema, parsePaymentBody } from './payment-schema.ts'

export interface CardRoutesDeps extends CallerDeps {
  stripeFor(appId: string): Pick<StripeGateway, 'listCards' | 'retrievePaymentMethod' | 'detachPaymentMethod'>
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

/** In place of the id: the customer of the token. */
const OWN = 'me'

export function registerCardRoutes(fastify: FastifyInstance, deps: CardRoutesDeps): void {
  const { stripeFor } = deps
  const shared = {
    tag: 'Saved cards',
    keys: ['client', 'server'],
    takesAccount: true,
    takesCustomerToken: true,
  } as const
  const listDoc: RouteDoc = {
    ...shared,
    scope: 'read',
    summary: 'List the cards that a customer has saved, the newest first',
    description: 'With a client key for the customer of the token; `me` stands for its id.',
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
      const caller = await callerOf(request, deps)
      const id = customerOf(caller, request.params.id, 'The list of saved cards')
      const query = parsePaymentBody(listCardsSchema, request.query)
      const place = query.starting_after === undefined ? {} : { starting_after: query.starting_after }
      const { data, has_more } = await stripeFor(caller.principal.appId).listCards(
        id,
        { limit: query.limit, ...place },
        accountOf(caller),
      )
      return { object: 'list', url: `/v1/customers/${id}/cards`, has_more, data: data.map(cardJson) }
    },
  )

  fastify.delete<{ Params: { readonly id: string; readonly card: string } }>(
    '/v1/customers/:id/cards/:card',
    { config: { doc: detachDoc } },
    async (request) => {
      const caller = await callerOf(request, deps)
      const customer = customerOf(caller, request.params.id, 'Forgetting a saved card')
      const card = cardId(request.params.card)
      const stripe = stripeFor(caller.principal.appId)
      const on = accountOf(caller)
      // One answer for a card of somebody else and for one that does not exist.
      const unknown = missing(`Customer ${customer} has saved no card ${card}.`)
      const method = await stripe.retrievePaymentMethod(card, on).catch((error: unknown) => {
        throw isRefusal(error) ? unknown : error
      })
      const owner = typeof method.customer === 'string' ? method.customer : method.customer?.id
      if (owner !== customer) throw unknown
      // A card is detached once, so its id is key enough.
      const detached = await stripe.detachPaymentMethod(card, {
        ...on,
        idempotencyKey: `tollbridge-detach-${customer}-${card}`,
      })
      return cardJson(detached)
    },
  )
}

function customerOf(caller: Caller, named: string, what: string): CustomerId {
  const id = named === OWN && caller.customer !== null ? caller.customer : named
  assertActsFor(caller, id, what)
  return customerId(id)
}

function accountOf({ account }: Caller): { readonly account: string | null } {
  return { account: account === '' ? null : account }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && error.row.type === 'invalid_request_error'
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

function cardId(id: string): string {
  if (/^(pm|card|src)_\w{1,251}$/.test(id)) return id
  throw missing(`There is no saved card ${id.slice(0, 80)}.`)
}

function missing(message: string): ServiceError {
  return new ServiceError('resource_missing', { message, param: 'id' })
}
