/** What a server key may do: each scope against every route, and never more than the key that made it. */
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES } from '../../../packages/server/src/access/scopes.ts'
import { call, codeOf, serverKeyWith } from '../../support/api-client.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
beforeAll(async () => {
  server = await startTollbridge({ env: { STRIPE_PROXY_PORT: '0' } })
})
afterAll(() => server.stop())

interface Operation {
  readonly method: string
  readonly path: string
  readonly scope: string | null
  readonly takesServerKey: boolean
}

async function operations(): Promise<readonly Operation[]> {
  const response = await fetch(`${server.url}/v1/openapi.json`)
  const { paths } = (await response.json()) as {
    paths: Record<
      string,
      Record<string, { security?: Record<string, unknown>[]; 'x-tollbridge-scope'?: string }>
    >
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, it]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'none_1'),
      scope: it['x-tollbridge-scope'] ?? null,
      takesServerKey: (it.security ?? []).some((way) => 'serverKey' in way),
    })),
  )
}

/** The status and the code of an answer; a stream that opens has no code. */
async function ask({ method, path }: Operation, key: string) {
  const leaving = new AbortController()
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: '{}' } : {}),
    signal: leaving.signal,
  })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const body = isStream ? {} : ((await response.json()) as { error?: { code?: string; scope?: string } })
  leaving.abort()
  return { status: response.status, code: body.error?.code, scope: body.error?.scope }
}

describe('each route of /v1', () => {
  /** By name of its one scope. */
  const keys = new Map<string, string>()
  beforeAll(async () => {
    for (const scope of [...SCOPES, 'none']) {
      const { key } = await serverKeyWith(server, scope === 'none' ? [] : [scope])
      keys.set(scope, key)
    }
  })

  test('that takes server keys names the scope that they need, and the others name none', async () => {
    const all = await operations()
    expect(all.length).toBeGreaterThan(50)
    for (const { method, path, scope, takesServerKey } of all) {
      expect(SCOPES.includes(scope as never), `${method} ${path} names ${scope}`).toBe(takesServerKey)
    }
    expect(new Set(all.flatMap(({ scope }) => scope ?? []))).toEqual(new Set(SCOPES))
  })

  test('opens to a key with that one scope, and to no other', async () => {
    for (const operation of await operations()) {
      for (const [scope, key] of keys) {
        const { status, code, scope: needed } = await ask(operation, key)
        const what = `${operation.method} ${operation.path} with the scope ${scope}: ${status} ${code}`
        if (operation.scope === null) {
          // No key at all (the document itself), or operators and pages alone.
          expect(code === undefined || status === 401 || status === 403, what).toBe(true)
        } else if (operation.scope === scope) {
          expect(code, what).not.toBe('scope_missing')
          expect([401], what).not.toContain(status)
        } else {
          expect([status, code, needed], what).toEqual([403, 'scope_missing', operation.scope])
        }
      }
    }
  })

  test.each([
    ['GET', '/v1/stripe/v1/refunds', 'read'],
    ['POST', '/v1/stripe/v1/customers', 'payments'],
    ['POST', '/v1/stripe/v1/payment_intents', 'payments'],
    ['DELETE', '/v1/stripe/v1/customers/cus_none', 'payments'],
    ['POST', '/v1/stripe/v1/refunds', 'refunds'],
    ['POST', '/v1/stripe/v1/Refunds.json', 'refunds'],
    ['POST', '/v1/stripe/v1/charges/ch_none/refund', 'refunds'],
  ])('a call to Stripe, %s %s, takes %s', async (method, path, needed) => {
    for (const [scope, key] of keys) {
      const { code } = await ask({ method, path, scope: null, takesServerKey: true }, key)
      if (scope === needed) expect(code, scope).not.toBe('scope_missing')
      else expect(code, scope).toBe('scope_missing')
    }
  })

  test('a refusal says what is missing, and how to get it', async () => {
    const { status, body } = await call(server, '/v1/payments', { key: keys.get('refunds') ?? '' })
    expect(status).toBe(403)
    expect(body['error']).toMatchObject({
      type: 'permission_error',
      scope: 'read',
      scopes: ['refunds'],
      message: expect.stringMatching(/scope read.*tollbridge keys (add-server|scopes)/),
    })
  })
})

describe('the other doors', () => {
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

  test('the Backendless form charges with payments, and reads rows and messages with read', async () => {
    const [read, payments] = [
      await serverKeyWith(server, ['read']),
      await serverKeyWith(server, ['payments']),
    ]
    const root = `${server.url}/${server.appId}/${server.clientKey}`
    const post = async (path: string, key: string, body: object) => {
      const response = await fetch(root + path, {
        method: 'POST',
        headers: { ...bearer(key), 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const answer = (await response.json()) as { errorData?: { code?: string } }
      return answer.errorData?.code ?? response.status
    }
    const token = { token: 'tok_visa', amount: 500 }
    expect(await post('/services/Stripe/charge', payments.key, token)).toBe(200)
    expect(await post('/services/Stripe/charge', read.key, token)).toBe('scope_missing')
    expect(await post('/data/StripeEvents/find', read.key, {})).toBe(200)
    expect(await post('/data/StripeEvents/find', payments.key, {})).toBe('scope_missing')
  })

  test('a socket opens with read', async () => {
    const connect = (key: string) =>
      new Promise((resolve) => {
        const socket = io(`${server.url}/${server.appId}`, {
          path: `/${server.appId}`,
          query: { apiKey: server.clientKey, userToken: 'null' },
          extraHeaders: bearer(key),
          reconnection: false,
          forceNew: true,
        })
        const done = (outcome: unknown) => {
          socket.close()
          resolve(outcome)
        }
        socket.on('connect', () => done('connected'))
        socket.on('connect_error', (error) => done((error as Error & { data: unknown }).data))
      })
    expect(await connect((await serverKeyWith(server, ['read'])).key)).toBe('connected')
    expect(await connect((await serverKeyWith(server, ['payments', 'ui'])).key)).toMatchObject({
      code: 403,
      details: { code: 'scope_missing', scope: 'read' },
    })
  })

  test('the port for Stripe’s SDKs judges each call', async () => {
    const { key } = await serverKeyWith(server, ['read'])
    const ask = async (method: string, path: string) =>
      (await fetch(`${server.stripeProxyUrl}${path}`, { method, headers: bearer(key) })).status
    expect(await ask('GET', '/v1/customers')).toBe(200)
    expect(await ask('POST', '/v1/customers')).toBe(403)
    expect(await ask('POST', '/v1/refunds')).toBe(403)
  })
})

describe('a key that may not pay', () => {
  test('is told nothing with which one pays, by no route', async () => {
    const { key: read } = await serverKeyWith(server, ['read', 'refunds'])
    const order_id = 'secret-1'
    const begun = await call(server, '/v1/payments', { body: { order_id, amount: 500 } })
    const secret = String(begun.body['client_secret'])
    expect(secret).toMatch(/_secret_/)
    const { sandbox } = server
    await sandbox.idle()
    const id = String(begun.body['id'])
    for (const path of [`/v1/payments/${id}`, '/v1/payments', '/v1/events?limit=100']) {
      expect(JSON.stringify((await call(server, path, { key: read })).body), path).not.toContain('_secret_')
    }
    expect((await call(server, `/v1/payments/${id}`)).body['client_secret']).toBe(secret)
    expect((await call(server, `/v1/payments/${id}`, { key: read })).body['watch_token']).toBeNull()
    const events = await call(server, '/v1/events?limit=100')
    expect(JSON.stringify(events.body)).toContain(secret)
    const [event] = events.body['data'] as { eventId: string }[]
    const one = await call(server, `/v1/events/${event?.eventId}`, { key: read })
    expect(JSON.stringify(one.body)).not.toContain('_secret_')
    const paid = await call(server, '/v1/payments', {
      body: { order_id: 'secret-2', amount: 500, token: 'tok_visa' },
    })
    const refunded = await call(server, `/v1/payments/${paid.body['id']}/refund`, { key: read, body: {} })
    expect([refunded.status, JSON.stringify(refunded.body)]).toEqual([
      200,
      expect.not.stringContaining('_secret_'),
    ])
  })
})

describe('an app’s first key', () => {
  test('has all scopes but admin, and every listing shows name, scopes, maker, time and end of each key', async () => {
    const { body } = await call(server, `/v1/admin/apps/${server.appId}`, { key: server.operatorKey ?? '' })
    expect((body['server_keys'] as unknown[])[0]).toEqual({
      id: expect.stringMatching(/^key_/),
      object: 'server_key',
      name: 'first',
      scopes: ['read', 'payments', 'refunds', 'ui'],
      passthrough_rules: ['default'],
      last4: server.serverKey.slice(-4),
      made_by: 'tollbridge',
      created: expect.any(Number),
    })
    const ruled = await serverKeyWith(server, [])
    const rules = ['GET /v1/customers*', '!GET /v1/customers/cus_1']
    const path = `/v1/admin/apps/${server.appId}`
    const operator = { key: server.operatorKey ?? '' }
    await call(server, `${path}/server_keys/${ruled.id}/passthrough`, { ...operator, body: { rules } })
    for (const listing of [path, '/v1/admin/apps']) {
      const shown = await call(server, listing, operator)
      const apps = (shown.body['data'] ?? [shown.body]) as { server_keys: object[] }[]
      expect(apps.flatMap((app) => app.server_keys)).toContainEqual(
        expect.objectContaining({ id: ruled.id, scopes: [], passthrough_rules: rules }),
      )
    }
    const refused = await call(server, '/v1/admin/quote_key', { body: {} })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'scope_missing'])
  })

  test('has admin as well where an operator asks for it', async () => {
    const { body } = await call(server, '/v1/admin/apps', {
      key: server.operatorKey ?? '',
      body: { mode: 'test', scopes: ['admin', 'read'] },
    })
    expect(body['server_keys']).toMatchObject([{ scopes: ['read', 'admin'] }])
  })
})

describe('a key makes no more than itself', () => {
  const keysPath = () => `/v1/admin/apps/${server.appId}/server_keys`
  const make = (maker: string, body: object) => call(server, keysPath(), { key: maker, body })
  const rulesOf = (id: unknown) => `${keysPath()}/${id}/passthrough`
  const opens = async (key: unknown) =>
    (await call(server, '/v1/payments', { key: String(key) })).status === 200

  test('one that may only read customers reads them, and makes no key', async () => {
    const { id, key } = await serverKeyWith(server, [])
    await call(server, rulesOf(id), {
      key: server.operatorKey ?? '',
      body: { rules: ['GET /v1/customers*'] },
    })
    expect((await call(server, '/v1/stripe/v1/customers', { key })).status).toBe(200)
    const created = await fetch(`${server.url}/v1/stripe/v1/customers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    })
    expect(created.status).toBe(403)
    expect(codeOf(await call(server, '/v1/payments', { key }))).toBe('scope_missing')
    const made = await make(key, {})
    expect([made.status, codeOf(made)]).toEqual([403, 'scope_missing'])
  })

  test('with admin it gives what it has, by itself and when asked, and refuses the rest', async () => {
    const { id, key } = await serverKeyWith(server, ['read', 'admin'])
    const child = await make(key, { name: 'report', scopes: ['read'] })
    expect(child.body).toMatchObject({ name: 'report', scopes: ['read'], made_by: `server_key:${id}` })
    expect(await opens(child.body['server_key'])).toBe(true)
    expect((await make(key, {})).body['scopes']).toEqual(['read'])
    const beyond = await make(key, { scopes: ['read', 'refunds'] })
    expect([beyond.status, codeOf(beyond)]).toEqual([403, 'scope_missing'])
    expect(beyond.body['error']).toMatchObject({ param: 'scopes', scope: 'refunds' })
    expect(codeOf(await make(key, { scopes: ['everything'] }))).toBe('parameter_invalid')
  })

  test('it widens neither itself nor another, and narrows both', async () => {
    const { id, key } = await serverKeyWith(server, ['read', 'admin'])
    const other = await serverKeyWith(server, ['read', 'refunds'])
    const change = (which: string, scopes: readonly string[]) =>
      call(server, `${keysPath()}/${which}`, { key, body: { scopes } })
    for (const [which, scopes] of [
      [id, [...SCOPES]],
      [other.id, ['read', 'refunds', 'payments']],
    ] as const) {
      expect(codeOf(await change(which, scopes))).toBe('scope_missing')
    }
    // What it gave to a key that it has not made would stay there when it is revoked.
    const given = await change(other.id, ['read', 'refunds', 'admin'])
    expect([given.status, codeOf(given)]).toEqual([403, 'operator_key_required'])
    expect(given.body['error']).toMatchObject({ param: 'scopes' })
    expect((await change(other.id, ['refunds'])).body['scopes']).toEqual(['refunds'])
    expect(await opens(other.key)).toBe(false)
    const child = await make(key, { scopes: ['read'] })
    const widened = await change(String(child.body['id']), ['read', 'admin'])
    expect(widened.body['scopes']).toEqual(['read', 'admin'])
    expect((await change(id, ['read'])).body['scopes']).toEqual(['read'])
    expect(codeOf(await change(id, ['read']))).toBe('scope_missing')
  })

  test('what it loses, the keys that it made lose too', async () => {
    const { id, key } = await serverKeyWith(server, ['read', 'ui', 'admin'])
    const child = await make(key, { scopes: ['read', 'ui'] })
    const operator = { key: server.operatorKey ?? '' }
    await call(server, `${keysPath()}/${id}`, { ...operator, body: { scopes: ['ui'] } })
    const { body } = await call(server, `/v1/admin/apps/${server.appId}`, operator)
    expect(body['server_keys']).toContainEqual(
      expect.objectContaining({ id: child.body['id'], scopes: ['ui'] }),
    )
    expect(await opens(child.body['server_key'])).toBe(false)
  })

  test('a new name brings no scope back that an operator takes away at the same time', async () => {
    const { key } = await serverKeyWith(server, ['admin'])
    for (let round = 0; round < 10; round += 1) {
      const other = await serverKeyWith(server, ['read', 'refunds'])
      const path = `${keysPath()}/${other.id}`
      const [named, narrowed] = await Promise.all([
        call(server, path, { key, body: { name: `round ${round}` } }),
        call(server, path, { key: server.operatorKey ?? '', body: { scopes: ['refunds'] } }),
      ])
      expect([named.status, narrowed.status]).toEqual([200, 200])
      expect(await opens(other.key)).toBe(false)
    }
  })

  test('rules that it is given later hold for the keys that it made, and theirs', async () => {
    const operator = { key: server.operatorKey ?? '' }
    const { id, key } = await serverKeyWith(server, ['read', 'admin'])
    const child = await make(key, { scopes: ['read', 'admin'] })
    const grandchild = await make(String(child.body['server_key']), { scopes: ['read'] })
    const ask = (path: string) =>
      call(server, `/v1/stripe/v1/${path}`, { key: String(grandchild.body['server_key']) })
    expect((await ask('customers')).status).toBe(200)
    await call(server, rulesOf(id), { ...operator, body: { rules: ['default', '!* /v1/customers*'] } })
    const refused = await ask('customers')
    expect([refused.status, codeOf(refused)]).toEqual([403, 'stripe_call_refused'])
    expect(String((refused.body['error'] as { message: string }).message)).toContain(id)
    expect((await ask('refunds')).status).toBe(200)
    // A key that may less than it is not made to do more by rules of its own.
    await call(server, rulesOf(grandchild.body['id']), {
      ...operator,
      body: { rules: ['POST /v1/customers'] },
    })
    const written = await call(server, '/v1/stripe/v1/customers', {
      method: 'POST',
      key: String(grandchild.body['server_key']),
    })
    expect(codeOf(written)).toBe('scope_missing')
  })

  test('its passthrough rules hold for a key that it makes', async () => {
    const { id, key } = await serverKeyWith(server, ['read', 'payments', 'admin'])
    const rules = ['default', '!* /v1/customers*']
    await call(server, rulesOf(id), { key: server.operatorKey ?? '', body: { rules } })
    const child = await make(key, { scopes: ['read', 'payments'] })
    const shown = await call(server, rulesOf(child.body['id']), { key: server.operatorKey ?? '' })
    expect(shown.body['rules']).toEqual(rules)
    const asked = await call(server, '/v1/stripe/v1/customers', { key: String(child.body['server_key']) })
    expect(codeOf(asked)).toBe('stripe_call_refused')
  })

  test('it ends with the key that made it, and so do those that it made', async () => {
    const maker = await serverKeyWith(server, ['read', 'admin'])
    const child = await make(maker.key, { scopes: ['read', 'admin'] })
    const grandchild = await make(String(child.body['server_key']), { scopes: ['read'] })
    expect(await opens(grandchild.body['server_key'])).toBe(true)
    const revoked = await call(server, `${keysPath()}/${maker.id}`, {
      method: 'DELETE',
      key: server.operatorKey ?? '',
    })
    expect(revoked.status).toBe(200)
    for (const key of [maker.key, child.body['server_key'], grandchild.body['server_key']]) {
      expect(codeOf(await call(server, '/v1/payments', { key: String(key) }))).toBe('api_key_invalid')
    }
    expect(await opens(server.serverKey)).toBe(true)
  })

  test('two keys that are made and revoked at once leave exactly what was not revoked', async () => {
    const keys = await Promise.all([1, 2, 3, 4].map(() => serverKeyWith(server, ['read'])))
    const [first, second, ...others] = keys
    await Promise.all([
      ...[first, second].map((it) =>
        call(server, `${keysPath()}/${it?.id}`, { method: 'DELETE', key: server.operatorKey ?? '' }),
      ),
      serverKeyWith(server, ['read']),
      serverKeyWith(server, ['read']),
    ])
    expect([await opens(first?.key), await opens(second?.key)]).toEqual([false, false])
    for (const { key } of others) expect(await opens(key)).toBe(true)
  })
})
