/** What `/v1/payments` refuses, and to whom: each with a status, a code and a sentence that names the field. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

let it: PaymentsUnderTest
let paid: string
let watchToken: string
beforeAll(async () => {
  it = await startPayments()
  const { body } = await it.post('/v1/payments', { token: 'tok_visa', amount: 1000, order_id: 'first' })
  paid = body.id
  watchToken = body.watch_token
})
afterAll(() => it.server.stop())

describe('a body that cannot be used', () => {
  const good = { token: 'tok_visa', amount: 1000 }
  test.each<[string, object, string, string, RegExp]>([
    ['no amount', { token: 'tok_visa' }, 'parameter_missing', 'amount', /amount is missing/],
    ['an amount as text', { ...good, amount: '1000' }, 'amount_invalid', 'amount', /1999 for 19\.99/],
    ['a fraction', { ...good, amount: 10.5 }, 'amount_invalid', 'amount', /1999 for 19\.99/],
    ['amount 0', { ...good, amount: 0 }, 'amount_invalid', 'amount', /greater than 0/],
    ['too much', { ...good, amount: 100_000_000 }, 'amount_too_large', 'amount', /at most 99999999/],
    ['a long currency', { ...good, currency: 'euro' }, 'currency_invalid', 'currency', /three-letter/],
    ['a foreign token', { ...good, token: 'cus_1' }, 'token_invalid', 'token', /tok_/],
    ['two cards', { ...good, payment_method: 'pm_1' }, 'parameter_invalid', 'payment_method', /one of them/],
    ['an unknown field', { ...good, amout: 1 }, 'parameter_invalid', 'amout', /no field amout/],
    [
      'a relative return_url',
      { ...good, return_url: '/x' },
      'parameter_invalid',
      'return_url',
      /whole address/,
    ],
    [
      'a hidden order',
      { ...good, metadata: { order_id: 'x' } },
      'parameter_invalid',
      'metadata.order_id',
      /order_id/,
    ],
    ['nested metadata', { ...good, metadata: { a: {} } }, 'parameter_invalid', 'metadata.a', /text/],
    ['save_card alone', { ...good, save_card: 'on_session' }, 'parameter_missing', 'customer', /save_card/],
    ['a bad customer', { ...good, customer: 'x' }, 'parameter_invalid', 'customer', /cus_/],
    ['a bad capture', { ...good, capture_method: 'later' }, 'parameter_invalid', 'capture_method', /manual/],
    [
      'a card number',
      { ...good, description: 'card 4242 4242 4242 4242' },
      'card_number_refused',
      'description',
      /Stripe\.js/,
    ],
  ])('%s', async (_name, body, code, param, message) => {
    const before = (await it.charges()).length
    const answer = await it.post('/v1/payments', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatchObject({ code, param, message: expect.stringMatching(message) })
    expect((await it.charges()).length).toBe(before)
  })

  test.each([
    ['limit=0', 'limit'],
    ['status=paid', 'status'],
    ['starting_after=pi_none', 'starting_after'],
    ['page=2', 'page'],
  ])('the list with %s', async (query, param) => {
    const answer = await it.get(`/v1/payments?${query}`)
    expect([400, 404]).toContain(answer.status)
    expect(answer.body.error.param).toBe(param)
  })
})

describe('who may do what', () => {
  const verbs = ['capture', 'cancel', 'refund'] as const
  test.each(verbs)('a client may not %s', async (verb) => {
    const answer = await it.post(`/v1/payments/${paid}/${verb}`, {}, { as: 'client' })
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'server_key_required' } } })
  })

  test.each(['/v1/payments', '/v1/payments/pi_x/timeline'])('a client may not read %s', async (path) => {
    const answer = await it.get(path, { as: 'client' })
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'server_key_required' } } })
  })

  test('a client may not name off_session', async () => {
    const body = { token: 'tok_visa', amount: 1000, off_session: true }
    const answer = await it.post('/v1/payments', body, { as: 'client' })
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'server_key_required' } } })
  })

  test('without a key nothing is told', async () => {
    for (const answer of [
      await it.get(`/v1/payments/${paid}`, { as: 'nobody' }),
      await it.post('/v1/payments', { token: 'tok_visa', amount: 1000 }, { as: 'nobody' }),
    ]) {
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'api_key_missing' } } })
    }
  })

  test('a client that only knows the id of a payment is told how it stands, and no more', async () => {
    const { status, body } = await it.get(`/v1/payments/${paid}`, { as: 'client' })
    expect(status).toBe(200)
    expect(body).toEqual({ object: 'payment', id: paid, status: 'succeeded' })
  })

  test('a watch token alone opens its payment, and pays nothing', async () => {
    const headers = { 'Tollbridge-Watch-Token': watchToken }
    const own = await it.get(`/v1/payments/${paid}`, { as: 'nobody', headers })
    expect(own.body).toMatchObject({ id: paid, client_secret: expect.any(String) })
    const other = (await it.post('/v1/payments', { amount: 500 })).body.id
    const foreign = await it.get(`/v1/payments/${other}`, { as: 'nobody', headers })
    expect(foreign).toMatchObject({ status: 403, body: { error: { code: 'watch_token_required' } } })
    const paying = await it.post(
      '/v1/payments',
      { token: 'tok_visa', amount: 500 },
      { as: 'nobody', headers },
    )
    expect(paying).toMatchObject({ status: 403, body: { error: { code: 'server_key_required' } } })
  })

  test('an unknown payment is not there', async () => {
    for (const id of ['pi_none', 'ch_1', 'x']) {
      expect(await it.get(`/v1/payments/${id}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'resource_missing' } },
      })
    }
    expect(await it.post('/v1/payments/pi_none/capture')).toMatchObject({ status: 404 })
    expect(await it.get('/v1/payments/pi_never/timeline')).toMatchObject({ status: 404 })
  })
})

describe('connected accounts', () => {
  test('need a server key and an id of theirs', async () => {
    const body = { token: 'tok_visa', amount: 1000 }
    const client = await it.post('/v1/payments', body, {
      as: 'client',
      headers: { 'Stripe-Account': 'acct_1Shop' },
    })
    expect(client).toMatchObject({ status: 403, body: { error: { code: 'server_key_required' } } })
    const bad = await it.post('/v1/payments', body, { headers: { 'Stripe-Account': 'shop' } })
    expect(bad).toMatchObject({ status: 400, body: { error: { param: 'Stripe-Account' } } })
  })

  test('have orders and keys of their own', async () => {
    const body = { token: 'tok_visa', amount: 1000, order_id: 'first' }
    const onAccount = { headers: { 'Stripe-Account': 'acct_1Shop', 'idempotency-key': 'shared' } }
    const theirs = await it.post('/v1/payments', body, onAccount)
    expect(theirs.body).toMatchObject({ account: 'acct_1Shop', order_id: 'first', status: 'succeeded' })
    expect(theirs.body.id).not.toBe(paid)
    const ours = await it.post('/v1/payments', body, { headers: { 'idempotency-key': 'shared' } })
    expect(ours.body).toMatchObject({ id: paid, account: null })
    const again = await it.post('/v1/payments', body, onAccount)
    expect(again.body.id).toBe(theirs.body.id)
  })
})
