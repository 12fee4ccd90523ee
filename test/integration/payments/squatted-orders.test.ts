/** Orders that a stranger began or declines at, in the policy open: the app's server takes them over, and no payer is locked out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { charge } from '../../support/api-client.ts'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

let it: PaymentsUnderTest
let orders = 0
const anOrder = () => `squatted-${orders++}`
beforeAll(async () => {
  // As for a live app: whoever tries cards is counted.
  it = await startPayments({
    env: { GUARD: 'strict', GUARD_ADDRESS: '-/- in 10m', GUARD_CARD: '-/- in 10m' },
  })
})
afterAll(() => it.server.stop())

const AMOUNT = 5_000
const stranger = (body: object) => it.post('/v1/payments', { amount: 100, ...body }, { as: 'stranger' })
const server = (order_id: string, more: object = {}) =>
  it.post('/v1/payments', { order_id, amount: AMOUNT, ...more })
const succeededOf = async (order_id: string) =>
  (await it.charges()).filter(
    ({ status, metadata }) => status === 'succeeded' && metadata['order_id'] === order_id,
  )

describe('the app’s server takes over an order that a stranger', () => {
  test.each<[string, object]>([
    ['began', {}],
    ['began in another currency', { currency: 'eur' }],
    ['had declined', { token: 'tok_chargeDeclined' }],
    ['left at his bank’s question', { payment_method: 'pm_card_threeDSecure2Required' }],
    ['left there, for the same amount', { payment_method: 'pm_card_threeDSecure2Required', amount: AMOUNT }],
  ])('%s', async (_what, body) => {
    const order_id = anOrder()
    const squatted = await stranger({ order_id, ...body })
    expect([200, 402]).toContain(squatted.status)
    const paid = await server(order_id, { token: 'tok_visa' })
    expect(paid.body).toMatchObject({ status: 'succeeded', amount_received: AMOUNT, order_id })
    expect(await succeededOf(order_id)).toHaveLength(1)
    // What the stranger holds leads nowhere any more.
    const secret = squatted.body.client_secret
    if (typeof secret === 'string' && squatted.body.id !== paid.body.id) {
      const { status } = await it.stripe.paymentIntents.retrieve(squatted.body.id)
      expect(status).toBe('canceled')
    }
    expect((await stranger({ order_id, token: 'tok_visa' })).status).toBe(403)
    expect(await succeededOf(order_id)).toHaveLength(1)
  })

  test('began, at the old door too, and for a page that then pays with a card of its own', async () => {
    const [direct, byPage] = [anOrder(), anOrder()]
    for (const order_id of [direct, byPage]) {
      const declined = await charge(it.server, { order_id, amount: 100, token: 'tok_chargeDeclined' })
      expect(declined.status).toBe(402)
    }
    const body = { order_id: direct, amount: AMOUNT, token: 'tok_visa' }
    const charged = await charge(it.server, body, { key: it.server.serverKey })
    expect(charged.body).toMatchObject({ object: 'charge', amount: AMOUNT, status: 'succeeded' })
    const { body: begun } = await server(byPage)
    const paid = await it.post(
      `/v1/payments/${begun.id}/confirm`,
      { amount: AMOUNT, currency: 'usd', token: 'tok_visa' },
      { as: 'stranger', headers: { 'tollbridge-watch-token': begun.watch_token } },
    )
    expect(paid.body).toMatchObject({ status: 'succeeded', amount_received: AMOUNT })
  })

  test('begins at the very same time: one payment of the server’s terms, and never two', async () => {
    const order_id = anOrder()
    const [mine] = await Promise.all([
      server(order_id, { token: 'tok_visa' }),
      ...[101, 102, 103].map((amount) => stranger({ order_id, amount })),
    ])
    const paid = mine.status === 200 ? mine : await server(order_id, { token: 'tok_visa' })
    expect(paid.body).toMatchObject({ status: 'succeeded', amount_received: AMOUNT })
    expect(await succeededOf(order_id)).toHaveLength(1)
  })
})

test('declines of strangers lock neither an order that has its payer, nor the key for another', async () => {
  const order_id = anOrder()
  const { body: begun } = await server(order_id)
  // More than an order, or a proof, may have failures; and orders of their own beyond the failures of the key.
  for (let n = 0; n < 25; n += 1) {
    const { status } = await stranger({ order_id, amount: AMOUNT, token: 'tok_chargeDeclined' })
    expect([403, 429]).toContain(status)
  }
  for (let n = 0; n < 110; n += 1) {
    const { status } = await stranger({ order_id: anOrder(), token: 'tok_chargeDeclined' })
    expect([402, 429]).toContain(status)
  }
  const paid = await it.post(
    `/v1/payments/${begun.id}/confirm`,
    { amount: AMOUNT, currency: 'usd', token: 'tok_visa' },
    { as: 'stranger', headers: { 'tollbridge-watch-token': begun.watch_token } },
  )
  expect(paid.body).toMatchObject({ status: 'succeeded', amount_received: AMOUNT })
  const other = await server(anOrder(), { token: 'tok_visa' })
  expect(other.body).toMatchObject({ status: 'succeeded' })
})
