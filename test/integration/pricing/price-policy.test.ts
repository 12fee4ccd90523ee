/** Prices from outside: quotes that an app's own server signs, a catalog, and what a client may not decide. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call, charge, codeOf } from '../../support/api-client.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
beforeAll(async () => {
  server = await startTollbridge()
})
afterAll(() => server.stop())

const api = (path: string, body?: unknown, method?: 'DELETE') =>
  call(server, path, {
    ...(path.startsWith('/v1/admin/') ? { key: server.operatorKey ?? '' } : {}),
    ...(body === undefined ? {} : { body }),
    ...(method === undefined ? {} : { method }),
  })
const setPolicy = (body: object) => api('/v1/admin/price_policy', body)
const pay = (body: object) => charge(server, { token: 'tok_visa', ...body })
const order = () => `order-${randomUUID()}`
const secretOf = (key: Answer) => new TextEncoder().encode(String(key.body['secret']))

describe('the policy', () => {
  test('is open in the sandbox until it is set, and then stays over a change of a part', async () => {
    expect((await api('/v1/admin/price_policy')).body).toEqual({
      object: 'price_policy',
      policy: 'open',
      currencies: null,
      allow_open: false,
      allow_client_capture: false,
      mode: 'sandbox',
      updated: null,
    })
    const currencies = [{ currency: 'usd', min_amount: 100, max_amount: 200_000 }]
    expect((await setPolicy({ currencies })).body).toMatchObject({ policy: 'open', currencies })
    expect((await setPolicy({ policy: 'catalog' })).body).toMatchObject({ policy: 'catalog', currencies })
    expect((await setPolicy({ allow_client_capture: true })).body).toMatchObject({
      policy: 'catalog',
      allow_client_capture: true,
    })
    await setPolicy({ allow_client_capture: false })
    expect((await setPolicy({ policy: 'open', currencies: null })).body).toMatchObject({ currencies: null })
  })

  test.each([
    [{ policy: 'free' }, 'policy'],
    [{ currencies: [] }, 'currencies'],
    [{ currencies: [{ currency: 'dollars' }] }, 'currencies.0.currency'],
    [{ currencies: [{ currency: 'usd', min_amount: 5, max_amount: 4 }] }, 'currencies.0.min_amount'],
    [{ currencies: [{ currency: 'usd' }, { currency: 'USD' }] }, 'currencies'],
    [{ price: 5 }, 'price'],
  ])('%j is refused with the name of the field', async (body, param) => {
    const answer = await setPolicy(body)
    expect(answer.status).toBe(400)
    expect(answer.body['error']).toMatchObject({ param })
  })

  test('and the rest of the pricing API are not for client keys', async () => {
    for (const path of ['/v1/admin/price_policy', '/v1/admin/quote_key', '/v1/catalog/items']) {
      expect(codeOf(await call(server, path, { key: server.clientKey }))).toMatch(
        /^(server|operator)_key_required$/,
      )
    }
    const quote = await call(server, '/v1/quotes', {
      key: server.clientKey,
      body: { order_id: 'o', amount: 1 },
    })
    expect([quote.status, codeOf(quote)]).toEqual([403, 'server_key_required'])
  })
})

describe('with signed quotes', () => {
  beforeAll(() => setPolicy({ policy: 'quote' }))
  afterAll(() => setPolicy({ policy: 'open' }))

  test('an amount of the page is refused with the way out, and nothing is charged', async () => {
    const answer = await pay({ amount: 1 })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'price_source_refused'])
    expect(answer.body['message']).toMatch(/policy of this app is quote.*send the field quote/)
  })

  test('the price, currency and order of the quote are charged, once', async () => {
    const order_id = order()
    const quoted = await api('/v1/quotes', { order_id, amount: 4_200, currency: 'eur' })
    expect(quoted.status).toBe(201)
    expect(quoted.body).toMatchObject({
      object: 'quote',
      amount: 4_200,
      currency: 'eur',
      order_id,
      items: null,
    })
    const { quote } = quoted.body
    const paid = await pay({ quote })
    expect(paid.body).toMatchObject({
      status: 'succeeded',
      amount: 4_200,
      currency: 'eur',
      metadata: { order_id },
    })
    expect((await pay({ quote, order_id })).body['id']).toBe(paid.body['id'])
    const other = await pay({ quote, order_id: order() })
    expect([other.status, codeOf(other)]).toEqual([400, 'price_mismatch'])
    expect(codeOf(await pay({ quote, amount: 1 }))).toMatch(/price_mismatch|idempotency_key_reused/)
  })

  test('an app’s server signs by itself with its quote key, which is shown once and stored nowhere', async () => {
    const key = await api('/v1/admin/quote_key', {})
    expect(key.status).toBe(201)
    const { id, secret } = key.body
    expect(secret).toMatch(/^tbq_[\w-]{43}$/)
    const listed = await api('/v1/admin/quote_key')
    expect((listed.body['data'] as { id: string }[])[0]).toMatchObject({ id, retires_at: null })
    expect(JSON.stringify(listed.body)).not.toContain('tbq_')

    const order_id = order()
    const claims = { app: server.appId, amount: 700, currency: 'usd', order_id, jti: randomUUID() }
    const quote = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('15m')
      .sign(secretOf(key))
    expect((await pay({ quote })).body).toMatchObject({ status: 'succeeded', amount: 700 })

    for (const file of ['tollbridge.db', 'tollbridge.db-wal']) {
      expect(readFileSync(join(server.dataDir, file)).includes(String(secret))).toBe(false)
    }
  })

  test('a new key takes over, and an overlap of 0 ends all others at once', async () => {
    const old = await api('/v1/admin/quote_key', {})
    const sign = (key: Answer) =>
      new SignJWT({ app: server.appId, amount: 700, currency: 'usd', order_id: order(), jti: randomUUID() })
        .setProtectedHeader({ alg: 'HS256', kid: String(key.body['id']) })
        .setExpirationTime('15m')
        .sign(secretOf(key))
    await api('/v1/admin/quote_key', { overlap_seconds: 3600 })
    expect((await pay({ quote: await sign(old) })).body).toMatchObject({ status: 'succeeded' })
    await api('/v1/admin/quote_key', { overlap_seconds: 0 })
    const refused = await pay({ quote: await sign(old) })
    expect([refused.status, codeOf(refused)]).toEqual([400, 'quote_invalid'])
  })

  test('forged, expired and copied quotes charge nothing', async () => {
    const key = await api('/v1/admin/quote_key', {})
    const sign = (claims: object, secret = secretOf(key)) =>
      new SignJWT({
        app: server.appId,
        amount: 700,
        currency: 'usd',
        order_id: order(),
        jti: 'j',
        exp: 4e9,
        ...claims,
      })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(secret)
    const inAMoment = Math.floor(Date.now() / 1000) + 60
    const table: readonly (readonly [string, Promise<string>])[] = [
      ['quote_invalid', sign({ exp: inAMoment }, new TextEncoder().encode('guessed'))],
      ['quote_invalid', sign({ exp: inAMoment, app: 'app_other' })],
      ['quote_expired', sign({ exp: inAMoment - 120 })],
      ['quote_invalid', Promise.resolve('eyJhbGciOiJub25lIn0.e30.')],
    ]
    for (const [code, quote] of table) expect(codeOf(await pay({ quote: await quote }))).toBe(code)
    const jti = randomUUID()
    const paid = await pay({ quote: await sign({ exp: inAMoment, jti }) })
    expect(paid.body).toMatchObject({ status: 'succeeded' })
    const copied = await pay({ quote: await sign({ exp: inAMoment, jti }) })
    expect([copied.status, codeOf(copied)]).toEqual([409, 'quote_used'])
  })

  test('a server key may name an amount', async () => {
    const answer = await charge(server, { token: 'tok_visa', amount: 300 }, { key: server.serverKey })
    expect(answer.body).toMatchObject({ status: 'succeeded', amount: 300 })
  })

  test.each([
    [{ amount: 500 }, 'order_id'],
    [{ order_id: 'o' }, 'amount'],
    [{ order_id: 'o', amount: 12.5 }, 'amount'],
    [{ order_id: 'o', amount: 500, expires_in: 5 }, 'expires_in'],
    [{ order_id: 'o', amount: 5124, currency: 'kwd' }, 'amount'],
    [{ order_id: 'o', items: [{ id: 'nothing', quantity: 1 }] }, 'items.0.id'],
  ])('a quote for %j is refused with the name of the field', async (body, param) => {
    const answer = await api('/v1/quotes', body)
    expect(answer.status).toBe(400)
    expect(answer.body['error']).toMatchObject({ param })
  })
})

describe('with a catalog', () => {
  beforeAll(async () => {
    await setPolicy({ policy: 'catalog' })
    await api('/v1/catalog/items', { id: 'tea', name: 'Tea', prices: { usd: 450, jpy: 600 } })
    await api('/v1/catalog/items', { id: 'cup', name: 'Cup', prices: { usd: 1250 }, max_quantity: 4 })
  })
  afterAll(() => setPolicy({ policy: 'open' }))

  test('items are made, read, listed, changed and deleted', async () => {
    const made = await api('/v1/catalog/items', { name: 'Milk', prices: { USD: 120 } })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      id: expect.stringMatching(/^item_[0-9a-f]{32}$/),
      object: 'catalog_item',
      prices: { usd: 120 },
      active: true,
      max_quantity: null,
    })
    const path = `/v1/catalog/items/${made.body['id']}`
    expect((await api(path)).body).toEqual(made.body)
    expect((await api(path, { prices: { usd: 130 }, active: false })).body).toMatchObject({
      name: 'Milk',
      prices: { usd: 130 },
      active: false,
    })
    const first = await api('/v1/catalog/items?limit=1')
    expect(first.body).toMatchObject({ has_more: true, data: [{ name: 'Milk' }] })
    const rest = await api(`/v1/catalog/items?starting_after=${made.body['id']}&active=true`)
    expect(rest.body).toMatchObject({ has_more: false, data: [{ id: 'cup' }, { id: 'tea' }] })
    expect((await api(path, undefined, 'DELETE')).body).toEqual({
      id: made.body['id'],
      object: 'catalog_item',
      deleted: true,
    })
    for (const answer of [
      await api(path),
      await api(path, { active: true }),
      await api(path, undefined, 'DELETE'),
    ]) {
      expect([answer.status, codeOf(answer)]).toEqual([404, 'resource_missing'])
    }
  })

  test.each([
    [{ id: 'tea', name: 'Again', prices: { usd: 1 } }, 409, 'id'],
    [{ id: 'a b', name: 'Blank', prices: { usd: 1 } }, 400, 'id'],
    [{ name: 'Free', prices: { usd: 0 } }, 400, 'prices.usd'],
    [{ name: 'Nothing', prices: {} }, 400, 'prices'],
    [{ name: 'Fraction', prices: { usd: 1.5 } }, 400, 'prices.usd'],
    [{ name: 'Dinar', prices: { kwd: 1234 } }, 400, 'prices.kwd'],
    [{ name: 'Unknown', prices: { xyz: 5 } }, 400, 'prices.xyz'],
    [{ prices: { usd: 5 } }, 400, 'name'],
  ])('%j is refused with the name of the field', async (body, status, param) => {
    const answer = await api('/v1/catalog/items', body)
    expect(answer.status).toBe(status)
    expect(answer.body['error']).toMatchObject({ param })
  })

  test('the server adds up what the page asks for, exactly, in each currency', async () => {
    const usd = await pay({
      order_id: order(),
      items: [
        { id: 'tea', quantity: 3 },
        { id: 'cup', quantity: 1 },
      ],
    })
    expect(usd.body).toMatchObject({ status: 'succeeded', amount: 2_600, currency: 'usd' })
    const jpy = await pay({ currency: 'jpy', items: [{ id: 'tea', quantity: 3 }] })
    expect(jpy.body).toMatchObject({ status: 'succeeded', amount: 1_800, currency: 'jpy' })
  })

  test.each([
    [{ amount: 1 }, 'price_source_refused'],
    [{ items: [{ id: 'tea', quantity: 1 }], amount: 1 }, 'price_mismatch'],
    [{ items: [{ id: 'gold', quantity: 1 }] }, 'catalog_item_unknown'],
    [{ items: [{ id: 'cup', quantity: 5 }] }, 'catalog_quantity_too_large'],
    [{ items: [{ id: 'cup', quantity: 1 }], currency: 'jpy' }, 'catalog_price_missing'],
  ])('%j charges nothing', async (body, code) => {
    const answer = await pay(body)
    expect([answer.status, codeOf(answer)]).toEqual([400, code])
  })

  test('a quote may stand for items, at the catalog’s price', async () => {
    const quoted = await api('/v1/quotes', { order_id: order(), items: [{ id: 'tea', quantity: 2 }] })
    expect(quoted.body).toMatchObject({ amount: 900, items: [{ id: 'tea', quantity: 2 }] })
    expect((await pay({ quote: quoted.body['quote'] })).body).toMatchObject({ amount: 900 })
  })
})
