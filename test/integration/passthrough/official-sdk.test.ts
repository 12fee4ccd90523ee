/** Stripe's official SDK for Node, pointed at Tollbridge with a server key in place of Stripe's. */
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverKeyWith } from '../../support/api-client.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
beforeAll(async () => {
  server = await startTollbridge({ env: { STRIPE_PROXY_PORT: '0' } })
})
afterAll(() => server?.stop())

function clientWith(key: string, config: Stripe.StripeConfig = {}): Stripe {
  const { hostname, port } = new URL(server.stripeProxyUrl ?? '')
  return new Stripe(key, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
    ...config,
  })
}
const refusal = async (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('It was let through'),
    (error: Stripe.errors.StripeError) => error,
  )

describe('on a port of its own', () => {
  test('resources are made, read, changed and deleted', async () => {
    const stripe = clientWith(server.serverKey)
    const customer = await stripe.customers.create({
      email: 'jo@example.com',
      metadata: { a: '1', b: 'ü €' },
    })
    expect(customer.metadata).toEqual({ a: '1', b: 'ü €' })
    const changed = await stripe.customers.update(customer.id, { name: 'Jo' })
    expect(changed).toMatchObject({ id: customer.id, name: 'Jo', email: 'jo@example.com' })
    expect(await stripe.customers.del(customer.id)).toMatchObject({ deleted: true })
    expect(await stripe.balance.retrieve()).toMatchObject({ object: 'balance' })
  })

  test('a payment is confirmed, captured and refunded', async () => {
    const stripe = clientWith(server.serverKey)
    const held = await stripe.paymentIntents.create({
      amount: 1999,
      currency: 'usd',
      confirm: true,
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      allowed_payment_method_types: ['card'],
    })
    expect(held.status).toBe('requires_capture')
    const paid = await stripe.paymentIntents.capture(
      held.id,
      { amount_to_capture: 1500 },
      { idempotencyKey: 'c1' },
    )
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 1500 })
    expect(paid.lastResponse.requestId).toMatch(/^req_/)
    const refund = await stripe.refunds.create({ payment_intent: held.id, amount: 500 })
    expect(refund).toMatchObject({ object: 'refund', amount: 500, status: 'succeeded' })
  })

  test('lists page by themselves, both ways', async () => {
    const stripe = clientWith(server.serverKey)
    const made: string[] = []
    for (let n = 0; n < 7; n += 1)
      made.unshift((await stripe.customers.create({ email: 'list@example.com' })).id)
    const seen: string[] = []
    for await (const customer of stripe.customers.list({ email: 'list@example.com', limit: 3 })) {
      seen.push(customer.id)
    }
    expect(seen).toEqual(made)
  })

  test('a declined card is a card error, a missing object an invalid request', async () => {
    const stripe = clientWith(server.serverKey)
    const declined = await refusal(
      stripe.paymentIntents.create({
        amount: 1999,
        currency: 'usd',
        confirm: true,
        payment_method: 'pm_card_chargeDeclined',
        allowed_payment_method_types: ['card'],
      }),
    )
    expect(declined).toBeInstanceOf(Stripe.errors.StripeCardError)
    expect(declined).toMatchObject({ code: 'card_declined', statusCode: 402 })
    const missing = await refusal(stripe.customers.retrieve('cus_missing'))
    expect(missing).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(missing).toMatchObject({ code: 'resource_missing', statusCode: 404 })
  })

  test('webhook endpoints are refused with the rule and the fix, others’ keys and client keys with a 401', async () => {
    const refused = await refusal(clientWith(server.serverKey).webhookEndpoints.list())
    expect(refused).toBeInstanceOf(Stripe.errors.StripePermissionError)
    expect(refused).toMatchObject({ statusCode: 403, code: 'stripe_call_refused' })
    expect(refused.message).toMatch(/"!\* \/v1\/webhook_endpoints\*" refuses it.*tollbridge keys passthrough/)

    for (const key of [server.clientKey, 'sk_test_notOfThisServer', 'tbk_nobody']) {
      const unknown = await refusal(clientWith(key).customers.list())
      expect(unknown).toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
      expect(unknown).toMatchObject({ statusCode: 401, rawType: 'invalid_request_error' })
    }
    const client = await refusal(clientWith(server.clientKey).customers.list())
    expect(client.code).toBe('secret_key_required')
  })

  test('the same idempotency key is the same request, and comes back as it was sent', async () => {
    const stripe = clientWith(server.serverKey)
    const create = () => stripe.customers.create({ email: 'once@example.com' }, { idempotencyKey: 'order-1' })
    const [first, second] = [await create(), await create()]
    expect(second.id).toBe(first.id)
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(second.lastResponse.idempotencyKey).toBe('order-1')
    const other = await refusal(
      stripe.customers.create({ email: 'other@example.com' }, { idempotencyKey: 'order-1' }),
    )
    expect(other).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
  })

  test('another server key of the app has idempotency keys of its own', async () => {
    const { key: server_key } = await serverKeyWith(server, ['payments'])
    const params = { email: 'both@example.com' }
    const first = await clientWith(server.serverKey).customers.create(params, { idempotencyKey: 'shared' })
    const second = await clientWith(server_key).customers.create(params, { idempotencyKey: 'shared' })
    expect(second.id).not.toBe(first.id)
  })

  test('requests without an idempotency key are requests of their own', async () => {
    const stripe = clientWith(server.serverKey, { maxNetworkRetries: 0 })
    const made = await Promise.all(
      [1, 2, 3].map(() => stripe.customers.create({ email: 'each@example.com' })),
    )
    expect(new Set(made.map(({ id }) => id)).size).toBe(3)
  })

  test('the number of a card is refused before it goes anywhere', async () => {
    const refused = await refusal(
      clientWith(server.serverKey).tokens.create({
        card: { number: '4242424242424242', exp_month: '12', exp_year: '2040', cvc: '123' },
      }),
    )
    expect(refused).toMatchObject({ code: 'card_number_refused', param: 'card[number]', statusCode: 400 })
    const metadata = { order: '4242424242424242' }
    expect((await clientWith(server.serverKey).customers.create({ metadata })).metadata).toEqual(metadata)
  })
})

describe('below /v1/stripe', () => {
  test('the same is served, with the key as Bearer or as user name', async () => {
    const made = await fetch(`${server.url}/v1/stripe/v1/customers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.serverKey}` },
      body: new URLSearchParams({ email: 'jo@example.com' }),
    })
    const customer = (await made.json()) as Stripe.Customer
    expect(made.status).toBe(200)
    expect(customer).toMatchObject({ object: 'customer', email: 'jo@example.com' })
    expect(made.headers.get('request-id')).toMatch(/^req_/)
    const read = await fetch(`${server.url}/v1/stripe/v1/customers/${customer.id}`, {
      headers: { authorization: `Basic ${btoa(`${server.serverKey}:`)}` },
    })
    expect(await read.json()).toMatchObject({ id: customer.id })
  })

  test('a client key is told that a server key is needed', async () => {
    const refused = await fetch(`${server.url}/v1/stripe/v1/customers`, {
      headers: { authorization: `Bearer ${server.clientKey}` },
    })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ error: { code: 'server_key_required' } })
    const nobody = await fetch(`${server.url}/v1/stripe/v2/core/events`)
    expect(await nobody.json()).toMatchObject({ error: { code: 'api_key_missing' } })
  })
})
