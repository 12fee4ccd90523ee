/** Where keys travel, from outside: never in an address, at no door; and what the address without a key stands for. */
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, charge, codeOf } from '../../support/api-client.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
beforeAll(async () => {
  server = await startTollbridge({ env: { STRIPE_PROXY_PORT: '0' } })
})
afterAll(() => server.stop())

describe('a secret key in an address is refused with words, and not repeated', () => {
  const serverKey = () => server.serverKey
  const operatorKey = () => server.operatorKey ?? ''

  test.each<[string, () => string]>([
    ['the path of the Backendless form', () => `/${server.appId}/${serverKey()}/data/StripeEvents`],
    ['its info', () => `/${server.appId}/${serverKey()}/info`],
    ['the path of another app', () => `/app_none/${serverKey()}/data/StripeEvents`],
    ['the domain form', () => `/api/${serverKey()}/data/StripeEvents`],
    ['the first part of a path', () => `/${serverKey()}/x`],
    ['a query that asks for a client key', () => `/v1/events?client_key=${serverKey()}`],
    ['a query of a stream', () => `/v1/stream?client_key=${serverKey()}`],
    ['a query that nobody reads', () => `/v1/payments?key=${operatorKey()}`],
    ['a where clause', () => `/v1/events?where=${encodeURIComponent(`id = '${serverKey()}'`)}`],
    ['a path of /v1', () => `/v1/payments/${operatorKey()}`],
    ['a call to Stripe', () => `/v1/stripe/v1/customers?key=${serverKey()}`],
    ['a path that escapes it', () => `/${server.appId}/%74bk_${serverKey().slice(4)}/info`],
    ['a path that escapes it twice', () => `/%2574bk_${serverKey().slice(4)}/info`],
    ['a query that escapes it twice', () => `/v1/payments?x=%2574bk_${serverKey().slice(4)}`],
  ])('%s', async (_name, path) => {
    for (const method of ['GET', 'POST'] as const) {
      const response = await fetch(server.url + path(), {
        method,
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
      const text = await response.text()
      expect([response.status, text]).toEqual([401, expect.stringContaining('secret_key_in_address')])
      expect(text).toContain('Authorization: Bearer')
      expect(text).not.toContain(serverKey().slice(4, 20))
      expect(text).not.toContain(operatorKey().slice(4, 20))
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
    }
  })

  test.each<[string, () => string]>([
    ['a query', () => `/v1/customers?key=${serverKey()}`],
    ['a path', () => `/v1/customers/${serverKey()}`],
  ])(
    '%s at the port for Stripe’s SDKs, and neither Stripe nor the record of calls sees it',
    async (_name, path) => {
      const headers = { authorization: `Bearer ${serverKey()}` }
      const response = await fetch(server.stripeProxyUrl + path(), { headers })
      const text = await response.text()
      expect([response.status, text]).toEqual([401, expect.stringContaining('secret_key_in_address')])
      expect(text).not.toContain(serverKey().slice(4, 20))
      expect(response.headers.get('cache-control')).toBe('no-store')
      const calls = await call(server, '/v1/admin/stripe_calls?limit=100', { key: operatorKey() })
      expect(JSON.stringify(calls.body)).not.toContain(serverKey().slice(4, 20))
    },
  )

  const connect = (
    query: Record<string, string>,
    extraHeaders: Record<string, string> = {},
    auth: object = {},
  ) =>
    new Promise<{ code: number; message: string } | 'connected'>((resolve) => {
      const socket = io(`${server.url}/${server.appId}`, {
        path: `/${server.appId}`,
        query: { apiKey: server.clientKey, clientId: 'c', userToken: 'null', ...query },
        extraHeaders,
        auth,
        reconnection: false,
        forceNew: true,
      })
      socket.on('connect', () => {
        socket.close()
        resolve('connected')
      })
      socket.on('connect_error', (error) => {
        socket.close()
        resolve((error as Error & { data: { code: number; message: string } }).data)
      })
    })

  test('the query of Socket.IO in any parameter, and its auth', async () => {
    const queries = [
      { apiKey: serverKey() },
      { userToken: serverKey() },
      { userToken: operatorKey() },
      { other: serverKey() },
    ]
    const auths = [{ token: serverKey() }, { apiKey: serverKey() }, { a: { b: [`Bearer ${operatorKey()}`] } }]
    for (const [query, auth] of [
      ...queries.map((it) => [it, {}] as const),
      ...auths.map((it) => [{}, it] as const),
    ]) {
      expect(await connect({ ...query }, {}, auth)).toMatchObject({
        code: 401,
        message: expect.stringContaining('Authorization: Bearer'),
        details: { code: 'secret_key_in_address' },
      })
    }
  })

  test('beside the client key it travels in the header, at each door, within its app alone', async () => {
    const headers = { authorization: `Bearer ${serverKey()}` }
    const count = (path: string, more: Record<string, string>) =>
      fetch(`${server.url}${path}/data/StripeEvents/count`, { method: 'POST', body: '{}', headers: more })
    // Without a pin: what a server may and a client may not.
    const root = `/${server.appId}/${server.clientKey}`
    expect((await count(root, headers)).status).toBe(200)
    expect((await count('/api', headers)).status).toBe(200)
    expect((await count(root, {})).status).toBe(403)
    expect(await connect({}, headers)).toBe('connected')
    const other = await call(server, '/v1/admin/apps', {
      key: operatorKey(),
      body: { mode: 'test', name: 'Other' },
    })
    const foreign = { authorization: `Bearer ${other.body['server_key']}` }
    expect((await count(root, foreign)).status).toBe(401)
    expect(await connect({}, foreign)).toMatchObject({ code: 401, details: { code: 'api_key_invalid' } })
    const charged = await charge(server, { token: 'tok_visa', amount: 500 }, { key: serverKey() })
    expect(charged).toMatchObject({ status: 200, body: { object: 'charge' } })
  })
})

describe('no answer repeats a key', () => {
  test.each([
    ['GET', '/tbc_0123456789abcdef0123/x'],
    ['GET', '/v1/none/whsec_abcdefgh'],
    ['GET', '/%2574bc_0123456789abcdef0123/x'],
    ['GET', '/0123456789abcdef0123456789abcdef0123456789a'],
    ['DELETE', '/api/sk_live_abcdefgh/none'],
    ['GET', '/v1/payments/sk_test_abcdefghijkl'],
    ['GET', '/v1/events/tbq_abcdefghijkl'],
  ])('%s %s', async (method, path) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.serverKey}` },
    })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).not.toMatch(/abcdefgh|0123456789abcdef/)
  })
})

test('and one that says where a key belongs says it in whole', async () => {
  for (const url of [`${server.url}/v1/payments`, `${server.stripeProxyUrl}/v1/customers`]) {
    const text = await (await fetch(url)).text()
    expect(text).toMatch(/Authorization: Bearer <[a-z ]*server key>/)
  }
})

describe('what carries a secret or a payment is kept by nobody', () => {
  test('every answer says no-store, but for scripts, which say how they are kept', async () => {
    const paid = await call(server, '/v1/payments', {
      body: { order_id: 'kept-1', amount: 500, token: 'tok_visa' },
    })
    const charged = await charge(server, { token: 'tok_visa', amount: 500 })
    const refused = await call(server, '/v1/payments/pi_none')
    for (const { headers } of [paid, charged, refused]) expect(headers.get('cache-control')).toBe('no-store')
    for (const path of [
      '/v1/payments',
      '/v1/config',
      '/v1/stripe/v1/tokens',
      '/nowhere',
      '/webhooks/stripe',
    ]) {
      const { headers } = await call(server, path).catch(() => ({ headers: new Headers() }))
      expect([path, headers.get('cache-control')?.includes('no-store')]).toEqual([path, true])
    }
    // Refusals that no route writes: at the passthrough, at its port, of a proof, and in the Backendless form.
    for (const [url, key] of [
      [`${server.url}/v1/stripe/v1/customers`, 'none'],
      [`${server.stripeProxyUrl}/v1/customers`, 'none'],
      [`${server.stripeProxyUrl}/v1/customers`, server.serverKey],
      [`${server.stripeProxyUrl}/nowhere`, server.serverKey],
      [`${server.url}/v1/payments/${paid.body['id']}/confirm`, server.clientKey],
      [`${server.url}/${server.appId}/${server.clientKey}/services/Stripe/charge`, 'none'],
    ]) {
      const { headers } = await fetch(String(url), {
        method: String(url).endsWith('customers') || String(url).endsWith('nowhere') ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}` },
      })
      expect([url, headers.get('cache-control')?.includes('no-store')]).toEqual([url, true])
    }
  })
})

describe('the address without app and key', () => {
  const answer = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/api/services/Stripe/charge`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ token: 'tok_visa', amount: 500 }),
    })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    }
  }

  test('stands for the sandbox’s own app', async () => {
    expect((await answer(server.url)).status).toBe(200)
  })

  test('takes text of its own pages and of no browser, but not of a page elsewhere', async () => {
    const foreign = { origin: 'https://evil.example' }
    for (const type of ['text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded']) {
      const refused = await answer(server.url, { ...foreign, 'content-type': type })
      expect([refused.status, codeOf(refused)]).toEqual([400, 'body_invalid'])
      expect(refused.headers.get('access-control-allow-origin')).toBe('*')
      expect((await answer(server.url, { origin: server.url, 'content-type': type })).status).toBe(200)
    }
    expect((await answer(server.url, { ...foreign, 'content-type': 'application/json' })).status).toBe(200)
    for (const path of ['/services/Stripe/charge', '/Stripe/charge']) {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { ...foreign, 'content-type': 'text/plain' },
        body: '{"token":"tok_visa","amount":500}',
      })
      expect(response.status).toBe(400)
    }
    const named = await fetch(`${server.url}/${server.appId}/${server.clientKey}/services/Stripe/charge`, {
      method: 'POST',
      headers: { ...foreign, 'content-type': 'text/plain' },
      body: '{"token":"tok_visa","amount":500}',
    })
    expect(named.status).toBe(200)
  })

  test('stands for the app that DOMAIN_APP names, and for none where it names none of this server', async () => {
    const named = await startTollbridge({ env: { APP_ID: 'app_named', DOMAIN_APP: 'app_named' } })
    expect((await answer(named.url)).status).toBe(200)
    await named.stop()
    const unknown = await startTollbridge({ env: { DOMAIN_APP: 'app_elsewhere' } })
    const refused = await answer(unknown.url)
    expect([refused.status, codeOf(refused)]).toEqual([404, 'app_unknown'])
    expect(refused.body['message']).toContain('DOMAIN_APP')
    await unknown.stop()
  })
})
