/** The charge route from outside: the whole server, the local Stripe, plain HTTP. */
import { Writable } from 'node:stream'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
let stripe: Stripe
const logged: string[] = []

beforeAll(async () => {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk))
      done()
    },
  })
  server = await startTollbridge({ log: createLog('debug', destination) })
  const { hostname, port } = new URL(server.sandboxUrl)
  stripe = new Stripe('sk_test_fromTheTests', { host: hostname, port, protocol: 'http', telemetry: false })
})
afterAll(() => server.stop())

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

async function post(
  body: unknown,
  options: { path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { path = `/${server.appId}/${server.clientKey}/services/Stripe/charge`, headers = {} } = options
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

function errorData(answer: Answer): Record<string, unknown> {
  return answer.body['errorData'] as Record<string, unknown>
}

async function freshToken(number = '4242424242424242'): Promise<string> {
  const token = await stripe.tokens.create({
    card: { number, exp_month: '12', exp_year: '2034', cvc: '123' },
  })
  return token.id
}

async function charges(): Promise<number> {
  const { data, has_more } = await stripe.charges.list({ limit: 100 })
  expect(has_more).toBe(false)
  return data.length
}

describe('a charge that goes through', () => {
  test('answers the charge as Stripe returns it, and a watch token that opens it', async () => {
    const answer = await post({ token: await freshToken(), amount: 1999 })
    expect(answer.status).toBe(200)
    const charge = await stripe.charges.retrieve(String(answer.body['id']))
    // Stripe books the balance transaction a moment later.
    expect(answer.body).toEqual({ ...charge, balance_transaction: null })
    expect(answer.body).toMatchObject({
      object: 'charge',
      amount: 1999,
      currency: 'usd',
      status: 'succeeded',
    })
    const watchToken = answer.headers.get('tollbridge-watch-token') ?? ''
    const events = await fetch(
      `${server.url}/v1/stream?channel=stripe/${answer.body['id']}&watch_token=${watchToken}`,
    )
    expect(events.status).toBe(200)
    await events.body?.cancel()
  })

  test('takes its currency from the body, its order id, description and metadata along to Stripe', async () => {
    const { body } = await post({
      token: await freshToken(),
      amount: 500,
      currency: 'JPY',
      order_id: 'order-yen',
      description: 'Tea',
      metadata: { table: 4 },
    })
    expect(body).toMatchObject({
      amount: 500,
      currency: 'jpy',
      description: 'Tea',
      metadata: { order_id: 'order-yen', table: '4' },
    })
  })

  test.each([
    '/Stripe/charge',
    '/services/Stripe/charge',
    '/api/services/Stripe/charge',
    '/api/Stripe/charge',
  ])('is taken at %s too', async (path) => {
    const answer = await post({ token: await freshToken(), amount: 700 }, { path })
    expect(answer.body).toMatchObject({ object: 'charge', status: 'succeeded' })
  })

  test('a card that wants 3-D Secure answers what to do next', async () => {
    const answer = await post({ token: await freshToken('4000002760003184'), amount: 1999 })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      object: 'payment_intent',
      status: 'requires_action',
      requires_action: true,
      client_secret: expect.stringMatching(/^pi_.*_secret_/),
      next_action: { type: 'use_stripe_sdk' },
    })
  })
})

describe('one charge, however often the request comes', () => {
  test('a double click with one token is one charge', async () => {
    const before = await charges()
    const body = { token: await freshToken(), amount: 1234 }
    const answers = await Promise.all([post(body), post(body), post(body)])
    // Whoever comes while the first is under way may be told so; nobody gets another charge.
    const ids = answers.filter(({ status }) => status === 200).map(({ body: { id } }) => id)
    expect(new Set(ids).size).toBe(1)
    for (const { status } of answers) expect([200, 409]).toContain(status)
    expect(await post(body).then(({ body: { id } }) => id)).toBe(ids[0])
    expect(await charges()).toBe(before + 1)
  })

  test('an Idempotency-Key holds for tokens that can be used again', async () => {
    const headers = { 'idempotency-key': 'cart-17-of-this-page' }
    const first = await post({ token: 'tok_visa', amount: 900 }, { headers })
    const second = await post({ token: 'tok_visa', amount: 900 }, { headers })
    expect(second.body['id']).toBe(first.body['id'])
    const other = await post({ token: 'tok_visa', amount: 901 }, { headers })
    expect(other.status).toBe(409)
    expect(errorData(other)).toMatchObject({ code: 'idempotency_key_reused' })
  })

  test('an order is paid once: after a decline by another card, and then no more', async () => {
    const before = await charges()
    const order = { amount: 4_200, order_id: 'order-4200' }
    const declined = await post({ ...order, token: 'tok_chargeDeclined' })
    expect(declined.status).toBe(402)
    // The refusal hands its payer what he shows with the next card.
    const headers = { 'tollbridge-watch-token': String(declined.headers.get('tollbridge-watch-token')) }
    const paid = await post({ ...order, token: await freshToken() }, { headers })
    expect(paid.body).toMatchObject({ object: 'charge', status: 'succeeded' })
    const again = await post({ ...order, token: await freshToken('5555555555554444') }, { headers })
    expect(again.body['id']).toBe(paid.body['id'])
    expect(await charges()).toBe(before + 2) // the failed one and the paid one
  })

  test('an order with another amount is refused in words', async () => {
    const headers = { 'tollbridge-payer-key': 'payer-of-order-fixed' }
    await post({ token: await freshToken(), amount: 100, order_id: 'order-fixed' }, { headers })
    const other = await post({ token: await freshToken(), amount: 200, order_id: 'order-fixed' }, { headers })
    expect(other.status).toBe(409)
    expect(String(other.body['message'])).toContain('other content')
  })
})

describe('a repeated call says how the payment stands now', () => {
  const challenge = async (body: object, headers = {}) => {
    const answer = await post(body, { headers })
    expect(answer.body).toMatchObject({ status: 'requires_action', requires_action: true })
    return answer.body
  }
  const endChallenge = async ({ id, client_secret }: Record<string, unknown>, result: 'succeed' | 'fail') => {
    const answer = await fetch(`${server.sandboxUrl}/v1/sandbox/authentications/${id}`, {
      method: 'POST',
      headers: { authorization: 'Bearer pk_test_fromTheTests' },
      body: new URLSearchParams({ client_secret: String(client_secret), result }),
    })
    expect(answer.status).toBe(200)
  }

  test.each([
    ['without an order id', {}],
    ['with an order id', { order_id: 'order-challenged' }],
  ])('the charge, once the payer has passed 3-D Secure (%s)', async (_name, order) => {
    const body = { ...order, token: await freshToken('4000002760003184'), amount: 1999 }
    const waiting = await challenge(body)
    await endChallenge(waiting, 'succeed')
    const again = await post(body)
    expect(again.body).toMatchObject({ object: 'charge', payment_intent: waiting['id'], status: 'succeeded' })
  })

  test('a refusal, once the payer has failed 3-D Secure', async () => {
    const body = { token: await freshToken('4000002760003184'), amount: 1999 }
    const waiting = await challenge(body)
    await endChallenge(waiting, 'fail')
    const again = await post(body)
    expect(again.status).toBe(402)
    expect(errorData(again)).toMatchObject({
      type: 'card_error',
      code: 'payment_intent_authentication_failure',
      payment_intent: waiting['id'],
    })
  })

  test('a card that can be used again gets another try at 3-D Secure', async () => {
    const body = { token: 'pm_card_authenticationRequired', amount: 1999, order_id: 'order-second-try' }
    const headers = { 'tollbridge-payer-key': 'payer-of-the-second-try' }
    for (const result of ['fail', 'fail', 'succeed'] as const)
      await endChallenge(await challenge(body, headers), result)
    expect((await post(body, { headers })).body).toMatchObject({ object: 'charge', status: 'succeeded' })
  })
})

test('who repeats a paid order with another card learns nothing of it', async () => {
  const order = { amount: 1999, order_id: 'order-of-somebody', receipt_email: 'ada@example.com' }
  const paid = await post({ ...order, token: await freshToken() })
  expect(paid.body).toHaveProperty('receipt_email', 'ada@example.com')
  const again = await post({ ...order, token: await freshToken('5555555555554444') })
  expect(again.status).toBe(403)
  expect(errorData(again)).toEqual({
    type: 'permission_error',
    code: 'proof_required',
    request_id: expect.any(String),
  })
  expect(again.headers.get('tollbridge-watch-token')).toBeNull()
})

test('a decline is an envelope with the code, decline code and charge of Stripe', async () => {
  const answer = await post({ token: 'tok_chargeDeclinedInsufficientFunds', amount: 1999 })
  expect(answer.status).toBe(402)
  expect(answer.body).toMatchObject({
    code: 402,
    message: 'Your card has insufficient funds.',
    errorData: {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      charge: expect.stringMatching(/^ch_/),
      payment_intent: expect.stringMatching(/^pi_/),
    },
  })
})

describe('bad input gets its status, its code and a sentence that names the field and the fix', () => {
  const token = 'tok_visa'
  const table: readonly (readonly [string, unknown, number, string, RegExp])[] = [
    ['no token', { amount: 1999 }, 400, 'parameter_missing', /token/],
    ['an unknown token', { token: 'tok_1Unknown0000000', amount: 1999 }, 400, 'token_invalid', /token/i],
    ['no amount', { token }, 400, 'parameter_missing', /amount/],
    ['amount 0', { token, amount: 0 }, 400, 'amount_invalid', /greater than 0/],
    ['a negative amount', { token, amount: -1 }, 400, 'amount_invalid', /greater than 0/],
    ['a fraction', { token, amount: 19.99 }, 400, 'amount_invalid', /1999 for 19\.99/],
    ['an amount as text', { token, amount: '1999' }, 400, 'amount_invalid', /number, not text/],
    ['nine digits of dollars', { token, amount: 100_000_000 }, 400, 'amount_too_large', /USD/],
    ['1e21', { token, amount: 1e21 }, 400, 'amount_too_large', /amount/],
    ['less than Stripe charges', { token, amount: 10 }, 400, 'amount_too_small', /[Aa]mount/],
    ['an unknown currency', { token, amount: 1999, currency: 'xyz' }, 400, 'currency_invalid', /currency/],
    [
      'another order id inside the metadata',
      { token, amount: 1999, order_id: 'order-4201', metadata: { order_id: 'order-4200' } },
      400,
      'parameter_invalid',
      /metadata\.order_id .*same as the field order_id/,
    ],
    [
      'an order id with a NUL',
      { token, amount: 1999, order_id: 'a\0b' },
      400,
      'parameter_invalid',
      /order_id/,
    ],
    ['a body that is not JSON', '{"token": tok', 400, 'body_invalid', /JSON/],
    ['a body that is a text', '"tok_visa"', 400, 'body_invalid', /JSON object/],
    ['an empty body', '', 400, 'parameter_missing', /token/],
    ['a body over the limit', { token, amount: 1, x: 'x'.repeat(150_000) }, 413, 'body_too_large', /large/],
    [
      'a card number',
      { token, amount: 1, number: '4242 4242 4242 4242' },
      400,
      'card_number_refused',
      /number/,
    ],
  ]
  test.each(table)('%s', async (_name, body, status, code, message) => {
    const before = await charges()
    const answer = await post(body)
    expect(answer.status).toBe(status)
    expect(errorData(answer)['code']).toBe(code)
    expect(answer.body['message']).toMatch(message)
    expect(await charges()).toBe(before)
  })

  test('a used token', async () => {
    const used = await freshToken()
    await post({ token: used, amount: 1999 })
    const again = await post({ token: used, amount: 2999 })
    expect(again.status).toBe(400)
    expect(errorData(again)).toMatchObject({ code: 'token_already_used', param: 'token' })
    expect(again.body['message']).toMatch(/[Cc]ollect the card again/)
  })

  test('a wrong app and a wrong key', async () => {
    const app = await post(
      { token, amount: 1999 },
      { path: `/app_nobody/${server.clientKey}/services/Stripe/charge` },
    )
    expect([app.status, errorData(app)['code']]).toEqual([404, 'app_unknown'])
    const key = await post(
      { token, amount: 1999 },
      { path: `/${server.appId}/tbc_wrong/services/Stripe/charge` },
    )
    expect([key.status, errorData(key)['code']]).toEqual([401, 'api_key_invalid'])
  })

  test('an Idempotency-Key that is too long', async () => {
    const answer = await post({ token, amount: 1999 }, { headers: { 'idempotency-key': 'k'.repeat(256) } })
    expect(errorData(answer)).toMatchObject({ code: 'parameter_invalid', param: 'Idempotency-Key' })
  })

  test('a card number and the keys reach no line of the log', async () => {
    await post({ token: '4000 0000 0000 0002', amount: 1999 })
    await post(
      { token, amount: 1999 },
      { path: `/${server.appId}/${server.serverKey}/services/Stripe/charge` },
    )
    expect(logged.length).toBeGreaterThan(10)
    expect(logged.join('')).not.toMatch(/4000 ?0000 ?0000 ?0002|4242 ?4242 ?4242 ?4242|tbk_|tbc_|sk_test_/)
  })
})
