/** The OpenAPI document: whole, valid by a judge that is not ours, and true to what the server answers. */
import { Validator } from '@seriousme/openapi-schema-validator'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildDocument } from '../../../packages/server/src/openapi/build-document.ts'
import { collectRoutes } from '../../../packages/server/src/openapi/collect-routes.ts'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

interface Operation {
  readonly summary?: string
  readonly operationId: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> }
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>
}

let it: PaymentsUnderTest
let document: { readonly paths: Record<string, Record<string, Operation>> }
beforeAll(async () => {
  it = await startPayments()
  document = (await it.get('/v1/openapi.json', { as: 'nobody' })).body
})
afterAll(() => it.server.stop())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  )

test('is a valid OpenAPI 3.1 document', async () => {
  const result = await new Validator().validate(structuredClone(document))
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
})

test('holds every route of the product, from charges to events', () => {
  expect(operations().map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'post /v1/payments',
      'get /v1/payments',
      'get /v1/payments/{id}',
      'post /v1/payments/{id}/confirm',
      'post /v1/payments/{id}/capture',
      'post /v1/payments/{id}/cancel',
      'post /v1/payments/{id}/refund',
      'get /v1/payments/{id}/timeline',
      'post /v1/payments/{id}/fulfill',
      'post /v1/setup_intents',
      'get /v1/customers/{id}/cards',
      'delete /v1/customers/{id}/cards/{card}',
      'get /v1/events',
      'get /v1/events/{eventId}',
      'get /v1/stream',
      'get /v1/openapi.json',
    ]),
  )
})

test('says of every route what it does, who may call it, and what it answers', () => {
  const silent = operations().filter(
    ({ operation }) =>
      operation.summary === undefined ||
      operation.tags === undefined ||
      operation.security === undefined ||
      (operation.responses['200'] ?? operation.responses['201']) === undefined,
  )
  expect(silent.map(({ name }) => name)).toEqual([])
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('names every parameter of a path', () => {
  for (const { path, operation } of operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = operation.parameters.filter((it) => it.in === 'path').map(({ name }) => name)
    expect(declared, path).toEqual(inPath)
  }
})

describe('tells the truth', () => {
  const schemaOf = (name: string, path: string) =>
    document.paths[path]?.[name]?.responses['200']?.content['application/json']?.schema

  test('about what payments answer', async () => {
    const created = await it.post('/v1/payments', { token: 'tok_visa', amount: 1000, order_id: 'documented' })
    const schema = z.fromJSONSchema(schemaOf('post', '/v1/payments') as never)
    expect(schema.safeParse(created.body).error?.issues ?? []).toEqual([])
    expect(schema.safeParse({ ...created.body, amount: '1000' }).success).toBe(false)
    const { id } = created.body
    const waiting = await it.post('/v1/payments', { token: 'tok_threeDSecure2Required', amount: 1000 })
    expect(waiting.body.status).toBe('requires_action')
    expect(schema.safeParse(waiting.body).error?.issues ?? []).toEqual([])
    for (const [path, answer] of [
      ['/v1/payments', await it.get('/v1/payments')],
      ['/v1/payments/{id}', await it.get(`/v1/payments/${id}`)],
      ['/v1/payments/{id}/timeline', await it.get(`/v1/payments/${id}/timeline`)],
    ] as const) {
      const said = z.fromJSONSchema(schemaOf('get', path) as never)
      expect(said.safeParse(answer.body).error?.issues ?? [], path).toEqual([])
    }
  })

  test('about what a payment takes', () => {
    const body = document.paths['/v1/payments']?.['post']?.requestBody?.content['application/json']?.schema
    const schema = z.fromJSONSchema(body as never)
    expect(schema.safeParse({ token: 'tok_visa', amount: 1999, currency: 'USD' }).success).toBe(true)
    expect(schema.safeParse({ token: 'tok_visa', amount: 0 }).success).toBe(false)
    expect(schema.safeParse({ token: 'tok_visa', amount: 1999, amout: 1 }).success).toBe(false)
  })
})

test('a route that says nothing about itself would be found', async () => {
  const fastify = Fastify()
  const routes = collectRoutes(fastify)
  fastify.get('/v1/silent/:id', async () => ({}))
  await fastify.ready()
  const { paths } = buildDocument(routes, { version: '0' }) as unknown as typeof document
  expect(paths['/v1/silent/{id}']?.['get']).toBeDefined()
  expect(paths['/v1/silent/{id}']?.['get']?.summary).toBeUndefined()
  await fastify.close()
})
