/** Saved cards from outside: a page lists, chooses, saves and removes those of one customer, with that customer's token. */
import { SignJWT } from 'jose'
import type { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { charge, codeOf } from '../../support/api-client.ts'
import { type Answer, type PaymentsUnderTest, startPayments } from './start-payments.ts'

const NO_LIMIT = '-/- in 10m'
let it: PaymentsUnderTest
let orders = 0
const anOrder = () => `saved-${orders++}`
beforeAll(async () => {
  it = await startPayments({
    env: { GUARD_ADDRESS: NO_LIMIT, GUARD_CLIENT_KEY: NO_LIMIT, GUARD_ORDER: NO_LIMIT },
  })
})
afterAll(() => it.server.stop())

interface Person {
  readonly id: string
  readonly card: string
  readonly headers: Record<string, string>
}

const attach = async (customer: string, card = 'pm_card_visa') =>
  (await it.stripe.paymentMethods.attach(card, { customer })).id

async function token(customer: string, body: object = {}): Promise<string> {
  return (await it.post(`/v1/customers/${customer}/token`, body)).body.token
}

/** A customer with one saved card, and the header that a page shows for him. */
async function aPerson(card?: string): Promise<Person> {
  const { id } = await it.stripe.customers.create({ email: 'ada@example.org' })
  return {
    id,
    card: await attach(id, card),
    headers: { 'tollbridge-customer-token': await token(id) },
  }
}

const asPage = (path: string, body: object, headers: Record<string, string> = {}) =>
  it.post(path, body, { as: 'client', headers })
const confirm = (id: string, body: object, headers: Record<string, string> = {}) =>
  asPage(`/v1/payments/${id}/confirm`, { amount: 1999, currency: 'usd', ...body }, headers)
const refusal = ({ status, body }: Answer) => [status, body.error?.code]
const REFUSED = [403, 'payment_method_refused']
const charged = async (id: string) => (await it.stripe.paymentIntents.retrieve(id)).latest_charge !== null

/** A payment of the app's server for a customer, and the proof that its page gets. */
async function aPayment(customer?: string): Promise<{ id: string; watch: Record<string, string> }> {
  const { body } = await it.post('/v1/payments', { order_id: anOrder(), amount: 1999, customer })
  return { id: body.id, watch: { 'tollbridge-watch-token': body.watch_token } }
}

describe('a token', () => {
  test('is made by the app’s server, for 15 minutes unless told', async () => {
    const { id } = await it.stripe.customers.create()
    const made = await it.post(`/v1/customers/${id}/token`)
    expect(made.status).toBe(201)
    const inSeconds = made.body.expires_at - Date.now() / 1000
    expect(made.body).toMatchObject({ object: 'customer_token', customer: id, token: expect.any(String) })
    expect(inSeconds).toBeGreaterThan(890)
    expect(inSeconds).toBeLessThanOrEqual(900)
    for (const expires_in of [59, 86_401, 1.5, '900']) {
      expect((await it.post(`/v1/customers/${id}/token`, { expires_in })).body.error.param).toBe('expires_in')
    }
    expect(refusal(await asPage(`/v1/customers/${id}/token`, {}))).toEqual([403, 'server_key_required'])
    expect(refusal(await it.post('/v1/customers/ada/token'))).toEqual([404, 'resource_missing'])
    const headers = { 'stripe-account': 'acct_1Shop' }
    const elsewhere = await it.post(`/v1/customers/${id}/token`, {}, { headers })
    expect(elsewhere.body.error).toMatchObject({ code: 'parameter_invalid', param: 'Stripe-Account' })
  })

  test('that is forged, of another kind or of another app opens nothing', async () => {
    const ada = await aPerson()
    const { watch } = await aPayment(ada.id)
    const other = await startPayments()
    const foreign = (await other.post(`/v1/customers/${ada.id}/token`)).body.token
    await other.server.stop()
    const forged = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('tollbridge-customer')
      .setIssuer(it.server.appId)
      .setSubject(ada.id)
      .setExpirationTime('15m')
      .sign(new Uint8Array(32))
    const [head = '', body = ''] = (ada.headers['tollbridge-customer-token'] ?? '').split('.')
    for (const shown of [foreign, forged, `${head}.${body}.`, 'x', watch['tollbridge-watch-token']]) {
      const headers = { 'tollbridge-customer-token': String(shown) }
      const answer = await it.get('/v1/customers/me/cards', { as: 'client', headers })
      expect(refusal(answer)).toEqual([401, 'customer_token_invalid'])
    }
  })
})

describe('the cards of a customer', () => {
  test('are listed and removed by their own page, and by no other', async () => {
    const ada = await aPerson()
    const eve = await aPerson()
    const list = await it.get('/v1/customers/me/cards', { as: 'client', headers: ada.headers })
    expect(list.body.data).toMatchObject([{ id: ada.card, customer: ada.id, last4: '4242' }])
    const named = await it.get(`/v1/customers/${ada.id}/cards`, { as: 'client', headers: ada.headers })
    expect(named.body).toEqual(list.body)

    const strangers = [
      await it.get(`/v1/customers/${ada.id}/cards`, { as: 'client' }),
      await it.get(`/v1/customers/${ada.id}/cards`, { as: 'client', headers: eve.headers }),
      await it.get('/v1/customers/cus_nobody/cards', { as: 'client', headers: eve.headers }),
      await it.get('/v1/customers/me/cards', { as: 'client' }),
      await it.delete(`/v1/customers/${ada.id}/cards/${ada.card}`, { as: 'client', headers: eve.headers }),
    ]
    for (const answer of strangers) expect(refusal(answer)).toEqual([403, 'customer_token_required'])
    const guesses = [ada.card, 'pm_1Nowhere'].map((card) =>
      it.delete(`/v1/customers/me/cards/${card}`, { as: 'client', headers: eve.headers }),
    )
    const [taken, absent] = (await Promise.all(guesses)).map(({ status, body }) => [
      status,
      { ...body.error, request_id: null },
    ])
    const withoutId = (answer: unknown) => JSON.stringify(answer).replaceAll(/pm_\w+/g, 'pm')
    expect(withoutId(taken)).toBe(withoutId(absent))
    expect((await it.stripe.paymentMethods.retrieve(ada.card)).customer).toBe(ada.id)

    const gone = await it.delete(`/v1/customers/me/cards/${ada.card}`, {
      as: 'client',
      headers: ada.headers,
    })
    expect(gone.body).toMatchObject({ id: ada.card, customer: null })
    expect((await it.stripe.customers.listPaymentMethods(ada.id)).data).toEqual([])
  })

  test('are saved by the page, with a setup intent that is the customer’s alone', async () => {
    const ada = await aPerson()
    const eve = await aPerson()
    const { body: setup } = await asPage('/v1/setup_intents', {}, ada.headers)
    expect(setup).toMatchObject({ customer: ada.id, usage: 'off_session', client_secret: expect.any(String) })
    const path = `/v1/setup_intents/${setup.id}`
    const strange = [
      await it.get(path, { as: 'client', headers: eve.headers }),
      await asPage(`${path}/confirm`, { payment_method: 'pm_card_visa' }, eve.headers),
      await asPage(`${path}/cancel`, {}, eve.headers),
    ]
    for (const answer of strange) expect(refusal(answer)).toEqual([404, 'resource_missing'])
    const unknown = await it.get('/v1/setup_intents/seti_1Nowhere', { as: 'client', headers: eve.headers })
    expect(unknown.body.error.message).toBe('There is no setup intent seti_1Nowhere.')
    const foreign = { customer: ada.id, payment_method: 'pm_card_visa' }
    expect(refusal(await asPage('/v1/setup_intents', foreign, eve.headers))[1]).toBe(
      'customer_token_required',
    )
    for (const body of [{}, { payment_method: 'pm_card_visa' }]) {
      expect(refusal(await asPage('/v1/setup_intents', body))).toEqual([403, 'customer_token_required'])
    }
    // The card of another customer is not checked against one's own name either.
    for (const answer of [
      await asPage('/v1/setup_intents', { payment_method: ada.card }, eve.headers),
      await asPage(`${path}/confirm`, { payment_method: eve.card }, ada.headers),
    ]) {
      expect(refusal(answer)).toEqual(REFUSED)
    }
    const saved = await asPage(`${path}/confirm`, { payment_method: 'pm_card_mastercard' }, ada.headers)
    expect(saved.body).toMatchObject({ status: 'succeeded', customer: ada.id })
    const { body } = await it.get('/v1/customers/me/cards', { as: 'client', headers: ada.headers })
    expect(body.data.map(({ brand }: { brand: string }) => brand).toSorted()).toEqual(['mastercard', 'visa'])
  })

  test('pay for their own customer: the payment is his without a word', async () => {
    const ada = await aPerson()
    const body = { order_id: anOrder(), amount: 1999, payment_method: ada.card }
    const paid = await asPage('/v1/payments', body, ada.headers)
    expect(paid.body).toMatchObject({ status: 'succeeded', customer: ada.id, payment_method: ada.card })
    const kept = await asPage(
      '/v1/payments',
      { amount: 1999, token: await it.token('5555555555554444'), save_card: 'on_session' },
      ada.headers,
    )
    expect(kept.body).toMatchObject({ status: 'succeeded', customer: ada.id })
    expect((await it.stripe.customers.listPaymentMethods(ada.id)).data.length).toBe(2)
    const { id, watch } = await aPayment(ada.id)
    expect((await confirm(id, { payment_method: ada.card }, { ...watch, ...ada.headers })).body.status).toBe(
      'succeeded',
    )
  })

  test('of before payment methods pay as well, by their own ids', async () => {
    const { id } = await it.stripe.customers.create()
    const { id: card } = await it.stripe.customers.createSource(id, { source: 'tok_visa' })
    const headers = { 'tollbridge-customer-token': await token(id) }
    const body = { amount: 1999, payment_method: card }
    expect(refusal(await asPage('/v1/payments', body))).toEqual(REFUSED)
    expect((await asPage('/v1/payments', body, headers)).body.status).toBe('succeeded')
  })
})

describe('a saved card is not charged without its customer’s token', () => {
  let ada: Person
  let eve: Person
  beforeAll(async () => {
    ada = await aPerson()
    eve = await aPerson()
  })

  test.each<[string, () => Record<string, string>]>([
    ['no token', () => ({})],
    ['the token of another customer', () => eve.headers],
  ])('by a confirmation with %s, also where the payment is proven', async (_what, shown) => {
    for (const customer of [ada.id, undefined]) {
      const { id, watch } = await aPayment(customer)
      expect(refusal(await confirm(id, { payment_method: ada.card }, { ...watch, ...shown() }))).toEqual(
        REFUSED,
      )
      expect(
        refusal(await confirm(id, { token: ada.card }, { ...watch, ...shown() })),
        'in the field token',
      ).toEqual(REFUSED)
      expect(await charged(id)).toBe(false)
    }
  })

  test('that was saved with one order, on another order of its customer', async () => {
    const { body: first } = await it.post('/v1/payments', {
      order_id: anOrder(),
      amount: 1999,
      customer: ada.id,
      save_card: 'off_session',
      token: 'tok_visa',
    })
    const { id, watch } = await aPayment(ada.id)
    expect(refusal(await confirm(id, { payment_method: first.payment_method }, watch))).toEqual(REFUSED)
    expect(await charged(id)).toBe(false)
  })

  test('with a new payment, on any door', async () => {
    const before = (await it.charges()).length
    for (const headers of [{}, eve.headers]) {
      const rest = await asPage('/v1/payments', { amount: 1999, payment_method: ada.card }, headers)
      expect(refusal(rest)).toEqual(REFUSED)
      const old = await charge(it.server, { token: ada.card, amount: 1999 }, { headers })
      expect([old.status, codeOf(old)]).toEqual(REFUSED)
    }
    expect((await it.charges()).length).toBe(before)
    const own = await charge(it.server, { token: ada.card, amount: 1999 }, { headers: ada.headers })
    expect(own.body).toMatchObject({ object: 'charge', status: 'succeeded', customer: ada.id })
  })

  test('by a confirmation that names no card, where the payment has one, or its customer a default', async () => {
    const params = { amount: 1999, currency: 'usd', customer: ada.id } as const
    const withCard: Stripe.PaymentIntent = await it.stripe.paymentIntents.create({
      ...params,
      payment_method: ada.card,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    const without = await it.stripe.paymentIntents.create(params)
    for (const { id, client_secret } of [withCard, without]) {
      const secret = { 'tollbridge-client-secret': client_secret ?? '' }
      expect(refusal(await confirm(id, {}, secret))).toEqual(REFUSED)
      expect(refusal(await confirm(id, {}, { ...secret, ...eve.headers }))).toEqual(REFUSED)
      expect(await charged(id)).toBe(false)
    }
  })

  test('after it was declined', async () => {
    const bob = await aPerson('pm_card_chargeCustomerFail')
    const { id, watch } = await aPayment(bob.id)
    const declined = await confirm(id, { payment_method: bob.card }, { ...watch, ...bob.headers })
    expect(declined.status).toBe(402)
    for (const body of [{}, { payment_method: bob.card }]) {
      expect(refusal(await confirm(id, body, watch))).toEqual(REFUSED)
    }
    const fresh = await confirm(id, { token: 'tok_visa' }, watch)
    expect(fresh.body.status).toBe('succeeded')
  })

  test('after its customer has taken it away, by nobody and at no door', async () => {
    const bob = await aPerson()
    await it.stripe.paymentMethods.detach(bob.card)
    const before = (await it.charges()).length
    for (const headers of [{}, eve.headers, bob.headers]) {
      const { id, watch } = await aPayment()
      const refused = [
        await asPage('/v1/payments', { amount: 1999, payment_method: bob.card }, headers),
        await confirm(id, { payment_method: bob.card }, { ...watch, ...headers }),
        await asPage('/v1/setup_intents', { payment_method: bob.card }, headers),
        await charge(it.server, { token: bob.card, amount: 1999 }, { headers }),
      ]
      for (const { status } of refused) expect([400, 403]).toContain(status)
      expect(await charged(id)).toBe(false)
    }
    expect((await it.charges()).length).toBe(before)
  })

  test('and a card that does not exist is refused in the same words', async () => {
    const { id, watch } = await aPayment()
    const words = async (card: string) => {
      const { status, body } = await confirm(id, { payment_method: card }, watch)
      return [status, { ...body.error, request_id: null }]
    }
    expect(await words(ada.card)).toEqual(await words('pm_1Nowhere'))
    expect(await words('card_1Nowhere')).toEqual(await words('src_1Nowhere'))
  })

  test('and a confirmation token, which may hold a saved card, is no card here', async () => {
    const { id, watch } = await aPayment(ada.id)
    for (const body of [
      { token: 'ctoken_1abc' },
      { payment_method: 'ctoken_1abc' },
      { confirmation_token: 'ctoken_1abc' },
    ]) {
      expect((await confirm(id, body, watch)).status).toBe(400)
    }
  })
})

describe('a customer is not named without a token', () => {
  test.each<[string, object]>([
    ['customer', { customer: 'cus_1' }],
    ['save_card', { save_card: 'on_session' }],
    ['both', { customer: 'cus_1', save_card: 'off_session' }],
  ])('by %s', async (_field, more) => {
    const eve = await aPerson()
    const body = { token: 'tok_visa', amount: 1000, ...more }
    expect(refusal(await asPage('/v1/payments', body))).toEqual([403, 'customer_token_required'])
    if ('customer' in more) {
      expect(refusal(await asPage('/v1/payments', body, eve.headers))).toEqual([
        403,
        'customer_token_required',
      ])
    }
  })

  test('and a token does not stand for the payer’s absence', async () => {
    const ada = await aPerson()
    const body = { amount: 1000, payment_method: ada.card, off_session: true }
    expect(refusal(await asPage('/v1/payments', body, ada.headers))).toEqual([403, 'server_key_required'])
  })
})
