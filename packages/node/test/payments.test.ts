/** Payments, cards, quotes and events through the client, against the whole product. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { type PaymentsUnderTest, startPayments } from '../../../test/integration/payments/start-payments.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { createTollbridge, StripeApiError, type Tollbridge } from '../src/index.ts'

let it: PaymentsUnderTest
let tollbridge: Tollbridge
beforeAll(async () => {
  it = await startPayments()
  tollbridge = createTollbridge({ url: it.server.url, serverKey: it.server.serverKey })
})
afterAll(async () => {
  await tollbridge.close()
  await it.server.stop()
})

describe('payments', () => {
  test('are created, confirmed, delivered once and given back', async () => {
    const created = await tollbridge.payments.create({
      orderId: 'order-1',
      amount: 1999,
      currency: 'usd',
      metadata: { basketId: 'b-1' },
    })
    expect(created).toMatchObject({ order_id: 'order-1', status: 'requires_payment_method', amount: 1999 })
    expect(created.metadata['basketId']).toBe('b-1')
    const paid = await tollbridge.payments.confirm(created.id, { paymentMethod: 'pm_card_visa' })
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 1999 })
    expect(await tollbridge.payments.retrieve(created.id)).toMatchObject({
      id: created.id,
      status: 'succeeded',
    })
    expect((await tollbridge.payments.fulfil(created.id)).newly_fulfilled).toBe(true)
    expect((await tollbridge.payments.fulfil(created.id)).newly_fulfilled).toBe(false)
    const refunded = await tollbridge.payments.refund(created.id, { amount: 500 }, { idempotencyKey: 'r-1' })
    expect(refunded).toMatchObject({ amount_refunded: 500 })
    const again = await tollbridge.payments.refund(created.id, { amount: 500 }, { idempotencyKey: 'r-1' })
    expect(again.refund).toBe(refunded.refund)
    const { data } = await tollbridge.payments.timeline(created.id)
    const calls = data.flatMap((entry) => (entry.object === 'payment_attempt' ? [entry.operation] : []))
    expect(calls).toEqual(['create', 'confirm', 'refund'])
  })

  test('of a single-use token are one charge, whoever repeats them', async () => {
    const token = await it.token()
    const fields = { amount: 700, currency: 'usd', token }
    const first = await tollbridge.payments.create(fields)
    const other = createTollbridge({ url: it.server.url, serverKey: it.server.serverKey })
    expect((await other.payments.create(fields)).id).toBe(first.id)
  })

  test('are held and captured in part, or canceled', async () => {
    const held = {
      amount: 1000,
      currency: 'usd',
      paymentMethod: 'pm_card_visa',
      captureMethod: 'manual',
    } as const
    const one = await tollbridge.payments.create(held)
    expect(await tollbridge.payments.capture(one.id, { amount: 600 })).toMatchObject({ amount_received: 600 })
    const two = await tollbridge.payments.create(held)
    const canceled = await tollbridge.payments.cancel(two.id, { reason: 'requested_by_customer' })
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'requested_by_customer' })
  })

  test('take another price while they are not paid', async () => {
    const { id } = await tollbridge.payments.create({ orderId: 'order-price', amount: 1000, currency: 'usd' })
    expect(await tollbridge.payments.setPrice(id, { amount: 1200 })).toMatchObject({ id, amount: 1200 })
  })

  test("are declined in Stripe's words", async () => {
    const declined = tollbridge.payments.create({
      amount: 1999,
      currency: 'usd',
      paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds',
    })
    await expect(declined).rejects.toBeInstanceOf(StripeApiError)
    await expect(declined).rejects.toMatchObject({
      status: 402,
      type: 'card_error',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
    })
  })

  test('are refused with the name of the field', async () => {
    const wrong = tollbridge.payments.create({ amount: 19.99, currency: 'usd' })
    await expect(wrong).rejects.toMatchObject({ status: 400, code: 'amount_invalid', param: 'amount' })
    await expect(tollbridge.payments.retrieve('../events')).rejects.toThrow(/id of a payment/)
  })

  test('are listed page by page without an end in between', async () => {
    const order = 'order-many'
    for (let amount = 1001; amount <= 1005; amount += 1) {
      await tollbridge.payments.create({
        amount,
        currency: 'usd',
        description: order,
        customer: await customer(),
      })
    }
    const mine = (amount: number) => amount >= 1001 && amount <= 1005
    const all = () => tollbridge.payments.list({ limit: 2, created: { gte: 0 } })
    const amounts = await eventually(
      async () => {
        const found = (await all().toArray({ limit: 1_000 })).map(({ amount }) => amount).filter(mine)
        return found.length === 5 ? found : null
      },
      { what: 'the webhooks of five payments' },
    )
    expect(new Set(amounts)).toEqual(new Set([1001, 1002, 1003, 1004, 1005]))
    expect(await all()).toMatchObject({ object: 'list', has_more: true })
    expect((await all()).data).toHaveLength(2)
    expect(await all().toArray({ limit: 3 })).toHaveLength(3)
    const found = []
    for await (const { amount } of all()) if (mine(amount)) found.push(amount)
    expect(found).toEqual(amounts)
  })
})

async function customer(): Promise<string> {
  return (await it.stripe.customers.create({ email: 'ada@example.org' })).id
}

describe('saved cards', () => {
  test('are kept, listed, charged and forgotten', async () => {
    const owner = await customer()
    const intent = await tollbridge.setupIntents.create({ customer: owner, usage: 'off_session' })
    expect(intent.status).toBe('requires_payment_method')
    const kept = await tollbridge.setupIntents.confirm(intent.id, { paymentMethod: 'pm_card_visa' })
    expect(kept).toMatchObject({ status: 'succeeded', customer: owner })
    expect(await tollbridge.setupIntents.retrieve(intent.id)).toEqual(kept)
    const [card] = await tollbridge.cards.list(owner).toArray({ limit: 10 })
    expect(card).toMatchObject({ brand: 'visa', last4: '4242', customer: owner })
    const charged = await tollbridge.payments.create({
      amount: 500,
      currency: 'usd',
      customer: owner,
      paymentMethod: card?.id ?? '',
      offSession: true,
    })
    expect(charged.status).toBe('succeeded')
    expect((await tollbridge.cards.detach(owner, card?.id ?? '')).customer).toBeNull()
    expect((await tollbridge.cards.list(owner)).data).toEqual([])
  })

  test('need not be', async () => {
    const { id } = await tollbridge.setupIntents.create()
    expect(await tollbridge.setupIntents.cancel(id, { reason: 'abandoned' })).toMatchObject({
      status: 'canceled',
    })
  })
})

test('a page acts for a customer with a token', async () => {
  const owner = await customer()
  const made = await tollbridge.customers.token(owner, { expiresIn: 60 })
  expect(made).toMatchObject({ object: 'customer_token', customer: owner })
  const headers = { 'tollbridge-customer-token': made.token }
  expect(await it.get('/v1/customers/me/cards', { as: 'client', headers })).toMatchObject({
    status: 200,
    body: { data: [] },
  })
  await expect(tollbridge.customers.token('a/b')).rejects.toThrow(TypeError)
})

describe('quotes', () => {
  test('fix the price of an order that a page pays', async () => {
    const quote = await tollbridge.quotes.sign({
      orderId: 'order-q',
      amount: 4200,
      currency: 'usd',
      expiresIn: 60,
      captureMethod: 'manual',
      metadata: { cart: '7' },
    })
    expect(quote).toMatchObject({ capture_method: 'manual', metadata: { cart: '7' }, customer: null })
    expect(quote).toMatchObject({ object: 'quote', order_id: 'order-q', amount: 4200, currency: 'usd' })
    const paid = await it.post('/v1/payments', { order_id: 'order-q', quote: quote.quote }, { as: 'client' })
    expect(paid).toMatchObject({ status: 200, body: { amount: 4200, order_id: 'order-q' } })
  })

  test('add up items of the catalog, one of each unless named', async () => {
    await it.post('/v1/catalog/items', { id: 'tea', name: 'Tea', prices: { usd: 300 } })
    const quote = await tollbridge.quotes.sign({
      orderId: 'order-items',
      items: [{ id: 'tea' }, { id: 'tea', quantity: 2 }],
    })
    expect(quote.amount).toBe(900)
    expect(quote.items).toEqual([{ id: 'tea', quantity: 3, unit_amount: 300 }])
  })
})

describe('events', () => {
  test('are listed in both directions, and looked up', async () => {
    const payment = await tollbridge.payments.create({
      orderId: 'order-events',
      amount: 1999,
      currency: 'usd',
      paymentMethod: 'pm_card_visa',
    })
    const where = `paymentIntentId = '${payment.id}'`
    const newest = await eventually(
      async () => {
        const found = await tollbridge.events.list({ where, limit: 1 }).toArray({ limit: 100 })
        return found.some(({ type }) => type === 'payment_intent.succeeded') && found.length >= 3
          ? found
          : null
      },
      { what: 'the webhooks' },
    )
    const oldest = await tollbridge.events.list({ where, limit: 2, after: 0 }).toArray({ limit: 100 })
    expect(oldest.map(({ eventId }) => eventId).slice(0, newest.length)).toEqual(
      newest.map(({ eventId }) => eventId).reverse(),
    )
    const { eventId = '' } = newest[0] ?? {}
    expect(await tollbridge.events.retrieve(eventId)).toMatchObject({ eventId, payload: { id: eventId } })
  })

  test('are followed over broken connections: each once, in order', async () => {
    let breakNext: () => void = () => undefined
    const flaky = createTollbridge({
      url: it.server.url,
      serverKey: it.server.serverKey,
      fetch: async (input, init) => {
        const abort = new AbortController()
        breakNext = () => abort.abort(new Error('the line is cut'))
        const given = init?.signal === null || init?.signal === undefined ? [] : [init.signal]
        return fetch(input, { ...init, signal: AbortSignal.any([...given, abort.signal]) })
      },
    })
    const seen: string[] = []
    const stream = flaky.events.stream({ selector: "type = 'charge.succeeded' AND amount = 321", after: 0 })
    const charge = () => it.stripe.charges.create({ amount: 321, currency: 'usd', source: 'tok_visa' })
    const made: string[] = []
    made.push((await charge()).id)
    for await (const { headers } of stream) {
      seen.push(headers['id'] ?? '')
      if (seen.length === 5) break
      breakNext()
      made.push((await charge()).id)
    }
    expect(seen).toEqual(made)
  })

  test('that may not be followed are an error', async () => {
    const stream = tollbridge.events.stream({ selector: 'this is no selector' })
    await expect(stream.next()).rejects.toMatchObject({ status: 400, code: 'selector_invalid' })
  })

  test('end when the caller says so', async () => {
    const abort = new AbortController()
    const stream = tollbridge.events.stream({ selector: "id = 'ch_never'", signal: abort.signal })
    const next = stream.next()
    abort.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })
})

test('a list is a promise of its first page', () => {
  expectTypeOf(tollbridge.payments.list()).resolves.toHaveProperty('has_more')
})
