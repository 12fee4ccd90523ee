/** What the app's server signs, from outside: the newest of its words wins, and a page decides nothing that it signed. */
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { charge, codeOf } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { type Answer, type PaymentsUnderTest, startPayments } from '../payments/start-payments.ts'

const NO_LIMIT = '-/- in 10m'
let it: PaymentsUnderTest
let secret: Uint8Array
let orders = 0
const anOrder = () => `signed-${orders++}`
beforeAll(async () => {
  it = await startPayments({
    env: { GUARD_ADDRESS: NO_LIMIT, GUARD_CLIENT_KEY: NO_LIMIT, GUARD_ORDER: NO_LIMIT },
  })
  const key = await it.post('/v1/admin/quote_key', {}, { as: 'operator' })
  secret = new TextEncoder().encode(key.body.secret)
})
afterAll(() => it.server.stop())

const refusal = ({ status, body }: Answer) => [status, body.error?.code]
const atStripe = (id: string) => it.stripe.paymentIntents.retrieve(id)
const page = (body: object, headers: Record<string, string> = {}) =>
  it.post('/v1/payments', body, { as: 'client', headers })

async function quote(order_id: string, amount: number, more: object = {}): Promise<string> {
  return (await it.post('/v1/quotes', { order_id, amount, currency: 'usd', ...more })).body.quote
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

/** As an app's server that signs by itself. */
function selfSigned(order_id: string, amount: number, claims: object = {}): Promise<string> {
  const { appId } = it.server
  return new SignJWT({
    app: appId,
    amount,
    currency: 'usd',
    order_id,
    jti: randomUUID(),
    exp: inSeconds(600),
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(secret)
}

describe('the newest quote of an order', () => {
  test('sets its price, and no older one brings the old price back', async () => {
    const order_id = anOrder()
    const [first, second, third] = [
      await quote(order_id, 1000),
      await quote(order_id, 2000),
      await quote(order_id, 3000),
    ]
    const { body: payment } = await page({ quote: second })
    expect(payment.amount).toBe(2000)
    const shown = { 'tollbridge-watch-token': payment.watch_token }
    for (const old of [
      await page({ quote: first }, shown),
      await page({ quote: first, token: 'tok_visa' }, shown),
      await it.post(`/v1/payments/${payment.id}/price`, { quote: first }, { as: 'client', headers: shown }),
    ]) {
      expect(refusal(old)).toEqual([409, 'quote_superseded'])
    }
    const oldDoor = await charge(it.server, { token: 'tok_visa', quote: first })
    expect([oldDoor.status, codeOf(oldDoor)]).toEqual([409, 'quote_superseded'])
    expect((await atStripe(payment.id)).amount).toBe(2000)
    expect((await page({ quote: third })).body).toMatchObject({ id: payment.id, amount: 3000 })
    expect(refusal(await page({ quote: second }))).toEqual([409, 'quote_superseded'])
    expect((await page({ quote: third, token: 'tok_visa' })).body).toMatchObject({
      status: 'succeeded',
      amount_received: 3000,
    })
  })

  test('wins also where all come at once', async () => {
    const order_id = anOrder()
    const quotes = [await quote(order_id, 1000)]
    for (const amount of [1100, 1200, 1300, 1400]) quotes.push(await quote(order_id, amount))
    await Promise.all(quotes.toReversed().map((it) => page({ quote: it })))
    const { body } = await page({ quote: quotes.at(-1) })
    expect(body.amount).toBe(1400)
    expect((await atStripe(body.id)).amount).toBe(1400)
  })

  test('wins over an older one that changes nothing meanwhile: a quote of the same price renews it', async () => {
    const order_id = anOrder()
    const [first, dear, again] = [
      await quote(order_id, 1000),
      await quote(order_id, 5000),
      await quote(order_id, 1000),
    ]
    const { body: payment } = await page({ quote: first })
    expect((await page({ quote: again })).body).toMatchObject({ id: payment.id, amount: 1000 })
    expect(refusal(await page({ quote: dear }))).toEqual([409, 'quote_superseded'])
    // An older one of the very same deal changes nothing, so it pays.
    expect((await page({ quote: first, token: 'tok_visa' })).body.status).toBe('succeeded')
  })

  test('is older than what the server key says after it, and younger ones are not', async () => {
    const order_id = anOrder()
    const before = await quote(order_id, 1000)
    const also = await quote(order_id, 1500)
    const { body: payment } = await page({ quote: before })
    const changed = await it.post(`/v1/payments/${payment.id}/price`, { amount: 4000 })
    expect(changed.body.amount).toBe(4000)
    for (const old of [before, also]) {
      expect(refusal(await page({ quote: old, token: 'tok_visa' }))).toEqual([409, 'quote_superseded'])
    }
    expect((await atStripe(payment.id)).amount).toBe(4000)
    expect((await page({ quote: await quote(order_id, 5000) })).body.amount).toBe(5000)
  })

  test('is older than an order that the server key begins', async () => {
    const order_id = anOrder()
    const early = await quote(order_id, 100)
    const { body: payment } = await it.post('/v1/payments', { order_id, amount: 2500 })
    expect(refusal(await page({ quote: early, token: 'tok_visa' }))).toEqual([409, 'quote_superseded'])
    expect((await atStripe(payment.id)).amount).toBe(2500)
  })
})

describe('a quote that the app’s server signs by itself', () => {
  test('is ordered by iat, to the millisecond, or by seq where it has one', async () => {
    const order_id = anOrder()
    const now = Date.now() / 1000
    const { body: payment } = await page({ quote: await selfSigned(order_id, 1000, { iat: now }) })
    expect(refusal(await page({ quote: await selfSigned(order_id, 900, { iat: now - 0.002 }) }))[1]).toBe(
      'quote_superseded',
    )
    expect((await page({ quote: await selfSigned(order_id, 1100, { iat: now + 0.002 }) })).body.amount).toBe(
      1100,
    )
    // The clock of the app's server went back; its sequence did not.
    const late = await selfSigned(order_id, 1200, { iat: now - 3600, seq: Math.round(now * 1000) + 10 })
    expect((await page({ quote: late })).body.amount).toBe(1200)
    const same = await selfSigned(order_id, 1300, { seq: Math.round(now * 1000) + 10 })
    expect(refusal(await page({ quote: same }))).toEqual([409, 'quote_superseded'])
    expect((await atStripe(payment.id)).amount).toBe(1200)
  })

  test('and says nothing of its issue begins an order, and is older than all that do', async () => {
    const order_id = anOrder()
    const { body: payment } = await page({ quote: await selfSigned(order_id, 1000) })
    expect(payment.amount).toBe(1000)
    const other = await page({ quote: await selfSigned(order_id, 900) })
    expect(refusal(other)).toEqual([409, 'quote_superseded'])
    expect(other.body.error.message).toMatch(/says nothing of when it was issued \(iat, or seq\)/)
    const dated = await page({ quote: await selfSigned(order_id, 1100, { iat: inSeconds(0) }) })
    expect(dated.body.amount).toBe(1100)
  })

  test('an expired one repeats what it did, and changes nothing any more', async () => {
    const order_id = anOrder()
    const short = await selfSigned(order_id, 1000, { iat: Date.now() / 1000, exp: inSeconds(2) })
    const { body: payment } = await page({ quote: short })
    const unused = await selfSigned(anOrder(), 1000, { exp: inSeconds(-1) })
    expect(refusal(await page({ quote: unused }))).toEqual([400, 'quote_expired'])
    await it.post(`/v1/payments/${payment.id}/price`, { amount: 3000 })
    const brought = async (extra: object = {}) => refusal(await page({ quote: short, ...extra }))
    expect(await brought()).toEqual([409, 'quote_superseded'])
    expect((await atStripe(payment.id)).amount).toBe(3000)
  })
})

describe('beside the price, a quote signs', () => {
  const terms = {
    capture_method: 'manual',
    description: 'Two pots of tea',
    receipt_email: 'ada@example.org',
    metadata: { cart: '7' },
  } as const

  test('how it is paid, for whom and as what, without a word of the page', async () => {
    const { id: customer } = await it.stripe.customers.create()
    const order_id = anOrder()
    const signed = await quote(order_id, 2000, { ...terms, customer, save_card: 'off_session' })
    const { body } = await page({ quote: signed, token: await it.token(), metadata: { from: 'page' } })
    expect(body).toMatchObject({
      status: 'requires_capture',
      customer,
      description: terms.description,
      metadata: { cart: '7', from: 'page', order_id },
    })
    expect(await atStripe(body.id)).toMatchObject({
      capture_method: 'manual',
      setup_future_usage: 'off_session',
      receipt_email: terms.receipt_email,
    })
  })

  test.each<[string, object]>([
    ['capture_method', { capture_method: 'automatic' }],
    ['description', { description: 'One pot' }],
    ['receipt_email', { receipt_email: 'eve@example.org' }],
    ['metadata.cart', { metadata: { cart: '8' } }],
  ])('%s, and another word of the page is refused', async (param, words) => {
    const before = (await it.charges()).length
    const signed = await quote(anOrder(), 2000, terms)
    const answer = await page({ quote: signed, token: 'tok_visa', ...words })
    expect(refusal(answer)).toEqual([400, 'price_mismatch'])
    expect(answer.body.error.param).toBe(param)
    expect((await it.charges()).length).toBe(before)
  })

  test('the customer, whom no other token stands for', async () => {
    const { id: ada } = await it.stripe.customers.create()
    const { id: eve } = await it.stripe.customers.create()
    const { token } = (await it.post(`/v1/customers/${eve}/token`)).body
    const headers = { 'tollbridge-customer-token': token }
    const signed = await quote(anOrder(), 2000, { customer: ada })
    const named = await page({ quote: signed, customer: eve, token: 'tok_visa' }, headers)
    expect(refusal(named)).toEqual([400, 'price_mismatch'])
    const { id: card } = await it.stripe.paymentMethods.attach('pm_card_visa', { customer: ada })
    expect(refusal(await page({ quote: signed, payment_method: card }, headers))[1]).toBe(
      'payment_method_refused',
    )
  })

  test('what a newer one changes, on the payment that is there', async () => {
    const order_id = anOrder()
    const { body: payment } = await page({ quote: await quote(order_id, 2000) })
    const newer = await quote(order_id, 2000, terms)
    expect((await page({ quote: newer })).body).toMatchObject({ id: payment.id, amount: 2000 })
    expect(await atStripe(payment.id)).toMatchObject({
      capture_method: 'manual',
      description: terms.description,
      metadata: { cart: '7', order_id },
    })
    // What a later one does not name stays as it is.
    const words = {
      description: terms.description,
      receipt_email: terms.receipt_email,
      metadata: { cart: '7' },
    }
    const later = await page({ quote: await quote(order_id, 2500), ...words })
    expect(later.body).toMatchObject({ id: payment.id, amount: 2500, capture_method: 'manual' })
  })

  test('no more than its text can carry', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 48 }, (_, n) => [`name${n}`, 'x'.repeat(500)]))
    const answer = await it.post('/v1/quotes', { order_id: anOrder(), amount: 2000, metadata })
    expect(refusal(answer)).toEqual([400, 'parameter_invalid'])
    expect(answer.body.error.param).toBe('metadata')
  })

  test.each<[object, string]>([
    [{ save_card: 'off_session' }, 'customer'],
    [{ customer: 'ada' }, 'customer'],
    [{ capture_method: 'later' }, 'capture_method'],
    [{ metadata: { order_id: 'x' } }, 'metadata.order_id'],
    [{ amount: undefined, items: [{ id: 'tea', quantity: 1, unit_amount: 5 }] }, 'items'],
  ])('%j is refused with the name of the field', async (body, param) => {
    const answer = await it.post('/v1/quotes', { order_id: anOrder(), amount: 2000, ...body })
    expect(answer.status).toBe(400)
    expect(answer.body.error.param).toBe(param)
  })
})

describe('a hold', () => {
  test('is not for a page to ask for, unless the policy or a quote says so', async () => {
    const held = { amount: 2000, capture_method: 'manual', token: 'tok_visa' }
    const refused = await page(held)
    expect(refusal(refused)).toEqual([403, 'hold_refused'])
    expect(refused.body.error.param).toBe('capture_method')
    expect((await it.post('/v1/payments', held)).body.status).toBe('requires_capture')
    const signed = await quote(anOrder(), 2000, { capture_method: 'manual' })
    expect((await page({ quote: signed, token: 'tok_visa', capture_method: 'manual' })).body.status).toBe(
      'requires_capture',
    )
    // A quote that does not speak of it leaves it to the policy.
    const silent = await quote(anOrder(), 2000)
    expect(refusal(await page({ quote: silent, token: 'tok_visa', capture_method: 'manual' }))).toEqual([
      403,
      'hold_refused',
    ])
    const policy = (allow_client_capture: boolean) =>
      it.post('/v1/admin/price_policy', { allow_client_capture }, { as: 'operator' })
    await policy(true)
    expect((await page(held)).body.status).toBe('requires_capture')
    await policy(false)
  })

  test('that the server began stays one, and the page need not say so', async () => {
    const order_id = anOrder()
    const begun = await it.post('/v1/payments', { order_id, amount: 2000, capture_method: 'manual' })
    const given = { 'tollbridge-watch-token': begun.body.watch_token }
    const held = await page({ order_id, amount: 2000, token: 'tok_visa' }, given)
    expect(held.body.status).toBe('requires_capture')
  })
})

describe('what was sold', () => {
  const tea = { id: 'tea', quantity: 2, unit_amount: 450 }
  beforeAll(async () => {
    await it.post('/v1/catalog/items', { id: 'tea', name: 'Tea', prices: { usd: 450 } })
    await it.post('/v1/catalog/items', { id: 'cup', name: 'Cup', prices: { usd: 1250 } })
  })

  const listed = (id: string) =>
    eventually(
      async () => {
        const { data } = (await it.get('/v1/payments?limit=100')).body
        return data.find((payment: { id: string }) => payment.id === id) ?? false
      },
      { what: 'the payment in the list' },
    )

  test.each([{ order: true }, { order: false }])(
    'is told wherever the payment is (%o)',
    async ({ order }) => {
      const items = [{ id: 'tea', quantity: 2 }]
      const order_id = order ? anOrder() : undefined
      const { body: paid } = await page({ items, order_id, token: await it.token() })
      expect(paid).toMatchObject({ status: 'succeeded', amount: 900, items: [tea] })
      // The catalog goes on; what was sold stays.
      await it.post('/v1/catalog/items/tea', { prices: { usd: 999 } })
      expect((await it.get(`/v1/payments/${paid.id}`)).body.items).toEqual([tea])
      expect((await listed(paid.id)).items).toEqual([tea])
      const { data: due } = (await it.get('/v1/payments/unfulfilled?limit=100')).body
      expect(due.find(({ id }: { id: string }) => id === paid.id)?.items).toEqual([tea])
      const fulfilled = await it.post(`/v1/payments/${paid.id}/fulfill`)
      expect(fulfilled.body).toMatchObject({ newly_fulfilled: true, items: [tea] })
      const { data } = (await it.get(`/v1/payments/${paid.id}/timeline`)).body
      expect(data[0]).toMatchObject({ operation: 'create', amount: 900, currency: 'usd', items: [tea] })
      expect((await atStripe(paid.id)).metadata['tollbridge_items']).toBe('{"tea":2}')
      await it.post('/v1/catalog/items/tea', { prices: { usd: 450 } })
    },
  )

  test('follows a change of price', async () => {
    const { body: payment } = await page({ items: [{ id: 'tea', quantity: 2 }] })
    const shown = { 'tollbridge-watch-token': payment.watch_token }
    const cups = [{ id: 'cup', quantity: 1 }]
    await it.post(`/v1/payments/${payment.id}/price`, { items: cups }, { as: 'client', headers: shown })
    expect((await it.get(`/v1/payments/${payment.id}`)).body.items).toEqual([
      { ...cups[0], unit_amount: 1250 },
    ])
    expect((await atStripe(payment.id)).metadata['tollbridge_items']).toBe('{"cup":1}')
    await it.post(`/v1/payments/${payment.id}/price`, { amount: 700 })
    expect((await it.get(`/v1/payments/${payment.id}`)).body.items).toBeNull()
    expect((await atStripe(payment.id)).metadata).not.toHaveProperty('tollbridge_items')
  })

  test('comes from a quote, with the prices that the server named', async () => {
    const own = [{ id: 'tea', quantity: 2, unit_amount: 300 }]
    const signed = await quote(anOrder(), 500, { items: own })
    expect((await page({ quote: signed, token: 'tok_visa' })).body).toMatchObject({ amount: 500, items: own })
    const catalog = await quote(anOrder(), 0, { amount: undefined, items: [{ id: 'tea', quantity: 2 }] })
    expect((await page({ quote: catalog })).body).toMatchObject({ amount: 900, items: [tea] })
  })

  test('is left out of Stripe’s metadata where it does not fit, and told all the same', async () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ id: `item-number-${n}`, quantity: n + 1 }))
    const signed = await quote(anOrder(), 5000, { items: many })
    const { body } = await page({ quote: signed })
    expect(body.items).toHaveLength(60)
    expect((await atStripe(body.id)).metadata).not.toHaveProperty('tollbridge_items')
    const metadata = { tollbridge_items: 'gold' }
    expect((await page({ amount: 500, metadata })).body.error.param).toBe('metadata.tollbridge_items')
    const old = await charge(it.server, { token: 'tok_visa', amount: 500, metadata })
    expect([old.status, codeOf(old)]).toEqual([400, 'parameter_invalid'])
  })
})
