/** `/v1/catalog/items`: what can be bought, and for how much. */
import type { FastifyInstance } from 'fastify'
import { ServiceError } from '../errors.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { CatalogItem, PriceStore } from '../store/price-store.ts'
import { deletedItemAnswer, itemAnswer, itemsAnswer } from './answers.ts'
import { checkMinorUnits, requireCurrency } from './check-amount.ts'
import { createItemSchema, listItemsSchema, updateItemSchema } from './schema.ts'

export interface CatalogRoutesDeps {
  readonly prices: Pick<PriceStore, 'insertItem' | 'findItems' | 'listItems' | 'updateItem' | 'deleteItem'>
  readonly serverCaller: ServerCaller
  now(): number
  newId(): string
}

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  config: { doc: { ...it, tag: 'Prices', keys: ['server'] } satisfies RouteDoc },
})

type ItemRoute = { Params: { id: string } }

export function registerCatalogRoutes(fastify: FastifyInstance, deps: CatalogRoutesDeps): void {
  const { prices, serverCaller, now, newId } = deps

  fastify.post(
    '/v1/catalog/items',
    doc({
      summary: 'Add an item to the catalog',
      scope: 'payments',
      body: createItemSchema,
      answer: itemAnswer,
    }),
    async (request, reply) => {
      const appId = await serverCaller(request)
      const { id, max_quantity: maxQuantity, ...fields } = parseBody(createItemSchema, request.body)
      checkPrices(fields.prices)
      const item: CatalogItem = {
        ...fields,
        appId,
        id: id ?? `item_${newId().replaceAll('-', '')}`,
        maxQuantity,
        createdAt: now(),
        updatedAt: now(),
      }
      if ((await prices.insertItem(item)) === 'exists') {
        throw new ServiceError('catalog_item_exists', {
          message: `The catalog has an item ${item.id} already; change it with POST /v1/catalog/items/${item.id}.`,
          param: 'id',
        })
      }
      return reply.code(201).send(itemJson(item))
    },
  )

  fastify.get(
    '/v1/catalog/items',
    doc({
      summary: 'List the catalog, the newest item first',
      scope: 'read',
      query: listItemsSchema,
      answer: itemsAnswer,
    }),
    async (request) => {
      const appId = await serverCaller(request)
      const { limit, starting_after, active } = parseBody(listItemsSchema, request.query)
      // One more than asked for tells whether there are more.
      const found = await prices.listItems(appId, {
        limit: limit + 1,
        startingAfter: starting_after ?? null,
        active: active ?? null,
      })
      return {
        object: 'list',
        url: '/v1/catalog/items',
        has_more: found.length > limit,
        data: found.slice(0, limit).map(itemJson),
      }
    },
  )

  fastify.get<ItemRoute>(
    '/v1/catalog/items/:id',
    doc({ summary: 'Retrieve an item', scope: 'read', answer: itemAnswer }),
    async (request) => {
      const appId = await serverCaller(request)
      const [item] = await prices.findItems(appId, [request.params.id])
      if (item === undefined) throw unknownItem(request.params.id)
      return itemJson(item)
    },
  )

  fastify.post<ItemRoute>(
    '/v1/catalog/items/:id',
    doc({
      summary: 'Change an item',
      scope: 'payments',
      description: 'What is named changes; the rest stays.',
      body: updateItemSchema,
      answer: itemAnswer,
    }),
    async (request) => {
      const appId = await serverCaller(request)
      const { max_quantity: maxQuantity, ...fields } = parseBody(updateItemSchema, request.body)
      if (fields.prices !== undefined) checkPrices(fields.prices)
      const change = {
        ...(fields.name === undefined ? {} : { name: fields.name }),
        ...(fields.prices === undefined ? {} : { prices: fields.prices }),
        ...(fields.active === undefined ? {} : { active: fields.active }),
        ...(maxQuantity === undefined ? {} : { maxQuantity }),
      }
      const item = await prices.updateItem(appId, request.params.id, change, now())
      if (item === null) throw unknownItem(request.params.id)
      return itemJson(item)
    },
  )

  fastify.delete<ItemRoute>(
    '/v1/catalog/items/:id',
    doc({ summary: 'Delete an item', scope: 'payments', answer: deletedItemAnswer }),
    async (request) => {
      const appId = await serverCaller(request)
      const { id } = request.params
      if ((await prices.deleteItem(appId, id)) === 'unknown') throw unknownItem(id)
      return { id, object: 'catalog_item', deleted: true }
    },
  )
}

function checkPrices(prices: Readonly<Record<string, number>>): void {
  for (const [code, price] of Object.entries(prices)) {
    const param = `prices.${code}`
    checkMinorUnits(price, requireCurrency(code, param), param)
  }
}

function itemJson({ id, name, prices, active, maxQuantity, createdAt, updatedAt }: CatalogItem) {
  return {
    id,
    object: 'catalog_item',
    name,
    prices,
    active,
    max_quantity: maxQuantity,
    created: Math.floor(createdAt / 1000),
    updated: Math.floor(updatedAt / 1000),
  }
}

function unknownItem(id: string): ServiceError {
  return new ServiceError('resource_missing', {
    message: `The catalog has no item ${id.slice(0, 64)}.`,
    param: 'id',
  })
}
