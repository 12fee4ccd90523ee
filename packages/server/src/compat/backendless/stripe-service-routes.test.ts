import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  APP,
  AS_SERVER,
  type BackendlessRoutes,
  CLIENT_ROOT,
  startBackendlessRoutes,
} from '../../../../../test/support/backendless-routes.ts'
import { ServiceError } from '../../errors.ts'

let routes: BackendlessRoutes

beforeEach(async () => {
  routes = await startBackendlessRoutes()
})

afterEach(async () => {
  await routes.stop()
})

describe('charge', () => {
  test.each([
    ['the key form', `${CLIENT_ROOT}/services/Stripe/charge`],
    ['the domain form', '/api/services/Stripe/charge'],
    ['a version in the path', `${CLIENT_ROOT}/services/Stripe/1.0.0/charge`],
    ['the prefix form under a root', `${CLIENT_ROOT}/Stripe/charge`],
    ['the prefix form alone', '/Stripe/charge'],
    ['the service form alone', '/services/Stripe/charge'],
  ])('%s reaches the one charge', async (_form, url) => {
    const charge = { token: 'tok_visa', amount: 1999 }
    const answer = await routes.call('POST', url, [charge], {
      'idempotency-key': 'order-7',
      'user-token': 'theirs',
      'tollbridge-customer-token': 'of-ada',
    })
    expect(answer).toMatchObject({ status: 200, body: { id: 'ch_9' } })
    expect(answer.headers['tollbridge-watch-token']).toBe('watch-me')
    expect(routes.charges).toEqual([
      {
        principal: { role: 'client', appId: APP, clientKey: 'tbc_client', watch: null },
        clientKey: 'tbc_client',
        body: charge,
        idempotencyKey: 'order-7',
        remoteAddress: '127.0.0.1',
        customerToken: 'of-ada',
        header: expect.any(Function),
      },
    ])
    expect(routes.charges[0]?.header('tollbridge-customer-token')).toBe('of-ada')
    expect(routes.charges[0]?.header('tollbridge-payer-key')).toBeNull()
  })

  test('a server key in the header charges as the server', async () => {
    const body = { token: 'tok_visa', amount: 1999 }
    await routes.call('POST', `${CLIENT_ROOT}/services/Stripe/charge`, body, AS_SERVER)
    expect(routes.charges[0]?.principal).toMatchObject({ role: 'server', appId: APP })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])(
    'the body is JSON even when the content type says %s',
    async (type) => {
      const answer = await routes.call(
        'POST',
        `${CLIENT_ROOT}/services/Stripe/charge`,
        '{"token":"tok_visa"}',
        {
          'content-type': type,
        },
      )
      expect(answer.status).toBe(200)
      expect(routes.charges[0]?.body).toEqual({ token: 'tok_visa' })
    },
  )

  test('an empty body arrives as an empty call', async () => {
    await routes.fastify.inject({ method: 'POST', url: `${CLIENT_ROOT}/services/Stripe/charge` })
    expect(routes.charges[0]?.body).toEqual({})
  })

  test.each(['abc', '{"token":', '{"__proto__":{"token":"tok_visa"}}', '"tok_visa"'])(
    'the body %s is refused',
    async (body) => {
      expect(await routes.call('POST', `${CLIENT_ROOT}/services/Stripe/charge`, body)).toMatchObject({
        status: 400,
        body: { code: 400, errorData: { code: 'body_invalid' } },
      })
      expect(routes.charges).toEqual([])
    },
  )

  test('a body over 100 kB is refused before it is parsed', async () => {
    const padding = 'x'.repeat(101 * 1024)
    expect(await routes.call('POST', `${CLIENT_ROOT}/services/Stripe/charge`, { padding })).toMatchObject({
      status: 413,
      body: { code: 413, errorData: { code: 'body_too_large' } },
    })
  })

  test("a decline keeps Stripe's own facts in errorData", async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      charge: async () => {
        throw new ServiceError('card_declined', {
          message: 'Your card has insufficient funds.',
          details: { decline_code: 'insufficient_funds', charge: 'ch_8', payment_intent: 'pi_8' },
        })
      },
    })
    expect(
      await routes.call('POST', `${CLIENT_ROOT}/services/Stripe/charge`, { token: 'tok_x' }),
    ).toMatchObject({
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
    await routes.stop()
    routes = await startBackendlessRoutes({
      charge: async () => {
        throw new Error('secret detail')
      },
    })
    const answer = await routes.call('POST', `${CLIENT_ROOT}/services/Stripe/charge`, {})
    expect(answer).toMatchObject({ status: 500, body: { code: 500, errorData: { code: 'internal' } } })
    expect(answer.text).not.toContain('secret detail')
  })

  test('a slow-down says how long in Retry-After', async () => {
    await routes.stop()
    routes = await startBackendlessRoutes({
      charge: async () => {
        throw new ServiceError('too_many_requests', { message: 'Slower, please.', retryAfterSeconds: 3 })
      },
    })
    const answer = await routes.call('POST', `${CLIENT_ROOT}/services/Stripe/charge`, {})
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '3' } })
  })

  test.each([
    ['POST', 'services/Stripe/refund'],
    ['POST', 'services/Mailer/send'],
    ['GET', 'services/Stripe/charge'],
    ['POST', 'Stripe/refund'],
  ])('%s %s is refused by name', async (method, path) => {
    expect(await routes.call(method, `${CLIENT_ROOT}/${path}`)).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining('"charge"'), errorData: { code: 'service_unknown' } },
    })
  })
})

describe("Stripe's webhooks", () => {
  test.each([CLIENT_ROOT, '/api', `/${APP}/no-such-key`])('arrive under %s as raw bytes', async (root) => {
    const rawBody = Buffer.from('{ "id" : "evt_1",\n "name": "Zo\u00eb" }')
    const answer = await routes.fastify.inject({
      method: 'POST',
      url: `${root}/services/Stripe/webhooks/handler`,
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': 't=1,v1=abc' },
      payload: rawBody,
    })
    expect(answer.json()).toEqual({ received: true })
    expect(routes.deliveries).toEqual([{ appId: APP, rawBody, signatureHeader: 't=1,v1=abc' }])
  })

  test('may be larger than other bodies, up to 1 MiB', async () => {
    const send = (size: number) =>
      routes.fastify.inject({
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
    await routes.fastify.inject({ method: 'POST', url: '/api/services/Stripe/webhooks/handler' })
    expect(routes.deliveries).toEqual([{ appId: APP, rawBody: Buffer.alloc(0), signatureHeader: null }])
  })
})
