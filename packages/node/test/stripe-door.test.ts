/** `stripe.<resource>.<method>` against the whole product: names, arguments, errors, and what never leaks. */
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTollbridge, type FullResponse, StripeApiError, type Tollbridge } from '../src/index.ts'
import { type ClientUnderTest, startClient } from './start-client.ts'

interface ListAnswer {
  readonly data: readonly { readonly id: string; readonly email: string }[]
}

let it: ClientUnderTest
let stripe: Tollbridge['stripe']
beforeAll(async () => {
  it = await startClient()
  stripe = it.tollbridge.stripe
})
afterAll(() => it.stop())

const failureOf = async (call: Promise<unknown>): Promise<StripeApiError> => {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StripeApiError)
  return error as StripeApiError
}

describe('the number of ids picks the path', () => {
  test('create, read, update, list and delete are one name each', async () => {
    const made = await stripe.customers.post({ email: 'ada@example.org', metadata: { plan: 'pro' } })
    const read = await stripe.customers.get(made.id)
    expect(read).toMatchObject({ id: made.id, email: 'ada@example.org', metadata: { plan: 'pro' } })
    await stripe.customers.post(made.id, { name: 'Ada' })
    expect(await stripe.customers.get(made.id)).toMatchObject({ name: 'Ada' })
    const { data } = await stripe.customers.get<ListAnswer>({ limit: 1 })
    expect(data.map(({ id }) => id)).toEqual([made.id])
    expect(await stripe.customers.delete(made.id)).toMatchObject({ deleted: true })
  })

  test('nothing at all is an empty body', async () => {
    expect(await stripe.setupIntents.post()).toMatchObject({ object: 'setup_intent' })
  })

  test('a step of a payment takes the id before the fields', async () => {
    const intent = await stripe.paymentIntents.post({
      amount: 1999,
      currency: 'usd',
      payment_method_types: ['card'],
    })
    const confirmed = await stripe.paymentIntents.confirm.post(intent.id, { payment_method: 'pm_card_visa' })
    expect(confirmed['status']).toBe('succeeded')
  })

  test('the old sections lead to the same functions', async () => {
    expect(await stripe.coreResources.setupIntents.post()).toMatchObject({ object: 'setup_intent' })
    expect(
      await stripe.paymentMethods.paymentMethods.post({ type: 'card', card: { token: 'tok_visa' } }),
    ).toMatchObject({ object: 'payment_method' })
    expect(stripe.coreResources.customers.get).toBe(stripe.customers.get)
  })
})

describe('the last object', () => {
  test('is the query of a GET, encoded', async () => {
    const { id } = await stripe.customers.post({ email: 'a+b@example.org' })
    await stripe.customers.post({ email: 'a b@example.org' })
    const { data } = await stripe.customers.get<ListAnswer>({ email: 'a+b@example.org' })
    expect(data.map((customer) => customer.id)).toEqual([id])
  })

  test('as HTTP options has a query, a body and headers of its own, and the whole answer if asked for', async () => {
    const answer = await stripe.customers.post<FullResponse>({
      body: { email: 'options@example.org' },
      params: {},
      headers: { 'Idempotency-Key': 'order-1', Authorization: 'Bearer sk_test_other' },
      fullResponse: true,
    })
    expect(answer.status).toBe(200)
    expect(answer.headers['request-id']).toMatch(/^req_/)
    const repeated = await stripe.customers.post({
      body: { email: 'options@example.org' },
      idempotencyKey: 'order-1',
    })
    expect(repeated.id).toBe(answer.body.id)
  })

  test('without a key, each call is a call of its own', async () => {
    const [first, second] = [await stripe.customers.post(), await stripe.customers.post()]
    expect(first.id).not.toBe(second.id)
  })
})

describe('raw calls', () => {
  test('take a path and fields, or options with a path', async () => {
    const made = await stripe.post('/v1/customers', { email: 'raw@example.org' })
    expect(await stripe.get(`/v1/customers/${made.id}`)).toMatchObject({ email: 'raw@example.org' })
    expect(await stripe.get({ path: `/v1/customers/${made.id}` })).toMatchObject({ id: made.id })
    const { data } = await stripe.get<ListAnswer>('/v1/customers?limit=5', { email: 'raw@example.org' })
    expect(data).toHaveLength(1)
    expect(await stripe.delete(`/v1/customers/${made.id}`)).toMatchObject({ deleted: true })
  })

  test('go to Stripe only', async () => {
    await expect(stripe.get('/v1/../../admin/apps')).rejects.toThrow(TypeError)
    await expect(stripe.get('https://evil.example/v1/x')).rejects.toThrow(TypeError)
    await expect(stripe.post({ path: '/admin' } as { path: string })).rejects.toThrow(TypeError)
  })
})

describe('the body', () => {
  /** A client whose calls end in `sent`, for what the local Stripe does not have. */
  function recorder() {
    const sent: Request[] = []
    const client = it.another({
      fetch: async (input, init) => {
        sent.push(new Request(input as string, init as RequestInit))
        return Response.json({ id: 'x', object: 'x' })
      },
    })
    return { client, sent: () => sent.find(({ url }) => !url.endsWith('/v1/config')) as Request }
  }

  test('of /v1 is a form with indexes', async () => {
    const { client, sent } = recorder()
    await client.stripe.subscriptions.post({ customer: 'cus_1', items: [{ price: 'p_1' }, { price: 'p_2' }] })
    expect(sent().headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(await sent().text()).toBe('customer=cus_1&items[0][price]=p_1&items[1][price]=p_2')
  })

  test('of /v2 is JSON', async () => {
    const { client, sent } = recorder()
    await client.stripe.v2.billing.meterEvents.post({ event_name: 'tea', payload: { value: '25' } })
    expect(sent().url).toBe(`${it.server.url}/v1/stripe/v2/billing/meter_events`)
    expect(await sent().json()).toEqual({ event_name: 'tea', payload: { value: '25' } })
  })

  test('of files.post is an upload', async () => {
    const { client, sent } = recorder()
    const file = { data: Buffer.from('a picture'), name: 'id.png', type: 'image/png' }
    await client.stripe.files.post({ purpose: 'identity_document', file })
    const parts = await sent().formData()
    expect(parts.get('purpose')).toBe('identity_document')
    const uploaded = parts.get('file') as File
    expect([uploaded.name, uploaded.type, await uploaded.text()]).toEqual([
      'id.png',
      'image/png',
      'a picture',
    ])
    await expect(client.stripe.files.post({ purpose: 'x' })).rejects.toThrow(/field file of files\.post/)
  })

  test('of a GET is refused, as nobody would read it', async () => {
    await expect(stripe.customers.get({ body: { email: 'x' } })).rejects.toThrow('put its fields into params')
  })
})

describe('failures', () => {
  test("have Stripe's shape, and Slingr's", async () => {
    const error = await failureOf(stripe.customers.get('cus_nobody'))
    expect(error).toMatchObject({
      status: 404,
      type: 'invalid_request_error',
      code: 'resource_missing',
      param: 'id',
    })
    expect(error.requestId).toMatch(/^req_/)
    expect(error.additionalInfo).toMatchObject({
      status: 404,
      headers: { 'request-id': error.requestId },
      body: { error: { code: 'resource_missing', message: error.message } },
    })
  })

  test("a declined card carries the bank's reason", async () => {
    const declined = stripe.paymentIntents.post({
      amount: 1999,
      currency: 'usd',
      payment_method_types: ['card'],
      payment_method: 'pm_card_chargeDeclinedInsufficientFunds',
      confirm: true,
    })
    expect(await failureOf(declined)).toMatchObject({
      status: 402,
      type: 'card_error',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
    })
  })

  test('an id cannot reach another path', async () => {
    await stripe.customers.post({ email: 'bait@example.org' })
    const error = await failureOf(stripe.customers.get('cus/../../customers'))
    expect(error.status).toBe(404)
    await expect(stripe.customers.get('..')).rejects.toThrow(TypeError)
    await expect(stripe.customers.delete('')).rejects.toThrow(TypeError)
  })

  test('a wrong number of ids is refused before anything is sent', async () => {
    await expect(stripe.customers.get(...(['cus_1', 'cus_2'] as unknown as [string]))).rejects.toThrow(
      'customers.get takes none or 1 ids, and was given 2.',
    )
  })

  test('a header with a line break is refused without showing it', async () => {
    const call = stripe.customers.post({ headers: { 'Stripe-Account': 'acct_1\r\nX-Evil: secret' } })
    await expect(call).rejects.toThrow(/must be a text of printable ASCII/)
    await expect(call).rejects.not.toThrow(/secret/)
  })

  test('what the key may not do is said by the server', async () => {
    expect(await failureOf(stripe.webhookEndpoints.get())).toMatchObject({
      status: 403,
      code: 'stripe_call_refused',
    })
  })
})

describe('what Slingr calls the configuration', () => {
  test('has the publishable key once it is ready, and says what to do before', async () => {
    const fresh = it.another()
    expect(() => fresh.stripe._configuration.publishableKey).toThrow(/await tollbridge\.ready\(\)/)
    const config = await fresh.ready()
    expect(fresh.stripe._configuration.publishableKey).toBe(config.publishable_key)
    expect(fresh.stripe._configuration.publishableKey).toMatch(/^pk_test_/)
    expect(fresh.stripe._name).toBe('stripe')
  })

  test('is there after the first call too', async () => {
    const fresh = it.another()
    await fresh.stripe.setupIntents.post()
    expect(fresh.stripe._configuration.publishableKey).toMatch(/^pk_test_/)
  })

  test('cannot be changed', () => {
    const configuration = stripe._configuration as { publishableKey: string }
    expect(() => {
      configuration.publishableKey = 'pk_live_other'
    }).toThrow(TypeError)
    expect(Object.isFrozen(stripe)).toBe(true)
    expect(Object.isFrozen(stripe.customers.post)).toBe(true)
  })
})

describe('the server key', () => {
  test('is in nothing that can be printed', async () => {
    const { serverKey } = it.server
    const error = await failureOf(stripe.customers.get('cus_nobody'))
    for (const thing of [it.tollbridge, stripe, stripe._configuration, error]) {
      expect(inspect(thing, { depth: 8, showHidden: true })).not.toContain(serverKey)
      expect(JSON.stringify(thing) ?? '').not.toContain(serverKey)
    }
  })

  test('is in no error, not even of a server that cannot be reached, or of a proxy that repeats the request', async () => {
    const serverKey = it.server.serverKey
    const gone = it.another({ url: 'http://127.0.0.1:1', maxRetries: 0 })
    const unreachable = await failureOf(gone.stripe.customers.get())
    expect(unreachable).toMatchObject({ status: 0, type: 'api_connection_error', code: 'server_unreachable' })
    const echoing = it.another({
      fetch: async () =>
        Response.json({ error: { message: `Bad header: Bearer ${serverKey}` } }, { status: 400 }),
    })
    const throwing = it.another({
      maxRetries: 0,
      fetch: async () => {
        throw new TypeError(`invalid header Bearer ${serverKey}`)
      },
    })
    for (const client of [gone, echoing, throwing]) {
      const error = await failureOf(client.stripe.customers.get())
      expect(inspect(error, { depth: 8, showHidden: true })).not.toContain(serverKey)
    }
  })

  test.each([['tbk_a\r\nX: y'], ['tbk_ä'], [''], [undefined]])(
    'as %j is refused without showing it',
    (key) => {
      const make = () => createTollbridge({ url: it.server.url, serverKey: key as string })
      expect(make).toThrow('serverKey must be the server key that Tollbridge printed')
      expect(make).not.toThrow(/X: y/)
    },
  )
})

test.each([['ftp://x'], ['pay.example.com'], ['https://user:secret@x'], ['https://x?key=1'], [undefined]])(
  'the address %s is refused',
  (url) => {
    const make = () => createTollbridge({ url: url as string, serverKey: 'tbk_1' })
    expect(make).toThrow(/^url must/)
    expect(make).not.toThrow(/secret@/)
  },
)
