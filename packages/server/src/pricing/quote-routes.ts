/** `/v1/quotes` signs a price for the app's own server; `/v1/admin/quote_key` gives it the key to sign by itself. */
import type { FastifyInstance } from 'fastify'
import { BY_ITSELF } from '../access/actor.ts'
import type { AppId } from '../access/principal.ts'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { PriceStore } from '../store/price-store.ts'
import { addUpItems } from './add-up-items.ts'
import { newQuoteKeyAnswer, quoteAnswer, quoteKeysAnswer } from './answers.ts'
import { checkAmount, requireCurrency } from './check-amount.ts'
import type { ReadPricePolicy } from './price-policy.ts'
import { type QuoteClaims, signQuote } from './quote.ts'
import type { QuoteKey, QuoteKeys } from './quote-keys.ts'
import { quoteKeySchema, quoteSchema } from './schema.ts'

export interface QuoteRoutesDeps {
  readonly prices: Pick<PriceStore, 'findItems'>
  readonly readPolicy: ReadPricePolicy
  readonly quoteKeys: QuoteKeys
  readonly serverCaller: ServerCaller
  readonly appAdmin: AppAdmin
  currencyFor(appId: AppId): string
  now(): number
  newId(): string
}

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  config: { doc: { ...it, tag: 'Prices', keys: ['server'] } satisfies RouteDoc },
})

const adminDoc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  config: {
    doc: {
      ...it,
      tag: 'Prices',
      keys: ['operator', 'server'],
      query: administeredQuery,
    } satisfies RouteDoc,
  },
})

export function registerQuoteRoutes(fastify: FastifyInstance, deps: QuoteRoutesDeps): void {
  const { prices, readPolicy, quoteKeys, serverCaller, appAdmin, currencyFor, now, newId } = deps

  fastify.post(
    '/v1/quotes',
    doc({
      summary: 'Sign a price for one order',
      scope: 'payments',
      description: 'Without an amount, the items are added up.',
      body: quoteSchema,
      answer: quoteAnswer,
    }),
    async (request, reply) => {
      const appId = await serverCaller(request)
      const wanted = parseBody(quoteSchema, request.body)
      const currency = requireCurrency(wanted.currency ?? currencyFor(appId))
      const ordered = wanted.items ?? []
      // A server that names both gives a price of its own for these items.
      const amount =
        wanted.amount ??
        addUpItems(
          ordered,
          await prices.findItems(
            appId,
            ordered.map(({ id }) => id),
          ),
          currency,
        ).amount
      checkAmount(
        amount,
        currency,
        (await readPolicy(appId)).currencies,
        wanted.amount === undefined ? 'items' : 'amount',
      )

      const [held] = await quoteKeys.current(appId)
      const key = held ?? (await quoteKeys.rotate(appId, 0, BY_ITSELF))
      const claims: QuoteClaims = {
        app: appId,
        amount,
        currency: currency.code,
        order_id: wanted.order_id,
        jti: `qt_${newId().replaceAll('-', '')}`,
        exp: Math.floor(now() / 1000) + wanted.expires_in,
        ...(wanted.items === undefined ? {} : { items: wanted.items }),
      }
      return reply.code(201).send({
        id: claims.jti,
        object: 'quote',
        amount,
        currency: currency.code,
        order_id: claims.order_id,
        items: wanted.items ?? null,
        expires_at: claims.exp,
        quote: await signQuote(claims, key),
      })
    },
  )

  /** Never shows a secret: that is done once, when the key is made. */
  fastify.get(
    '/v1/admin/quote_key',
    adminDoc({ summary: 'List the quote keys that verify now', scope: 'admin', answer: quoteKeysAnswer }),
    async (request) => {
      const { appId } = await appAdmin(request)
      const keys = await quoteKeys.current(appId)
      return { object: 'list', url: '/v1/admin/quote_key', has_more: false, data: keys.map(keyJson) }
    },
  )

  fastify.post(
    '/v1/admin/quote_key',
    adminDoc({
      summary: 'Make a new quote key',
      scope: 'admin',
      description: 'It signs from now on; older ones verify until the overlap ends.',
      body: quoteKeySchema,
      answer: newQuoteKeyAnswer,
    }),
    async (request, reply) => {
      const { appId, by } = await appAdmin(request)
      const { overlap_seconds: overlap } = parseBody(quoteKeySchema, request.body)
      const key = await quoteKeys.rotate(appId, overlap * 1000, by)
      return reply.code(201).send({ ...keyJson(key), secret: key.secret })
    },
  )
}

function keyJson({ keyId, createdAt, retiresAt }: QuoteKey) {
  return {
    id: keyId,
    object: 'quote_key',
    created: Math.floor(createdAt / 1000),
    /** null: this one signs. */
    retires_at: retiresAt === null ? null : Math.floor(retiresAt / 1000),
  }
}
