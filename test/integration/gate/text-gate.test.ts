/** The gate before every route, from outside: text that cannot be kept or sent is refused with the field's name. */
import { request } from 'node:http'
import fc from 'fast-check'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PaymentsUnderTest, startPayments } from '../payments/start-payments.ts'
import { createContractClient } from '../realtime/contract-client.ts'

const SIGNING_SECRET = 'whsec_ofTheTextGate'
let it: PaymentsUnderTest

beforeAll(async () => {
  it = await startPayments({ env: { RETURN_URL_SCHEMES: 'myshop' } })
})
afterAll(() => it.server.stop())

const HALF = '\ud800'

test('a half surrogate in return_url is refused at confirm, and the order goes on', async () => {
  const { body: payment } = await it.post('/v1/payments', { order_id: 'gate-4', amount: 1999 })
  const confirm = `/v1/payments/${payment.id}/confirm`
  const token = await it.token()
  const refused = await it.post(confirm, { token, return_url: `https://a/${HALF}` })
  expect(refused).toMatchObject({
    status: 400,
    body: { error: { code: 'parameter_invalid', param: 'return_url' } },
  })
  expect(await it.post(confirm, { token })).toMatchObject({ status: 200, body: { status: 'succeeded' } })
})

test.each(['/v1/payments', 'the Backendless form'])(
  'bytes that are no text are refused by %s',
  async (door) => {
    const { url, appId, clientKey, serverKey } = it.server
    const path = door.startsWith('/') ? door : `/${appId}/${clientKey}/services/Stripe/charge`
    const send = (end: Buffer) =>
      fetch(url + path, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(door.startsWith('/') ? { authorization: `Bearer ${serverKey}` } : {}),
        },
        body: Buffer.concat([Buffer.from('{"amount":1999,"token":"tok_visa","order_id":"bytes-'), end]),
      })
    const refused = await send(Buffer.from([0xff, 0x22, 0x7d]))
    expect(refused.status).toBe(400)
    expect(JSON.stringify(await refused.json())).toContain('UTF-8')
    expect((await send(Buffer.from(`${door.length}ü"}`))).status).toBe(200)
  },
)

describe('every route and field', () => {
  test.each<[string, () => Promise<{ status: number; body: unknown }>, string]>([
    [
      'a name of metadata',
      () => it.post('/v1/payments', { amount: 1, metadata: { [`a${HALF}`]: 'x' } }),
      'metadata',
    ],
    [
      'a value of metadata',
      () => it.post('/v1/payments', { amount: 1, metadata: { a: 'x\0' } }),
      'metadata.a',
    ],
    ['an order id of two lines', () => it.post('/v1/payments', { amount: 1, order_id: 'a\nb' }), 'order_id'],
    ['a description', () => it.post('/v1/payments', { amount: 1, description: '\u0007' }), 'description'],
    ['an item', () => it.post('/v1/payments', { items: [{ id: 'a\0' }] }), 'items.0.id'],
    ['a setup', () => it.post('/v1/setup_intents', { customer: `cus_${HALF}` }), 'customer'],
    ['a quote', () => it.post('/v1/quotes', { amount: 1, order_id: 'a\0' }), 'order_id'],
    ['a catalog', () => it.post('/v1/catalog', { id: 'a\0' }), 'id'],
    ['a session of a page', () => it.post('/v1/ui/sessions', { user: HALF, origin: '*' }), 'user'],
    [
      'the data of a message',
      () => it.post('/v1/ui/messages', { scope: 'plugin:stripe', name: 'x', data: { a: [{ b: HALF }] } }),
      'data.a.0.b',
    ],
    ['a query', () => it.get('/v1/events?order_id=a%00'), 'order_id'],
    ['a path', () => it.get('/v1/payments/pi_a%00'), 'id'],
    [
      'the address of a page',
      () => it.post('/v1/payments', { amount: 1, return_url: 'javascript:alert(1)' }),
      'return_url',
    ],
  ])('%s', async (_name, ask, param) => {
    expect(await ask()).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', code: 'parameter_invalid', param } },
    })
  })

  test('the Backendless form says so in its envelope', async () => {
    const { appId, clientKey, url } = it.server
    const root = `${url}/${appId}/${clientKey}`
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(root + path, { method: 'POST', body: JSON.stringify(body) })
      return { status: answer.status, body: await answer.json() }
    }
    const refused = (param: string) => ({
      status: 400,
      body: { code: 400, errorData: { code: 'parameter_invalid', param } },
    })
    expect(
      await post('/services/Stripe/charge', { amount: 1, token: 'tok_visa', metadata: { a: HALF } }),
    ).toMatchObject(refused('metadata.a'))
    expect(await post('/data/StripeEvents/find', { where: "id = 'a\0'" })).toMatchObject(refused('where'))
    const get = await fetch(`${root}/data/StripeEvents?where=${encodeURIComponent("id = 'a\0'")}`)
    expect({ status: get.status, body: await get.json() }).toMatchObject(refused('where'))
  })

  test('a header that is passed on', async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${it.server.url}/v1/payments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${it.server.serverKey}`,
          'content-type': 'application/json',
          'idempotency-key': 'schl\u00fcssel-1',
        },
      })
      sent.on('response', (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += String(chunk)))
        answer.on('end', () => resolve({ status: answer.statusCode, ...JSON.parse(text).error }))
      })
      sent.on('error', reject)
      sent.end('{"amount": 1}')
    })
    expect(status).toMatchObject({ status: 400, code: 'parameter_invalid', param: 'Idempotency-Key' })
  })

  test('messages over Socket.IO, and the handshake', async () => {
    const { url, appId, clientKey } = it.server
    const client = createContractClient({ url, appId, query: { apiKey: clientKey } })
    await client.connected()
    client.subscribe('s1', 'PUB_SUB_MESSAGES', { channel: 'stripe', selector: `id = '${HALF}'` })
    expect((await client.errorOf('s1')).details).toMatchObject({
      code: 'parameter_invalid',
      param: 'options.selector',
    })
    client.subscribe('s2', 'OBJECTS_CHANGES', JSON.parse(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`))
    expect((await client.errorOf('s2')).message).toContain('deeper than 32')
    client.close()
    const strange = createContractClient({ url, appId, query: { apiKey: clientKey, clientId: 'a\0' } })
    await expect(strange.connected()).rejects.toMatchObject({ data: { details: { param: 'clientId' } } })
    strange.close()
  })
})

test('names that mean something to JavaScript are refused or plain text, never more', async () => {
  const raw = (body: string) =>
    fetch(`${it.server.url}/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${it.server.serverKey}`, 'content-type': 'application/json' },
      body,
    })
  for (const body of [
    '{"amount": 1, "metadata": {"__proto__": {"x": "y"}}}',
    '{"amount": 1, "constructor": {"prototype": {"x": "y"}}}',
  ]) {
    expect((await raw(body)).status).toBe(400)
  }
  const { status, body } = await it.post('/v1/payments', { amount: 700, metadata: { constructor: 'ACME' } })
  expect(status).toBe(200)
  const intent = await it.stripe.paymentIntents.retrieve(body.id)
  expect(intent.metadata['constructor']).toBe('ACME')
})

test('too deep is refused, however it is spelled', async () => {
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
  const post = (path: string, body: string) =>
    fetch(it.server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${it.server.serverKey}`, 'content-type': 'application/json' },
      body,
    })
  expect(
    (await post('/v1/ui/messages', `{"scope": "plugin:stripe", "name": "x", "data": ${deep}}`)).status,
  ).toBe(400)
  expect((await post('/v1/payments', deep)).status).toBe(400)
  const { appId, clientKey } = it.server
  expect((await post(`/${appId}/${clientKey}/data/StripeEvents/find`, deep)).status).toBe(400)
})

test('an app of a registered scheme gets its payer back', async () => {
  const { body } = await it.post('/v1/payments', {
    token: await it.token('4000002500003155'),
    amount: 900,
    return_url: 'myshop://paid',
  })
  expect(body).toMatchObject({ status: 'requires_action' })
})

describe('what Stripe signed is never lost because of its text', () => {
  const deliver = async (payload: string) => {
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: SIGNING_SECRET })
    return fetch(`${it.server.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'stripe-signature': signature, 'content-type': 'application/json' },
      body: payload,
    })
  }
  const event = (id: string, more: string) =>
    `{"id": "${id}", "object": "event", "type": "customer.updated", "api_version": null, "created": 1700000000, "livemode": false, "data": {"object": {"id": "cus_${id}", "object": "customer", ${more}}}}`

  beforeAll(async () => {
    const operator = it.server.operatorKey ?? ''
    const { status } = await it.post(
      '/v1/admin/signing_secrets',
      { app_id: it.server.appId, signing_secret: SIGNING_SECRET },
      { headers: { authorization: `Bearer ${operator}` } },
    )
    expect(status).toBeLessThan(300)
  })

  test('odd text and any depth are stored as they came, and can be read', async () => {
    const odd = event('evt_odd', String.raw`"name": "\ud800\u0000", "metadata": {"__proto__": "x"}`)
    expect((await deliver(odd)).status).toBe(200)
    const deep = event('evt_deep', `"sources": ${'['.repeat(20_000)}${']'.repeat(20_000)}`)
    expect((await deliver(deep)).status).toBe(200)
    const { status, body } = await it.get('/v1/events?type=customer.updated')
    expect(status).toBe(200)
    const ids = body.data.map(({ eventId }: { eventId: string }) => eventId)
    expect(ids).toEqual(expect.arrayContaining(['evt_odd', 'evt_deep']))
    expect(JSON.stringify(body)).toContain('nested deeper than 100 levels')
  })
})

test('random JSON never makes a fault of ours', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 })
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(text, tie('any'), { maxKeys: 3 }),
    ),
  })).any
  const field = fc.constantFrom(
    'amount',
    'order_id',
    'metadata',
    'items',
    'quote',
    'return_url',
    'where',
    'data',
    'id',
  )
  const body = fc.dictionary(fc.oneof(field, text), value, { maxKeys: 4 })
  const { appId, clientKey } = it.server
  const paths = [
    '/v1/payments',
    '/v1/setup_intents',
    '/v1/ui/messages',
    '/v1/quotes',
    `/${appId}/${clientKey}/services/Stripe/charge`,
    `/${appId}/${clientKey}/data/StripeEvents/find`,
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, async (path, fields) => {
      expect((await it.post(path, fields)).status).toBeLessThan(500)
    }),
    { numRuns: 120 },
  )
})
