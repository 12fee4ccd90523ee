import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashServerKey } from '../../access/api-keys.ts'
import { createAppDirectory } from '../../access/app-directory.ts'
import { createWatchTokens } from '../../access/watch-token.ts'
import { ServiceError } from '../../errors.ts'
import { createHttpServer } from '../../http/http-server.ts'
import { silentLog } from '../../log.ts'
import type { NewEvent } from '../../store/event-store.ts'
import { createMemoryStore } from '../../store/memory/create-memory-store.ts'
import { type BackendlessDeps, registerBackendlessRoutes } from './register-backendless-routes.ts'
import type { ChargeCall } from './stripe-service-routes.ts'

const APP = 'app_0123456789abcdef'
const CLIENT_KEY = 'tbc_client'
const SERVER_KEY = 'tbk_server'
const KEY_ROOT = `/${APP}/${CLIENT_KEY}`
const SERVER_ROOT = `/${APP}/${SERVER_KEY}`
const OTHER_APP = 'app_fedcba9876543210'

const clock = { now: () => 1_795_289_067_260 }
const watchTokens = createWatchTokens({ clock, signingKey: new Uint8Array(32).fill(7), lifetimeSeconds: 60 })

let server: FastifyInstance
let charges: ChargeCall[]
let deliveries: Parameters<BackendlessDeps['receiveWebhook']>[0][]

beforeEach(async () => {
  server = await start()
})

afterEach(async () => {
  await server.close()
})

async function start(changes: Partial<BackendlessDeps> = {}): Promise<FastifyInstance> {
  const store = createMemoryStore()
  for (const [index, id] of ['ch_1', 'ch_1', 'ch_2'].entries()) {
    await store.events.insertOnce(anEvent(APP, id, index), { leaseMs: 1 })
  }
  await store.events.insertOnce(anEvent(OTHER_APP, 'ch_1', 9), { leaseMs: 1 })
  charges = []
  deliveries = []
  const fastify = createHttpServer({
    log: silentLog,
    newRequestId: () => 'req_1',
    sockets: { ownsPath: () => false, handleRequest: () => {}, handleUpgrade: () => {} },
  })
  fastify.get('/v1/payments/:id', async () => 'a payment')
  fastify.options('*', async () => 'a preflight of another part')
  registerBackendlessRoutes(fastify, {
    directory: createAppDirectory([
      { appId: APP, mode: 'sandbox', clientKeys: [CLIENT_KEY], serverKeyHashes: [hashServerKey(SERVER_KEY)] },
      { appId: OTHER_APP, mode: 'sandbox', clientKeys: ['tbc_other'], serverKeyHashes: [] },
    ]),
    watchTokens: () => watchTokens,
    publicUrl: undefined,
    events: store.events,
    policy: { clientReads: 'pinned', requireWatchToken: false },
    clientPayloads: 'redacted',
    charge: async (call) => {
      charges.push(call)
      return { body: { id: 'ch_9', object: 'charge' }, watchToken: 'watch-me' }
    },
    receiveWebhook: async (delivery) => {
      deliveries.push(delivery)
      return { status: 200, body: { received: true } }
    },
    log: silentLog,
    ...changes,
  })
  await fastify.ready()
  return fastify
}

function anEvent(appId: string, id: string, index: number): NewEvent {
  const object = { id, object: 'charge', amount: 1000 + index, receipt_email: 'ada@example.com' }
  return {
    appId,
    objectId: `0000000${index}-0000-4000-8000-000000000000`,
    receivedAt: clock.now() + index,
    source: 'webhook',
    eventId: `evt_${appId}_${index}`,
    type: index === 1 ? 'charge.refunded' : 'charge.succeeded',
    id,
    objectType: 'charge',
    chargeId: id,
    paymentIntentId: id.replace('ch', 'pi'),
    customerId: null,
    orderId: null,
    amount: 1000 + index,
    currency: 'usd',
    status: 'succeeded',
    livemode: false,
    apiVersion: null,
    stripeCreated: 1_795_289_000,
    payload: JSON.stringify({ id: `evt_${index}`, object: 'event', data: { object } }),
  }
}

async function call(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await server.inject({
    method: method as 'GET',
    url,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    body: answer.body === '' ? undefined : (answer.json() as Record<string, unknown> & unknown[]),
  }
}

const find = (root: string, body: unknown) => call('POST', `${root}/data/StripeEvents/find`, body)
const firstId = "id = 'ch_1'"
const objectIdOf = (index: number) => `0000000${index}-0000-4000-8000-000000000000`

describe('info and rt/lookup', () => {
  test('answer under both forms of the root, without a key check', async () => {
    const expected = { appId: APP, rtURL: 'http://localhost:80', loggers: [] }
    expect((await call('GET', `${KEY_ROOT}/info`)).body).toEqual({ ...expected, apiKey: CLIENT_KEY })
    expect((await call('GET', `/${APP}/no-such-key/info`)).body).toEqual({
      ...expected,
      apiKey: 'no-such-key',
    })
    expect((await call('GET', '/api/info')).body).toEqual({ ...expected, apiKey: CLIENT_KEY })
    const lookup = await call('GET', `${KEY_ROOT}/rt/lookup`)
    expect(lookup.body).toBe('http://localhost:80')
    expect(lookup.headers['content-type']).toContain('application/json')
  })

  test('a stale user token is no reason to refuse', async () => {
    expect((await call('GET', `${KEY_ROOT}/info`, undefined, { 'user-token': 'gone' })).status).toBe(200)
  })

  test('answer while the store is down, since an SDK asks only once', async () => {
    await server.close()
    const down = async (): Promise<never> => {
      throw new ServiceError('store_unavailable', { message: 'The database is away.' })
    }
    server = await start({ events: { find: down, count: down, findByObjectId: down } })
    for (const path of ['info', 'rt/lookup'])
      expect((await call('GET', `${KEY_ROOT}/${path}`)).status).toBe(200)
    expect(await find(KEY_ROOT, { where: firstId })).toMatchObject({
      status: 503,
      body: { code: 503, message: 'The database is away.', errorData: { code: 'store_unavailable' } },
    })
  })

  test('doubled slashes are forgiven', async () => {
    expect((await call('GET', `/${KEY_ROOT}//info`)).body).toMatchObject({ appId: APP })
    expect((await call('GET', '//api/info')).body).toMatchObject({ appId: APP })
  })
})

describe('who is asking', () => {
  test('an unknown app and a wrong key are told apart, in the envelope', async () => {
    const unknown = await call('GET', '/app_nobody/tbc_client/info')
    expect(unknown).toMatchObject({
      status: 404,
      body: { code: 404, errorData: { code: 'app_unknown', request_id: 'req_1' } },
    })
    expect(await find(`/${APP}/tbc_other`, { where: firstId })).toMatchObject({
      status: 401,
      body: { code: 401, message: expect.stringContaining(APP), errorData: { code: 'api_key_invalid' } },
    })
    expect(await find('/app_nobody/tbc_client', {})).toMatchObject({
      body: { errorData: { code: 'app_unknown' } },
    })
  })

  test('no envelope repeats a key', async () => {
    for (const url of [`/${APP}/tbk_wrong/data/StripeEvents`, `${SERVER_ROOT}/users/login`]) {
      const { text } = await call('GET', url)
      expect(text).not.toContain('tbk_')
    }
  })

  test('paths that name no app of ours belong to the rest of the server', async () => {
    expect((await server.inject('/v1/payments/pi_1')).body).toBe('a payment')
    const stray = await call('DELETE', '/v1/payments/pi_1')
    expect(stray).toMatchObject({ status: 404, body: { error: { code: 'route_unknown' } } })
    expect(stray.headers['access-control-allow-origin']).toBeUndefined()
    for (const url of ['/v1/payments/pi_1', '/v1/a/data/StripeEvents']) {
      const preflight = await server.inject({ method: 'OPTIONS', url })
      expect(preflight.body).toBe('a preflight of another part')
    }
  })

  test('a route that Backendless has and this server has not is refused in the envelope', async () => {
    for (const root of [KEY_ROOT, '/api']) {
      expect(await call('POST', `${root}/users/login`, { login: 'ada' })).toMatchObject({
        status: 404,
        body: {
          code: 404,
          message: expect.stringContaining('users/login'),
          errorData: { code: 'route_unknown' },
        },
      })
    }
  })
})

describe('charge', () => {
  test.each([
    ['the key form', `${KEY_ROOT}/services/Stripe/charge`],
    ['the domain form', '/api/services/Stripe/charge'],
    ['a version in the path', `${KEY_ROOT}/services/Stripe/1.0.0/charge`],
    ['the prefix form under a root', `${KEY_ROOT}/Stripe/charge`],
    ['the prefix form alone', '/Stripe/charge'],
    ['the service form alone', '/services/Stripe/charge'],
  ])('%s reaches the one charge', async (_form, url) => {
    const charge = { token: 'tok_visa', amount: 1999 }
    const answer = await call('POST', url, [charge], { 'idempotency-key': 'order-7', 'user-token': 'theirs' })
    expect(answer).toMatchObject({ status: 200, body: { id: 'ch_9' } })
    expect(answer.headers['tollbridge-watch-token']).toBe('watch-me')
    expect(charges).toEqual([
      {
        principal: { role: 'client', appId: APP, watch: null },
        body: charge,
        idempotencyKey: 'order-7',
        remoteAddress: '127.0.0.1',
      },
    ])
  })

  test('a server key in the path charges as the server', async () => {
    await call('POST', `${SERVER_ROOT}/services/Stripe/charge`, { token: 'tok_visa', amount: 1999 })
    expect(charges[0]?.principal).toEqual({ role: 'server', appId: APP })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])(
    'the body is JSON even when the content type says %s',
    async (type) => {
      const answer = await call('POST', `${KEY_ROOT}/services/Stripe/charge`, '{"token":"tok_visa"}', {
        'content-type': type,
      })
      expect(answer.status).toBe(200)
      expect(charges[0]?.body).toEqual({ token: 'tok_visa' })
    },
  )

  test('an empty body arrives as an empty call', async () => {
    await server.inject({ method: 'POST', url: `${KEY_ROOT}/services/Stripe/charge` })
    expect(charges[0]?.body).toEqual({})
  })

  test.each(['abc', '{"token":', '{"__proto__":{"token":"tok_visa"}}', '"tok_visa"'])(
    'the body %s is refused',
    async (body) => {
      expect(await call('POST', `${KEY_ROOT}/services/Stripe/charge`, body)).toMatchObject({
        status: 400,
        body: { code: 400, errorData: { code: 'body_invalid' } },
      })
      expect(charges).toEqual([])
    },
  )

  test('a body over 100 kB is refused before it is parsed', async () => {
    const padding = 'x'.repeat(101 * 1024)
    expect(await call('POST', `${KEY_ROOT}/services/Stripe/charge`, { padding })).toMatchObject({
      status: 413,
      body: { code: 413, errorData: { code: 'body_too_large' } },
    })
  })

  test("a decline keeps Stripe's own facts in errorData", async () => {
    await server.close()
    server = await start({
      charge: async () => {
        throw new ServiceError('card_declined', {
          message: 'Your card has insufficient funds.',
          details: { decline_code: 'insufficient_funds', charge: 'ch_8', payment_intent: 'pi_8' },
        })
      },
    })
    expect(await call('POST', `${KEY_ROOT}/services/Stripe/charge`, { token: 'tok_x' })).toMatchObject({
      status: 402,
      body: {
        code: 402,
        message: 'Your card has insufficient funds.',
        errorData: {
          type: 'card_error',
          code: 'card_declined',
          decline_code: 'insufficient_funds',
          charge: 'ch_8',
          payment_intent: 'pi_8',
          request_id: 'req_1',
        },
      },
    })
  })

  test('a fault of ours shows its request id and nothing else', async () => {
    await server.close()
    server = await start({
      charge: async () => {
        throw new Error('secret detail')
      },
    })
    const answer = await call('POST', `${KEY_ROOT}/services/Stripe/charge`, {})
    expect(answer).toMatchObject({ status: 500, body: { code: 500, errorData: { code: 'internal' } } })
    expect(answer.text).not.toContain('secret detail')
  })

  test('a slow-down says how long in Retry-After', async () => {
    await server.close()
    server = await start({
      charge: async () => {
        throw new ServiceError('too_many_requests', { message: 'Slower, please.', retryAfterSeconds: 3 })
      },
    })
    const answer = await call('POST', `${KEY_ROOT}/services/Stripe/charge`, {})
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '3' } })
  })

  test.each([
    ['POST', 'services/Stripe/refund'],
    ['POST', 'services/Mailer/send'],
    ['GET', 'services/Stripe/charge'],
    ['POST', 'Stripe/refund'],
  ])('%s %s is refused by name', async (method, path) => {
    expect(await call(method, `${KEY_ROOT}/${path}`)).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining('"charge"'), errorData: { code: 'service_unknown' } },
    })
  })
})

describe("Stripe's webhooks", () => {
  test.each([KEY_ROOT, '/api', `/${APP}/no-such-key`])('arrive under %s as raw bytes', async (root) => {
    const rawBody = Buffer.from('{ "id" : "evt_1",\n "name": "Zo\u00eb" }')
    const answer = await server.inject({
      method: 'POST',
      url: `${root}/services/Stripe/webhooks/handler`,
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': 't=1,v1=abc' },
      payload: rawBody,
    })
    expect(answer.json()).toEqual({ received: true })
    expect(deliveries).toEqual([{ appId: APP, rawBody, signatureHeader: 't=1,v1=abc' }])
  })

  test('may be larger than other bodies, up to 1 MiB', async () => {
    const send = (size: number) =>
      server.inject({
        method: 'POST',
        url: '/api/services/Stripe/webhooks/handler',
        payload: Buffer.alloc(size, 0x20),
      })
    expect((await send(1024 * 1024)).statusCode).toBe(200)
    const refused = await send(1024 * 1024 + 1)
    expect(refused.statusCode).toBe(413)
    expect(refused.json()).toMatchObject({ errorData: { code: 'body_too_large' } })
  })

  test('an empty delivery reaches the verification as no bytes', async () => {
    await server.inject({ method: 'POST', url: '/api/services/Stripe/webhooks/handler' })
    expect(deliveries).toEqual([{ appId: APP, rawBody: Buffer.alloc(0), signatureHeader: null }])
  })
})

describe('reading StripeEvents', () => {
  test('rows of the pinned transaction and this app come newest first', async () => {
    const { body } = await find(KEY_ROOT, { where: firstId })
    expect(body).toMatchObject([
      { ___class: 'StripeEvents', objectId: objectIdOf(1), type: 'charge.refunded', amount: 1001 },
      { objectId: objectIdOf(0), type: 'charge.succeeded', created: clock.now() },
    ])
  })

  test('a client sees no personal data, a server sees all', async () => {
    expect((await find(KEY_ROOT, { where: firstId })).text).not.toContain('ada@example.com')
    expect((await find(SERVER_ROOT, { where: firstId })).text).toContain('ada@example.com')
  })

  test('the GET form takes the same parameters as text', async () => {
    const query = new URLSearchParams({
      pageSize: '1',
      offset: '1',
      where: firstId,
      sortBy: 'created desc',
    })
    const { body } = await call('GET', `${KEY_ROOT}/data/StripeEvents?${query}&property=type&property=id`)
    expect(body).toEqual([
      { ___class: 'StripeEvents', objectId: objectIdOf(0), id: 'ch_1', type: 'charge.succeeded' },
    ])
  })

  test('an offset past the end is an empty page', async () => {
    expect((await find(KEY_ROOT, { where: firstId, offset: 10 })).body).toEqual([])
  })

  test('a count is a bare number, in both forms', async () => {
    const post = await call('POST', `${KEY_ROOT}/data/StripeEvents/count`, { where: firstId, distinct: true })
    const get = await call('GET', `${KEY_ROOT}/data/StripeEvents/count?where=${encodeURIComponent(firstId)}`)
    expect([post.text, get.text]).toEqual(['2', '2'])
    expect((await call('POST', `${SERVER_ROOT}/data/StripeEvents/count`, {})).text).toBe('3')
  })

  test('first and last go by the time of storing', async () => {
    const where = `where=${encodeURIComponent(firstId)}`
    expect((await call('GET', `${KEY_ROOT}/data/StripeEvents/first?${where}`)).body).toMatchObject({
      objectId: objectIdOf(0),
    })
    expect((await call('GET', `${KEY_ROOT}/data/StripeEvents/last?${where}`)).body).toMatchObject({
      objectId: objectIdOf(1),
    })
    const none = await call(
      'GET',
      `${KEY_ROOT}/data/StripeEvents/first?where=${encodeURIComponent("id='x'")}`,
    )
    expect(none).toMatchObject({ status: 404, body: { code: 1000, errorData: { code: 'object_not_found' } } })
  })

  test('findById takes an objectId, with a projection', async () => {
    const { body } = await call('GET', `${KEY_ROOT}/data/StripeEvents/${objectIdOf(2)}?props=id`)
    expect(body).toEqual({ ___class: 'StripeEvents', objectId: objectIdOf(2), id: 'ch_2' })
    expect(await call('GET', `${KEY_ROOT}/data/StripeEvents/nothing`)).toMatchObject({
      status: 404,
      body: { code: 1000, message: 'Entity with ID nothing not found' },
    })
  })

  test('the row of another app is not found', async () => {
    expect((await call('GET', `${SERVER_ROOT}/data/StripeEvents/${objectIdOf(9)}`)).status).toBe(404)
  })

  test('findById takes columns and answers their newest row', async () => {
    expect((await call('GET', `${KEY_ROOT}/data/StripeEvents/pk?id=ch_1`)).body).toMatchObject({
      objectId: objectIdOf(1),
    })
    const both = await call(
      'GET',
      `${KEY_ROOT}/data/StripeEvents/pk?id=ch_1&created=${clock.now()}&livemode=false`,
    )
    expect(both.body).toMatchObject({ objectId: objectIdOf(0) })
    expect(await call('GET', `${KEY_ROOT}/data/StripeEvents/pk?id=ch_7`)).toMatchObject({
      status: 404,
      body: { code: 1000, message: 'Entity with ID ch_7 not found' },
    })
    expect(await call('GET', `${KEY_ROOT}/data/StripeEvents/pk?name=x`)).toMatchObject({
      body: { code: 1054, message: expect.stringContaining("Column 'name' does not exist") },
    })
    expect(await call('GET', `${KEY_ROOT}/data/StripeEvents/pk`)).toMatchObject({
      body: { errorData: { code: 'parameter_missing' } },
    })
  })

  test('describe lists the columns, for anyone with a key', async () => {
    const { body } = await call('GET', `${KEY_ROOT}/data/StripeEvents/properties`)
    expect(body?.map((column) => (column as { name: string }).name)).toContain('paymentIntentId')
  })

  test('a client that pins nothing is refused; a server is not', async () => {
    for (const where of [
      undefined,
      "type = 'charge.succeeded'",
      "id = 'ch_1' or amount > 0",
      "id like 'ch_%'",
    ]) {
      expect(await find(KEY_ROOT, { where })).toMatchObject({
        status: 403,
        body: { code: 403, errorData: { code: 'pin_required' } },
      })
      expect((await find('/api', { where })).status).toBe(403)
    }
    expect((await find(SERVER_ROOT, {})).body).toHaveLength(3)
  })

  test('a client may name rows by their objectId', async () => {
    const { body } = await find(KEY_ROOT, { where: `objectId = '${objectIdOf(2)}'` })
    expect(body).toMatchObject([{ id: 'ch_2' }])
  })

  test('where the app asks for watch tokens, one opens its own payment alone', async () => {
    await server.close()
    server = await start({ policy: { clientReads: 'pinned', requireWatchToken: true } })
    const token = await watchTokens.sign(APP, { id: ['ch_1'], paymentIntentId: ['pi_1'], orderId: [] })
    const asked = (url: string, userToken?: string) =>
      call(
        'GET',
        `${KEY_ROOT}/data/StripeEvents${url}`,
        undefined,
        userToken ? { 'user-token': userToken } : {},
      )
    const where = `?where=${encodeURIComponent(firstId)}`
    expect((await asked(where, token)).body).toHaveLength(2)
    expect((await asked(`/${objectIdOf(0)}`, token)).status).toBe(200)
    for (const [url, userToken] of [
      [where, undefined],
      [where, 'forged'],
      [`?where=${encodeURIComponent("id = 'ch_2'")}`, token],
      [`/${objectIdOf(2)}`, token],
      [`/${objectIdOf(0)}`, undefined],
    ] as const) {
      expect(await asked(url, userToken)).toMatchObject({
        status: 403,
        body: { errorData: { code: 'watch_token_required' } },
      })
    }
  })

  test('another table is refused in the words that old clients know', async () => {
    expect(await call('POST', `${KEY_ROOT}/data/Orders/find`, {})).toMatchObject({
      status: 404,
      body: { code: 1009, message: expect.stringContaining("Table not found by name 'Orders'. Make sure") },
    })
  })

  test('relations and grouping are refused with a sentence', async () => {
    expect(await call('GET', `${KEY_ROOT}/data/StripeEvents/${objectIdOf(0)}/charge`)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('no relations') },
    })
    expect(await call('POST', `${KEY_ROOT}/data/data-grouping/StripeEvents`, {})).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('Grouping is not offered') },
    })
  })
})

describe('writing is refused, whoever asks', () => {
  test.each([
    ['PUT', 'data/StripeEvents'],
    ['POST', 'data/StripeEvents'],
    ['PUT', 'data/StripeEvents/upsert'],
    ['PUT', 'data/StripeEvents/deep-save'],
    ['PUT', 'data/StripeEvents/some-id'],
    ['DELETE', 'data/StripeEvents/some-id'],
    ['POST', 'data/StripeEvents/some-id/relation'],
    ['POST', 'data/bulk/StripeEvents'],
    ['PUT', 'data/bulk/StripeEvents?where=id%3D%27ch_1%27'],
    ['PUT', 'data/bulkupsert/StripeEvents'],
    ['POST', 'data/bulk/StripeEvents/delete'],
    ['DELETE', 'data/bulk/StripeEvents?where=id%3D%27ch_1%27'],
    ['POST', 'transaction/unit-of-work'],
    ['POST', 'messaging/stripe'],
    ['DELETE', 'messaging/message:1'],
  ])('%s %s', async (method, path) => {
    for (const root of [KEY_ROOT, SERVER_ROOT, '/api']) {
      expect(await call(method, `${root}/${path}`, { id: 'ch_1' })).toMatchObject({
        status: 403,
        body: { code: 403, errorData: { code: 'operation_not_allowed' } },
      })
    }
    expect((await call('POST', `${SERVER_ROOT}/data/StripeEvents/count`, {})).text).toBe('3')
  })

  test('a write to another table names the table', async () => {
    expect(await call('PUT', `${KEY_ROOT}/data/Orders`, {})).toMatchObject({ body: { code: 1009 } })
    expect(await call('POST', `${KEY_ROOT}/data/bulk/Orders`, [])).toMatchObject({ body: { code: 1009 } })
  })
})

describe('messaging and logging over REST', () => {
  test('another channel is unknown', async () => {
    expect(await call('POST', `${KEY_ROOT}/messaging/default`, { message: 'hi' })).toMatchObject({
      status: 404,
      body: { errorData: { code: 'channel_unknown' } },
    })
  })

  test('the status of a message is that of its event', async () => {
    const messageId = `message:${objectIdOf(0)}`
    expect((await call('GET', `${KEY_ROOT}/messaging/${messageId}`)).body).toEqual({
      errorMessage: null,
      messageId,
      status: 'published',
    })
    expect((await call('GET', `${KEY_ROOT}/messaging/message:none`)).status).toBe(404)
  })

  test("an old SDK's logging is taken and let go", async () => {
    expect((await call('PUT', `${KEY_ROOT}/log`, [{ 'log-level': 'INFO', message: 'hi' }])).status).toBe(204)
    expect((await call('GET', `${KEY_ROOT}/log/logger`)).body).toEqual([])
  })
})

describe('pages of other origins', () => {
  const origin = { origin: 'https://shop.example' }

  test.each([
    `${KEY_ROOT}/services/Stripe/charge`,
    '/api/data/StripeEvents/find',
    `${KEY_ROOT}/users/login`,
    '/app_nobody/k/info',
    '/Stripe/charge',
  ])('may ask for %s with whatever headers they need', async (url) => {
    const answer = await call('OPTIONS', url, undefined, {
      ...origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-shop',
    })
    expect(answer.status).toBe(204)
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type,x-shop',
      'access-control-allow-methods': expect.stringContaining('DELETE'),
    })
  })

  test.each([
    ['GET', `${KEY_ROOT}/info`],
    ['GET', '/app_nobody/k/info'],
    ['POST', `/${APP}/wrong/services/Stripe/charge`],
    ['POST', `${KEY_ROOT}/users/login`],
    ['POST', '/Stripe/charge'],
  ])('can read every answer of %s %s, errors too', async (method, url) => {
    const { headers } = await call(method, url, undefined, origin)
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-expose-headers']).toContain('Tollbridge-Watch-Token')
  })
})
