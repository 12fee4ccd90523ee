/** The price of an unpaid payment, changed from outside: who may, when, and what the order is from then on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type Answer, type PaymentsUnderTest, startPayments } from './start-payments.ts'

const NO_LIMIT = '-/- in 10m'
const env = {
  ALLOW_CLIENT_CAPTURE: 'true',
  GUARD_ADDRESS: NO_LIMIT,
  GUARD_CLIENT_KEY: NO_LIMIT,
  GUARD_ORDER: NO_LIMIT,
}

let it: PaymentsUnderTest
let orders = 0
const anOrder = () => `priced-${orders++}`
beforeAll(async () => {
  it = await startPayments({ env })
})
afterAll(() => it.server.stop())

type Who = 'client' | 'stranger' | 'server'
const create = (body: object, as: Who = 'client') => it.post('/v1/payments', body, { as })
const price = (id: string, body: object, as: Who = 'client', headers: Record<string, string> = {}) =>
  it.post(`/v1/payments/${id}/price`, body, { as, headers })
const confirm = (id: string, body: object, as: Who = 'client') =>
  it.post(`/v1/payments/${id}/confirm`, { payment_method: 'pm_card_visa', currency: 'usd', ...body }, { as })
const refusal = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param ?? null]
const atStripe = (id: string) => it.stripe.paymentIntents.retrieve(id)

describe('a new price', () => {
  test('is the payment’s and its order’s: the order comes again with it, and no more with the old one', async () => {
    const order_id = anOrder()
    const { body: payment } = await create({ order_id, amount: 1500 })
    const shown = { 'tollbridge-watch-token': payment.watch_token }
    const changed = await price(payment.id, { amount: 2500 }, 'client', shown)
    expect(changed.status).toBe(200)
    expect(changed.body).toMatchObject({
      id: payment.id,
      order_id,
      status: 'requires_payment_method',
      amount: 2500,
      client_secret: payment.client_secret,
      watch_token: expect.any(String),
    })
    expect((await atStripe(payment.id)).amount).toBe(2500)
    expect((await create({ order_id, amount: 2500 })).body.id).toBe(payment.id)
    const old = await create({ order_id, amount: 1500, token: 'tok_visa' })
    expect(old.body.error).toMatchObject({ code: 'idempotency_key_reused', different: ['amount'] })
    const paid = await create({ order_id, amount: 2500, token: 'tok_visa' })
    expect(paid.body).toMatchObject({ id: payment.id, status: 'succeeded', amount_received: 2500 })
  })

  test('that the app’s server signed comes with the order itself, from a page that never saw its payment', async () => {
    const order_id = anOrder()
    const signed = async (amount: number) =>
      (await it.post('/v1/quotes', { order_id, amount, currency: 'usd' })).body.quote
    const { body: payment } = await create({ order_id, quote: await signed(1450) })
    const quote = await signed(2900)
    const anotherTab = { as: 'client', headers: { 'idempotency-key': `tab-${order_id}` } } as const
    const changed = await it.post('/v1/payments', { order_id, quote }, anotherTab)
    expect(changed.body).toMatchObject({ id: payment.id, amount: 2900, watch_token: expect.any(String) })
    expect((await it.post('/v1/payments', { order_id, quote }, anotherTab)).body.amount).toBe(2900)
    expect((await atStripe(payment.id)).amount).toBe(2900)
    // The first tab still shows the first price, and is not charged the second.
    expect(refusal(await confirm(payment.id, { amount: 1450 }))[1]).toBe('price_mismatch')
    expect(refusal(await create({ order_id, amount: 100 }))[1]).toBe('idempotency_key_reused')
    const other = await create({ order_id, quote: await signed(3000), description: 'Something else' })
    expect(other.body.error).toMatchObject({ code: 'idempotency_key_reused', different: ['description'] })
    expect((await create({ order_id, quote, token: 'tok_visa' })).body).toMatchObject({
      status: 'succeeded',
      amount_received: 2900,
    })
    const late = await create({ order_id, quote: await signed(3000), token: 'tok_visa' })
    expect(late.body.error).toMatchObject({ code: 'price_change_refused', payment_status: 'succeeded' })
  })

  test('comes from a catalog, in another currency, and after a decline', async () => {
    await it.post('/v1/catalog/items', { id: 'tea', name: 'Tea', prices: { usd: 450, eur: 400 } })
    const { body: payment } = await create({ amount: 900, currency: 'usd' })
    expect((await price(payment.id, { items: [{ id: 'tea', quantity: 3 }] })).body).toMatchObject({
      amount: 1350,
    })
    expect(
      (await confirm(payment.id, { payment_method: 'pm_card_chargeDeclined', amount: 1350 })).status,
    ).toBe(402)
    const other = await price(payment.id, { items: [{ id: 'tea', quantity: 2 }], currency: 'EUR' })
    expect(other.body).toMatchObject({ amount: 800, currency: 'eur', last_payment_error: null })
    // The currency of the payment holds where none is named, not that of the app.
    expect((await price(payment.id, { amount: 700 })).body).toMatchObject({ amount: 700, currency: 'eur' })
    expect((await confirm(payment.id, { amount: 700, currency: 'eur' })).body).toMatchObject({
      status: 'succeeded',
      amount_received: 700,
    })
  })

  test('shows in the timeline and in the list, although Stripe sends no event about it', async () => {
    const order_id = anOrder()
    const { body: payment } = await create({ order_id, amount: 1500 })
    await price(payment.id, { amount: 1600 })
    const listed = await eventually(
      async () => {
        const found = (await it.get(`/v1/payments?order_id=${order_id}`)).body.data[0]
        return found?.updated > 0 && found
      },
      { what: 'the payment in the list' },
    )
    expect(listed.amount).toBe(1600)
    const { body: timeline } = await it.get(`/v1/payments/${payment.id}/timeline`)
    const operations = timeline.data.flatMap((entry: { operation?: string }) => entry.operation ?? [])
    expect(operations).toEqual(['create', 'update'])
  })

  test('under an Idempotency-Key is set once: its repeat is answered with the payment as it is', async () => {
    const { body: payment } = await create({ amount: 1500 })
    const headers = { 'idempotency-key': `price-${payment.id}` }
    await price(payment.id, { amount: 1600 }, 'client', headers)
    await price(payment.id, { amount: 1700 })
    expect((await price(payment.id, { amount: 1600 }, 'client', headers)).body.amount).toBe(1700)
    expect(refusal(await price(payment.id, { amount: 1800 }, 'client', headers))).toEqual([
      409,
      'idempotency_key_reused',
      'Idempotency-Key',
    ])
    // Without a key, the same words set it again.
    expect((await price(payment.id, { amount: 1600 })).body.amount).toBe(1600)
  })

  test.each([
    [{}, 'parameter_missing', 'amount'],
    [{ amount: 0 }, 'amount_invalid', 'amount'],
    [{ amount: 5 }, 'amount_too_small', 'amount'],
    [{ amount: 1500, currency: 'xxx' }, 'currency_invalid', 'currency'],
    [{ amount: 1500, order_id: 'o' }, 'parameter_invalid', 'order_id'],
    [{ items: [{ id: 'unknown' }] }, 'catalog_item_unknown', 'items'],
  ])('of %j is refused with the name of the field, and nothing changes', async (body, code, param) => {
    const { body: payment } = await create({ amount: 1500 })
    const { error } = (await price(payment.id, body)).body
    expect(error.code).toBe(code)
    expect(error.param).toContain(param)
    expect((await atStripe(payment.id)).amount).toBe(1500)
  })

  test('of a payment that is not there is 404 for the server, and for a client like any that is not his', async () => {
    expect(refusal(await price('pi_3Nowhere', { amount: 1500 }, 'server'))[1]).toBe('resource_missing')
    expect(refusal(await price('pi_3Nowhere', { amount: 1500 }))[1]).toBe('proof_required')
    expect((await price('ch_1', { amount: 1500 })).status).toBe(404)
  })
})

describe('a payment keeps its price', () => {
  const held = { capture_method: 'manual', token: 'tok_visa' }
  test.each<[string, object, RegExp]>([
    ['paid', { token: 'tok_visa' }, /is paid/],
    ['held', held, /has money held/],
    ['under way', { token: 'tok_threeDSecure2Required' }, /waits for its payer to authenticate/],
  ])('once it is %s', async (_what, more, words) => {
    const order_id = anOrder()
    const { body: payment } = await create({ order_id, amount: 1500, ...more })
    const answer = await price(payment.id, { amount: 100 }, 'server')
    expect(refusal(answer).slice(0, 2)).toEqual([409, 'price_change_refused'])
    expect(answer.body.error.message).toMatch(words)
    expect(answer.body.error.payment_status).toBe(payment.status)
    expect((await atStripe(payment.id)).amount).toBe(1500)
    expect((await create({ order_id, amount: 1500, ...more })).status).toBe(200)
  })

  test('once it is canceled', async () => {
    const { body: payment } = await create({ amount: 1500 })
    await it.post(`/v1/payments/${payment.id}/cancel`)
    expect(refusal(await price(payment.id, { amount: 100 }))[1]).toBe('price_change_refused')
  })
})

describe('a client', () => {
  test('that knows no more than the id of a payment changes nothing, and is told nothing of it', async () => {
    const { body: payment } = await create({ order_id: anOrder(), amount: 1500 })
    const { body: other } = await create({ order_id: anOrder(), amount: 900 })
    for (const amount of [1500, 1]) {
      expect(refusal(await price(payment.id, { amount }, 'stranger'))).toEqual([403, 'proof_required', null])
      const strange = { 'tollbridge-watch-token': other.watch_token }
      const again = await price(payment.id, { amount }, 'stranger', strange)
      expect(refusal(again)).toEqual([403, 'proof_required', null])
    }
    expect((await atStripe(payment.id)).amount).toBe(1500)
    const { body: told } = await price(payment.id, { amount: 1500 }, 'server')
    expect(told.client_secret).toBe(payment.client_secret)
  })

  test('does not change what the app’s server set, but for a quote that it signed for this order', async () => {
    const order_id = anOrder()
    const { body: payment } = await create({ order_id, amount: 9900 }, 'server')
    const given = { 'tollbridge-watch-token': payment.watch_token }
    const asPayer = (body: object) => price(payment.id, body, 'client', given)
    expect(refusal(await asPayer({ amount: 100 }))).toEqual([400, 'price_source_refused', 'amount'])
    const quote = async (of: string) =>
      (await it.post('/v1/quotes', { order_id: of, amount: 7900, currency: 'usd' })).body.quote
    const foreign = await quote(anOrder())
    expect(refusal(await price(payment.id, { quote: foreign }))[1]).toBe('proof_required')
    expect(refusal(await asPayer({ quote: foreign }))).toEqual([400, 'price_mismatch', 'order_id'])
    expect((await price(payment.id, { quote: await quote(order_id) })).body.amount).toBe(7900)
    expect(refusal(await asPayer({ amount: 100 }))[1]).toBe('price_source_refused')
    expect((await price(payment.id, { amount: 8000 }, 'server')).body.amount).toBe(8000)
    expect((await atStripe(payment.id)).amount).toBe(8000)
  })

  test('does not change it either where the payment has no order, or was not made here', async () => {
    const { body: payment } = await create({ amount: 9900 }, 'server')
    const given = { 'tollbridge-watch-token': payment.watch_token }
    const asPayer = (body: object) => price(payment.id, body, 'client', given)
    expect(refusal(await asPayer({ amount: 100 }))[1]).toBe('price_source_refused')
    const quote = (await it.post('/v1/quotes', { order_id: anOrder(), amount: 100, currency: 'usd' })).body
      .quote
    expect(refusal(await asPayer({ quote }))).toEqual([400, 'price_mismatch', 'quote'])
    const elsewhere = await it.stripe.paymentIntents.create({ amount: 9900, currency: 'usd' })
    const secret = { 'tollbridge-client-secret': elsewhere.client_secret ?? '' }
    expect(refusal(await price(elsewhere.id, { amount: 100 }, 'client', secret))[1]).toBe(
      'price_source_refused',
    )
    expect((await price(elsewhere.id, { amount: 9800 }, 'server')).body.amount).toBe(9800)
  })

  test('names no amount where the policy takes none, and shows a proof whether or not reads ask for a watch token', async () => {
    const strict = await startPayments({
      env: { ...env, PRICE_POLICY: 'quote', REQUIRE_WATCH_TOKEN: 'true' },
    })
    try {
      const quote = async (amount: number) =>
        (await strict.post('/v1/quotes', { order_id: 'o', amount, currency: 'usd' })).body.quote
      const { body: payment } = await strict.post(
        '/v1/payments',
        { quote: await quote(500) },
        { as: 'client' },
      )
      const headers = { 'tollbridge-watch-token': payment.watch_token }
      const change = async (body: object, headers = {}) =>
        strict.post(`/v1/payments/${payment.id}/price`, body, { as: 'stranger', headers })
      expect(refusal(await change({ amount: 600 })).slice(0, 2)).toEqual([403, 'proof_required'])
      expect(refusal(await change({ amount: 600 }, headers))[1]).toBe('price_source_refused')
      expect((await change({ quote: await quote(600) }, headers)).body.amount).toBe(600)
    } finally {
      await strict.server.stop()
    }
  })
})

describe('a confirmation of what the payer was shown', () => {
  test.each([{ order: true }, { order: false }])('charges that, or nothing (%o)', async ({ order }) => {
    const { body: payment } = await create({ amount: 1500, ...(order ? { order_id: anOrder() } : {}) })
    await price(payment.id, { amount: 2500 })
    const before = (await it.charges()).length
    const old = await confirm(payment.id, { amount: 1500 })
    expect(refusal(old)).toEqual([400, 'price_mismatch', 'amount'])
    expect(old.body.error).toMatchObject({ payment_amount: 2500, payment_currency: 'usd' })
    expect(refusal(await confirm(payment.id, { amount: 2500, currency: 'eur' }))[1]).toBe('price_mismatch')
    expect((await it.charges()).length).toBe(before)
    const paid = await confirm(payment.id, { amount: 2500, currency: 'usd' })
    expect(paid.body).toMatchObject({ status: 'succeeded', amount_received: 2500 })
  })

  test('is refused also when the price was changed at Stripe itself, and can be repeated once it is back', async () => {
    const { body: payment } = await create({ order_id: anOrder(), amount: 1500 })
    await it.stripe.paymentIntents.update(payment.id, { amount: 9900 })
    const token = await it.token()
    const shown = { token, payment_method: undefined, amount: 1500 }
    expect((await confirm(payment.id, shown)).body.error).toMatchObject({
      code: 'price_mismatch',
      payment_amount: 9900,
    })
    await it.stripe.paymentIntents.update(payment.id, { amount: 1500 })
    expect((await confirm(payment.id, shown)).body).toMatchObject({
      status: 'succeeded',
      amount_received: 1500,
    })
  })

  test.each<[object, string]>([
    [{}, 'amount'],
    [{ currency: 'usd' }, 'amount'],
    [{ amount: 1500 }, 'currency'],
  ])('is asked of a client in whole: %j lacks the field %s', async (body, param) => {
    const { body: payment } = await create({ amount: 1500 })
    const card = { payment_method: 'pm_card_visa' }
    const answer = await it.post(`/v1/payments/${payment.id}/confirm`, { ...card, ...body }, { as: 'client' })
    expect(refusal(answer)).toEqual([400, 'parameter_missing', param])
    expect(answer.body.error.message).toContain(`The field ${param} is missing`)
    expect((await atStripe(payment.id)).status).toBe('requires_payment_method')
  })

  test('is left to the app’s own server, which names a currency only with its amount', async () => {
    const { body: payment } = await create({ amount: 1500 })
    const path = `/v1/payments/${payment.id}/confirm`
    expect((await it.post(path, { token: 'tok_visa', currency: 'usd' })).status).toBe(400)
    expect((await it.post(path, { token: 'tok_visa' })).body.status).toBe('succeeded')
  })
})
