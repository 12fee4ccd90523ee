/** `/v1/quotes` signs a price for the app's own server; `/v1/admin/quote_key` gives it the key to sign by itself. */
import type { Currency } from '@tollbridge/protocol'
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { BY_ITSELF } from '../access/actor.ts'
import type { AppId } from '../access/principal.ts'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { PriceStore } from '../store/price-store.ts'
import { addUpItems, type SoldItem } from './add-up-items.ts'
import { newQuoteKeyAnswer, quoteAnswer, quoteKeysAnswer } from './answers.ts'
import { checkAmount, requireCurrency } from './check-amount.ts'
import type { ReadPricePolicy } from './price-policy.ts'
import { type QuoteClaims, signQuote } from './quote.ts'
import type { QuoteKey, QuoteKeys } from './quote-keys.ts'
import { signedTermsOf } from './quote-terms.ts'
import { quoteKeySchema, quoteSchema } from './schema.ts'

export interface QuoteRoutesDeps {
  readonly prices: Pick<PriceStore, 'findItems' | 'nextIssue'>
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

type Listed = Pick<SoldItem, 'id' | 'quantity'> & { readonly unit_amount?: number | undefined }

const NO_TERMS = {
  capture_method: null,
  customer: null,
  save_card: null,
  description: null,
  receipt_email: null,
  metadata: null,
}

export function registerQuoteRoutes(fastify: FastifyInstance, deps: QuoteRoutesDeps): void {
  const { prices, readPolicy, quoteKeys, serverCaller, appAdmin, currencyFor, now, newId } = deps

  fastify.post(
    '/v1/quotes',
    doc({
      summary: 'Sign a price for one order',
      scope: 'payments',
      description:
        'Without an amount, the items are added up. The quote also carries what else the page may not decide; what it does not name is left to the page within the policy. A later quote of an order is newer than an earlier one.',
      body: quoteSchema,
      answer: quoteAnswer,
    }),
    async (request, reply) => {
      const appId = await serverCaller(request)
      const wanted = parseBody(quoteSchema, request.body)
      const currency = requireCurrency(wanted.currency ?? currencyFor(appId))
      const { amount, items } = await pricedItems(appId, wanted, currency)
      checkAmount(
        amount,
        currency,
        (await readPolicy(appId)).currencies,
        wanted.amount === undefined ? 'items' : 'amount',
      )

      const [held] = await quoteKeys.current(appId)
      const key = held ?? (await quoteKeys.rotate(appId, 0, BY_ITSELF))
      const terms = signedTermsOf(wanted)
      const claims: QuoteClaims = {
        app: appId,
        amount,
        currency: currency.code,
        order_id: wanted.order_id,
        jti: `qt_${newId().replaceAll('-', '')}`,
        iat: Math.floor(now() / 1000),
        seq: await prices.nextIssue(appId, now()),
        exp: Math.floor(now() / 1000) + wanted.expires_in,
        ...(items === null ? {} : { items: [...items] }),
        ...terms,
      }
      return reply.code(201).send({
        id: claims.jti,
        object: 'quote',
        amount,
        currency: currency.code,
        order_id: claims.order_id,
        items: items,
        ...NO_TERMS,
        ...terms,
        seq: claims.seq,
        expires_at: claims.exp,
        quote: await signQuote(claims, key),
      })
    },
  )

  /** A server that names an amount beside items gives a price of its own for them. */
  async function pricedItems(
    appId: AppId,
    wanted: z.output<typeof quoteSchema>,
    currency: Currency,
  ): Promise<{ readonly amount: number; readonly items: readonly SoldItem[] | null }> {
    const { amount, items } = wanted
    if (amount !== undefined) return { amount, items: items?.map(asSold) ?? null }
    const ordered = items ?? []
    const catalog = await prices.findItems(
      appId,
      ordered.map(({ id }) => id),
    )
    return addUpItems(ordered, catalog, currency)
  }

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

function asSold({ id, quantity, unit_amount }: Listed): SoldItem {
  return { id, quantity, unit_amount: unit_amount ?? null }
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
