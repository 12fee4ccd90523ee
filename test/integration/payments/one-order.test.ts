/** One order or key, one charge: from outside, by parallel clients, both doors, and a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PAYER_KEY, type PaymentsUnderTest, startPayments } from './start-payments.ts'

const NO_LIMIT = '-/- in 10m'
const env = {
  GUARD_ADDRESS: NO_LIMIT,
  GUARD_CLIENT_KEY: NO_LIMIT,
  GUARD_CARD: NO_LIMIT,
  GUARD_ORDER: NO_LIMIT,
  ALLOW_CLIENT_CAPTURE: 'true',
}

let it: PaymentsUnderTest
beforeAll(async () => {
  it = await startPayments({ env })
})
afterAll(() => it.server.stop())

const pay = (body: object, headers: Record<string, string> = {}) =>
  it.post('/v1/payments', body, { as: 'client', headers })
const charge = async (body: object, headers: Record<string, string> = {}) => {
  const { appId, clientKey, url } = it.server
  const response = await fetch(`${url}/${appId}/${clientKey}/services/Stripe/charge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'Tollbridge-Payer-Key': PAYER_KEY, ...headers },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Record<string, unknown>
}

describe('fifty clients at once', () => {
  test('with one order are one charge, and all are told of it', async () => {
    const before = await it.succeeded()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => pay({ token: 'tok_visa', amount: 1500, order_id: 'fifty' })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await it.succeeded()).toBe(before + 1)
  })

  test('with one order and fifty cards are one charge', async () => {
    const before = await it.succeeded()
    const tokens = await Promise.all(Array.from({ length: 50 }, () => it.token()))
    const answers = await Promise.all(
      tokens.map((token) => pay({ token, amount: 1500, order_id: 'fifty-cards' })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.charge)).size).toBe(1)
    expect(await it.succeeded()).toBe(before + 1)
  })

  test('with one Idempotency-Key are one charge', async () => {
    const before = await it.succeeded()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        pay({ token: 'tok_visa', amount: 1500 }, { 'idempotency-key': 'k50' }),
      ),
    )
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await it.succeeded()).toBe(before + 1)
  })

  test('with one single-use token are one charge', async () => {
    const before = await it.succeeded()
    const token = await it.token()
    const answers = await Promise.all(Array.from({ length: 50 }, () => pay({ token, amount: 1500 })))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await it.succeeded()).toBe(before + 1)
  })

  test('through both doors are one charge', async () => {
    const before = await it.succeeded()
    const order = { token: 'tok_visa', amount: 1500, order_id: 'both-doors' }
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        n % 2 === 0 ? (await pay(order)).body.charge : (await charge(order))['id'],
      ),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^ch_/)
    expect(await it.succeeded()).toBe(before + 1)
  })
})

describe('the same with other content is 409, in words', () => {
  const refusal = async (body: object, headers = {}) => {
    const { status, body: answer } = await pay(body, headers)
    expect(status).toBe(409)
    expect(answer.error).toMatchObject({ type: 'idempotency_error', code: 'idempotency_key_reused' })
    return answer.error
  }

  test.each<[string, object]>([
    ['amount', { amount: 1501 }],
    ['currency', { currency: 'eur' }],
    ['metadata', { metadata: { seat: '5' } }],
    ['capture_method', { capture_method: 'manual' }],
  ])('an order with another %s', async (field, other) => {
    const order = { token: 'tok_visa', amount: 1500, currency: 'usd', order_id: `other-${field}` }
    await pay(order)
    const before = (await it.charges()).length
    const error = await refusal({ ...order, ...other })
    expect(error).toMatchObject({ param: 'order_id', different: [field] })
    expect(error.message).toContain(`other content (${field})`)
    expect((await it.charges()).length).toBe(before)
  })

  test('a key with another card, amount or order, or of the server with another verb', async () => {
    const headers = { 'idempotency-key': 'fixed' }
    const first = await pay({ token: 'tok_visa', amount: 1500 }, headers)
    const before = (await it.charges()).length
    await refusal({ token: 'tok_mastercard', amount: 1500 }, headers)
    await refusal({ token: 'tok_visa', amount: 1501 }, headers)
    await refusal({ token: 'tok_visa', amount: 1500, order_id: 'x' }, headers)
    expect((await it.charges()).length).toBe(before)
    // Keys of the page are not those of the app's server, which no page can use up.
    const refund = await it.post(`/v1/payments/${first.body.id}/refund`, {}, { headers })
    expect(refund.status).toBe(200)
    const capture = await it.post(`/v1/payments/${first.body.id}/capture`, {}, { headers })
    expect(capture.status).toBe(409)
  })

  test('but the same content in another order of its fields is the same', async () => {
    const headers = { 'idempotency-key': 'shuffled' }
    const first = await pay({ token: 'tok_visa', amount: 1500, metadata: { a: '1', b: '2' } }, headers)
    const second = await pay({ metadata: { b: '2', a: '1' }, amount: 1500, token: 'tok_visa' }, headers)
    expect(second.body.id).toBe(first.body.id)
  })
})

test('a decline under a key is told again, and a new key tries again', async () => {
  const order = { token: 'tok_chargeDeclined', amount: 1500, order_id: 'declined-key' }
  const first = await pay(order, { 'idempotency-key': 'd1' })
  const again = await pay(order, { 'idempotency-key': 'd1' })
  expect(again.status).toBe(402)
  const { request_id: _, ...told } = again.body.error
  expect(first.body.error).toMatchObject(told)
  const tried = async () => (await it.charges()).filter(({ status }) => status === 'failed').length
  const before = await tried()
  await pay(order, { 'idempotency-key': 'd2' })
  expect(await tried()).toBe(before + 1)
})

test('after a restart, orders and keys are remembered', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tollbridge-orders-'))
  try {
    const ask = (to: PaymentsUnderTest) =>
      to.post(
        '/v1/payments',
        { token: 'tok_visa', amount: 2500, order_id: 'kept' },
        { as: 'client', headers: { 'idempotency-key': 'kept-key' } },
      )
    const before = await startPayments({ dataDir, env })
    const first = await ask(before)
    await before.server.stop()
    const after = await startPayments({ dataDir, env })
    const second = await ask(after)
    expect(second.body.id).toBe(first.body.id)
    const other = await after.post('/v1/payments', { token: 'tok_visa', amount: 2501, order_id: 'kept' })
    expect(other.status).toBe(409)
    expect(await after.succeeded()).toBe(1)
    await after.server.stop()
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
