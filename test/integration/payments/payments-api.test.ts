/** `/v1/payments` from outside: every verb, against the local Stripe. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

let it: PaymentsUnderTest
beforeAll(async () => {
  it = await startPayments()
})
afterAll(() => it.server.stop())

const create = async (body: object, as: 'client' | 'server' = 'server') =>
  it.post('/v1/payments', body, { as })

describe('creating', () => {
  test('a client pays with a token at once', async () => {
    const { status, body } = await create(
      { token: await it.token(), amount: 1999, currency: 'EUR', metadata: { seat: '4' }, description: 'Tea' },
      'client',
    )
    expect(status).toBe(200)
    const intent = await it.stripe.paymentIntents.retrieve(body.id)
    expect(body).toMatchObject({
      object: 'payment',
      id: expect.stringMatching(/^pi_/),
      status: 'succeeded',
      amount: 1999,
      amount_received: 1999,
      amount_refunded: 0,
      currency: 'eur',
      order_id: null,
      charge: intent.latest_charge,
      client_secret: intent.client_secret,
      next_action: null,
      last_payment_error: null,
      livemode: false,
      description: 'Tea',
      metadata: { seat: '4' },
      watch_token: expect.any(String),
    })
  })

  test('without a card it waits for one, and the page or a later call confirms it', async () => {
    const { body } = await create({ amount: 500, order_id: 'later' }, 'client')
    expect(body).toMatchObject({ status: 'requires_payment_method', order_id: 'later', charge: null })
    const confirmed = await it.post(
      `/v1/payments/${body.id}/confirm`,
      { token: await it.token(), amount: 500, currency: 'usd' },
      { as: 'client' },
    )
    expect(confirmed.body).toMatchObject({ id: body.id, status: 'succeeded', order_id: 'later' })
  })

  test('an order that is asked for again without a card is the same payment', async () => {
    const order = { amount: 500, order_id: 'again' }
    const first = await create(order, 'client')
    expect((await create(order, 'client')).body.id).toBe(first.body.id)
  })

  test('a decline is an error with the payment in it, which takes another card', async () => {
    const order = { amount: 700, order_id: 'declined-first' }
    const declined = await create({ ...order, token: 'tok_chargeDeclinedInsufficientFunds' }, 'client')
    expect(declined.status).toBe(402)
    expect(declined.body.error).toMatchObject({
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      payment_intent: expect.stringMatching(/^pi_/),
    })
    const id = declined.body.error.payment_intent
    const seen = await it.get(`/v1/payments/${id}`)
    expect(seen.body).toMatchObject({
      status: 'requires_payment_method',
      order_id: 'declined-first',
      last_payment_error: { decline_code: 'insufficient_funds' },
    })
    const paid = await create({ ...order, token: await it.token() }, 'client')
    expect(paid.body).toMatchObject({ id, status: 'succeeded' })
  })
})

describe('3-D Secure', () => {
  const card = '4000002760003184'

  test('is a normal answer that says what to do, and ends paid', async () => {
    const { status, body } = await create({ token: await it.token(card), amount: 900 }, 'client')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'use_stripe_sdk', client_secret: body.client_secret },
    })
    it.server.sandbox.completeAuthentication(body.id, 'succeed')
    const watched = await it.get(`/v1/payments/${body.id}`, {
      as: 'client',
      headers: { 'Tollbridge-Watch-Token': body.watch_token },
    })
    expect(watched.body).toMatchObject({ status: 'succeeded', client_secret: body.client_secret })
  })

  test('with a return_url names the address of the bank', async () => {
    const { body } = await create(
      { token: await it.token(card), amount: 900, return_url: 'https://shop.example.com/done' },
      'client',
    )
    expect(body.next_action).toMatchObject({ type: 'redirect_to_url', url: expect.stringMatching(/^http/) })
  })

  test('that fails leaves the order open for another card', async () => {
    const order = { amount: 910, order_id: '3ds-fails' }
    const { body } = await create({ ...order, token: await it.token(card) }, 'client')
    it.server.sandbox.completeAuthentication(body.id, 'fail')
    const failed = await it.get(`/v1/payments/${body.id}`)
    expect(failed.body).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    })
    const paid = await create({ ...order, token: await it.token() }, 'client')
    expect(paid.body).toMatchObject({ id: body.id, status: 'succeeded' })
  })
})

describe('money that is held', () => {
  const held = async () =>
    (await create({ token: await it.token(), amount: 5000, capture_method: 'manual' })).body

  test('is captured in part, once, and the rest let go', async () => {
    const { id, status, amount_capturable } = await held()
    expect({ status, amount_capturable }).toEqual({ status: 'requires_capture', amount_capturable: 5000 })
    const captured = await it.post(`/v1/payments/${id}/capture`, { amount: 3000 })
    expect(captured.body).toMatchObject({ status: 'succeeded', amount_received: 3000, amount_capturable: 0 })
    const again = await it.post(`/v1/payments/${id}/capture`, { amount: 3000 })
    expect(again).toMatchObject({ status: 200, body: { amount_received: 3000 } })
    const more = await it.post(`/v1/payments/${id}/capture`, { amount: 2000 })
    expect(more).toMatchObject({ status: 400, body: { error: { code: 'stripe_rejected' } } })
  })

  test('is captured whole unless an amount is named', async () => {
    const { id } = await held()
    expect((await it.post(`/v1/payments/${id}/capture`)).body).toMatchObject({ amount_received: 5000 })
  })

  test('is let go by a cancel, also when it comes twice', async () => {
    const { id } = await held()
    const canceled = await it.post(`/v1/payments/${id}/cancel`, { reason: 'abandoned' })
    expect(canceled.body).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' })
    expect(await it.post(`/v1/payments/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'canceled' },
    })
    const late = await it.post(`/v1/payments/${id}/capture`)
    expect(late).toMatchObject({ status: 400, body: { error: { message: /canceled/ } } })
  })
})

describe('refunds', () => {
  const paid = async (amount = 2000) => (await create({ token: await it.token(), amount })).body

  test('in parts, then the rest, then nothing more', async () => {
    const { id } = await paid()
    const part = await it.post(`/v1/payments/${id}/refund`, { amount: 500, reason: 'requested_by_customer' })
    expect(part.body).toMatchObject({ amount_refunded: 500, refund: expect.stringMatching(/^re_/) })
    const tooMuch = await it.post(`/v1/payments/${id}/refund`, { amount: 1600 })
    expect(tooMuch).toMatchObject({ status: 400, body: { error: { param: 'amount' } } })
    const rest = await it.post(`/v1/payments/${id}/refund`)
    expect(rest.body).toMatchObject({ amount_refunded: 2000 })
    const again = await it.post(`/v1/payments/${id}/refund`)
    expect(again).toMatchObject({ status: 200, body: { amount_refunded: 2000, refund: null } })
  })

  test('under one Idempotency-Key give money back once', async () => {
    const { id } = await paid()
    const headers = { 'idempotency-key': `refund-${id}` }
    const first = await it.post(`/v1/payments/${id}/refund`, { amount: 300 }, { headers })
    const second = await it.post(`/v1/payments/${id}/refund`, { amount: 300 }, { headers })
    expect(second.body.refund).toBe(first.body.refund)
    expect(second.body.amount_refunded).toBe(300)
    const other = await it.post(`/v1/payments/${id}/refund`, { amount: 301 }, { headers })
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_reused' } } })
  })

  test('of a payment that was never paid is refused in words', async () => {
    const { body } = await create({ amount: 800 })
    const refused = await it.post(`/v1/payments/${body.id}/refund`)
    expect(refused).toMatchObject({ status: 400, body: { error: { message: /successful charge/ } } })
  })

  test('that come together are made one after the other', async () => {
    const { id } = await paid(1000)
    const parts = await Promise.all(
      [100, 200, 300].map((amount) => it.post(`/v1/payments/${id}/refund`, { amount })),
    )
    expect(parts.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await it.get(`/v1/payments/${id}`)).body.amount_refunded).toBe(600)
  })
})

describe('saved cards', () => {
  test('a card kept at a payment is listed, charged off session, and forgotten', async () => {
    const customer = (await it.stripe.customers.create({ email: 'payer@shop.example' })).id
    const first = await create({ token: await it.token(), amount: 1500, customer, save_card: 'off_session' })
    expect(first.body).toMatchObject({ status: 'succeeded', customer })
    const cards = await it.get(`/v1/customers/${customer}/cards`)
    expect(cards.body.data).toEqual([
      expect.objectContaining({ object: 'card', brand: 'visa', last4: '4242', customer }),
    ])
    const [card] = cards.body.data
    const later = await create({ payment_method: card.id, customer, amount: 1600, off_session: true })
    expect(later.body).toMatchObject({ status: 'succeeded', payment_method: card.id })
    const other = (await it.stripe.customers.create({})).id
    expect(await it.delete(`/v1/customers/${other}/cards/${card.id}`)).toMatchObject({ status: 404 })
    expect((await it.delete(`/v1/customers/${customer}/cards/${card.id}`)).body).toMatchObject({
      id: card.id,
      customer: null,
    })
    expect((await it.get(`/v1/customers/${customer}/cards`)).body.data).toEqual([])
  })

  test('a setup intent keeps a card without a charge, after 3-D Secure if the bank wants it', async () => {
    const customer = (await it.stripe.customers.create({})).id
    const before = (await it.charges()).length
    const { body: setup } = await it.post('/v1/setup_intents', { customer, metadata: { plan: 'gold' } })
    expect(setup).toMatchObject({
      object: 'setup_intent',
      status: 'requires_payment_method',
      usage: 'off_session',
      metadata: { plan: 'gold' },
      client_secret: expect.stringMatching(/^seti_/),
    })
    const { body: waiting } = await it.post(`/v1/setup_intents/${setup.id}/confirm`, {
      token: await it.token('4000002760003184'),
    })
    expect(waiting).toMatchObject({ status: 'requires_action', next_action: { type: 'use_stripe_sdk' } })
    it.server.sandbox.completeAuthentication(setup.id, 'succeed')
    const { body: done } = await it.get(`/v1/setup_intents/${setup.id}`)
    expect(done).toMatchObject({ status: 'succeeded', customer })
    const cards = await it.get(`/v1/customers/${customer}/cards`)
    expect(cards.body.data.map(({ id }: { id: string }) => id)).toEqual([done.payment_method])
    expect((await it.charges()).length).toBe(before)
  })

  test('a setup intent that is canceled, or asked for under one key, is one', async () => {
    const headers = { 'idempotency-key': 'setup-1' }
    const first = await it.post('/v1/setup_intents', { usage: 'on_session' }, { headers })
    const second = await it.post('/v1/setup_intents', { usage: 'on_session' }, { headers })
    expect(second.body.id).toBe(first.body.id)
    const canceled = await it.post(`/v1/setup_intents/${first.body.id}/cancel`, { reason: 'abandoned' })
    expect(canceled.body.status).toBe('canceled')
  })
})

describe('the list', () => {
  test('shows an app’s payments by order, status, customer and time, page by page', async () => {
    const customer = (await it.stripe.customers.create({})).id
    const made: string[] = []
    for (const n of [1, 2, 3]) {
      const { body } = await create({
        token: await it.token(),
        amount: 1000 + n,
        customer,
        order_id: `list-${n}`,
      })
      made.unshift(body.id)
    }
    const all = `/v1/payments?customer=${customer}`
    const ids = async (path: string) => {
      const { body } = await it.get(path)
      return body.data.map(({ id }: { id: string }) => id) as string[]
    }
    await eventually(async () => (await ids(`${all}&status=succeeded`)).length === 3, {
      what: 'the webhooks',
    })
    expect((await ids(all)).toSorted()).toEqual(made.toSorted())
    const first = await it.get(`${all}&limit=2`)
    expect(first.body.has_more).toBe(true)
    const last = first.body.data.at(-1).id
    const rest = await ids(`${all}&limit=2&starting_after=${last}`)
    expect([...first.body.data.map(({ id }: { id: string }) => id), ...rest].toSorted()).toEqual(
      made.toSorted(),
    )
    expect(await ids('/v1/payments?order_id=list-2')).toEqual([made[1]])
    expect(await ids(`${all}&status=canceled`)).toEqual([])
    const { created } = (await it.get(`/v1/payments/${made[0]}`)).body
    expect((await ids(`${all}&created[gte]=${created}`)).length).toBeGreaterThan(0)
    expect(await ids(`${all}&created[gte]=${created + 60}`)).toEqual([])
  })
})

test('the timeline tells what was called and what came, in order', async () => {
  const order = { amount: 650, order_id: 'timeline' }
  const declined = await create({ ...order, token: 'tok_chargeDeclined' })
  const id = declined.body.error.payment_intent
  await create({ ...order, token: await it.token() })
  await it.post(`/v1/payments/${id}/refund`, { amount: 50 })
  const entries = await eventually(
    async () => {
      const { data } = (await it.get(`/v1/payments/${id}/timeline`)).body
      return data.some(({ type }: { type?: string }) => type === 'refund.created') && data
    },
    { what: 'the refund’s webhook' },
  )
  const attempts = entries.filter(({ object }: { object: string }) => object === 'payment_attempt')
  expect(attempts).toMatchObject([
    { operation: 'create', state: 'failed', tries: 1, error: { code: 'card_declined' } },
    { operation: 'confirm', state: 'succeeded', payment_status: 'succeeded' },
    { operation: 'refund', state: 'succeeded', refund: expect.stringMatching(/^re_/) },
  ])
  const events = entries.filter(({ object }: { object: string }) => object === 'stripe_event')
  expect(events.map(({ type }: { type: string }) => type)).toEqual(
    expect.arrayContaining(['payment_intent.created', 'charge.failed', 'payment_intent.succeeded']),
  )
  for (const { at, source, handling } of events) {
    expect(at).toBeGreaterThan(1_700_000_000_000)
    expect(source).toBe('webhook')
    expect(handling.state).toMatch(/handled|received/)
  }
  const times = entries.map(({ at }: { at: number }) => at)
  expect(times).toEqual(times.toSorted((a: number, b: number) => a - b))
})
