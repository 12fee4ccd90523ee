import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  APP,
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

describe('info and rt/lookup', () => {
  test('answer under both forms of the root, without a key check', async () => {
    const expected = { appId: APP, rtURL: 'http://localhost:80', loggers: [] }
    expect((await routes.call('GET', `${CLIENT_ROOT}/info`)).body).toEqual({
      ...expected,
      apiKey: 'tbc_client',
    })
    expect((await routes.call('GET', `/${APP}/no-such-key/info`)).body).toEqual({
      ...expected,
      apiKey: 'no-such-key',
    })
    expect((await routes.call('GET', '/api/info')).body).toEqual({ ...expected, apiKey: 'tbc_client' })
    const lookup = await routes.call('GET', `${CLIENT_ROOT}/rt/lookup`)
    expect(lookup.body).toBe('http://localhost:80')
    expect(lookup.headers['content-type']).toContain('application/json')
  })

  test('a stale user token is no reason to refuse', async () => {
    expect(
      (await routes.call('GET', `${CLIENT_ROOT}/info`, undefined, { 'user-token': 'gone' })).status,
    ).toBe(200)
  })

  test('answer while the store is down, since an SDK asks only once', async () => {
    await routes.stop()
    const down = async (): Promise<never> => {
      throw new ServiceError('store_unavailable', { message: 'The database is away.' })
    }
    routes = await startBackendlessRoutes({ events: { find: down, count: down, findByObjectId: down } })
    for (const path of ['info', 'rt/lookup'])
      expect((await routes.call('GET', `${CLIENT_ROOT}/${path}`)).status).toBe(200)
    expect(
      await routes.call('POST', `${CLIENT_ROOT}/data/StripeEvents/find`, { where: "id = 'ch_1'" }),
    ).toMatchObject({
      status: 503,
      body: { code: 503, message: 'The database is away.', errorData: { code: 'store_unavailable' } },
    })
  })

  test('doubled slashes are forgiven', async () => {
    expect((await routes.call('GET', `/${CLIENT_ROOT}//info`)).body).toMatchObject({ appId: APP })
    expect((await routes.call('GET', '//api/info')).body).toMatchObject({ appId: APP })
  })
})

describe('who is asking', () => {
  test('an unknown app and a wrong key are told apart, in the envelope', async () => {
    const unknown = await routes.call('GET', '/app_nobody/tbc_client/info')
    expect(unknown).toMatchObject({
      status: 404,
      body: { code: 404, errorData: { code: 'app_unknown', request_id: 'req_1' } },
    })
    expect(await routes.call('GET', `/${APP}/tbc_other/data/StripeEvents`)).toMatchObject({
      status: 401,
      body: { code: 401, message: expect.stringContaining(APP), errorData: { code: 'api_key_invalid' } },
    })
    expect(await routes.call('POST', '/app_nobody/tbc_client/data/StripeEvents/find', {})).toMatchObject({
      body: { errorData: { code: 'app_unknown' } },
    })
  })

  test('no envelope repeats a key', async () => {
    for (const url of [
      `/${APP}/tbk_wrong/data/StripeEvents`,
      `/${APP}/tbk_server/users/login`,
      '/api/tbk_x/y',
    ]) {
      const { text } = await routes.call('GET', url)
      expect(text).not.toContain('tbk_')
    }
  })

  test('paths that name no app of ours belong to the rest of the server', async () => {
    expect((await routes.fastify.inject('/v1/payments/pi_1')).body).toBe('a payment')
    const stray = await routes.call('DELETE', '/v1/payments/pi_1')
    expect(stray).toMatchObject({ status: 404, body: { error: { code: 'route_unknown' } } })
    expect(stray.headers['access-control-allow-origin']).toBeUndefined()
    for (const url of ['/v1/payments/pi_1', '/v1/a/data/StripeEvents']) {
      const preflight = await routes.fastify.inject({ method: 'OPTIONS', url })
      expect(preflight.body).toBe('a preflight of another part')
    }
  })

  test('a route that Backendless has and this server has not is refused in the envelope', async () => {
    for (const root of [CLIENT_ROOT, '/api']) {
      expect(await routes.call('POST', `${root}/users/login`, { login: 'ada' })).toMatchObject({
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

describe('messaging and logging over REST', () => {
  test('another channel is unknown', async () => {
    expect(await routes.call('POST', `${CLIENT_ROOT}/messaging/default`, { message: 'hi' })).toMatchObject({
      status: 404,
      body: { errorData: { code: 'channel_unknown' } },
    })
  })

  test('the status of a message is that of its event', async () => {
    const messageId = `message:${routes.rows[0].objectId}`
    expect((await routes.call('GET', `${CLIENT_ROOT}/messaging/${messageId}`)).body).toEqual({
      errorMessage: null,
      messageId,
      status: 'published',
    })
    expect((await routes.call('GET', `${CLIENT_ROOT}/messaging/message:none`)).status).toBe(404)
  })

  test("an old SDK's logging is taken and let go", async () => {
    expect(
      (await routes.call('PUT', `${CLIENT_ROOT}/log`, [{ 'log-level': 'INFO', message: 'hi' }])).status,
    ).toBe(204)
    expect((await routes.call('GET', `${CLIENT_ROOT}/log/logger`)).body).toEqual([])
  })
})

describe('pages of other origins', () => {
  const origin = { origin: 'https://shop.example' }

  test.each([
    `${CLIENT_ROOT}/services/Stripe/charge`,
    '/api/data/StripeEvents/find',
    `${CLIENT_ROOT}/users/login`,
    '/app_nobody/k/info',
    '/Stripe/charge',
  ])('may ask for %s with whatever headers they need', async (url) => {
    const answer = await routes.call('OPTIONS', url, undefined, {
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
    ['GET', `${CLIENT_ROOT}/info`],
    ['GET', '/app_nobody/k/info'],
    ['POST', `/${APP}/wrong/services/Stripe/charge`],
    ['POST', `${CLIENT_ROOT}/users/login`],
    ['POST', '/Stripe/charge'],
  ])('can read every answer of %s %s, errors too', async (method, url) => {
    const { headers } = await routes.call(method, url, undefined, origin)
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-expose-headers']).toContain('Tollbridge-Watch-Token')
  })
})
