/** Each kind of proof, at each door, for each thing that a payer does: with it the payment is his, without it nobody's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BegunPayment, beginPayment, DECLINED, type Proofs } from './begun-payment.ts'
import { type Answer, type PaymentsUnderTest, startPayments } from './start-payments.ts'

const NO_LIMIT = '-/- in 10m'
const env = {
  GUARD_ADDRESS: NO_LIMIT,
  GUARD_CLIENT_KEY: NO_LIMIT,
  GUARD_ORDER: NO_LIMIT,
  GUARD_PROOF_ADDRESS: NO_LIMIT,
  GUARD_PROOF_CLIENT_KEY: NO_LIMIT,
}

/** What one request shows, by header or in its body. */
interface Shown {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, string>>
}

const proofs: Readonly<Record<string, (it: Proofs) => Shown>> = {
  'the watch token': ({ watchToken }) => ({ headers: { 'Tollbridge-Watch-Token': watchToken } }),
  'the client secret as a header': ({ clientSecret }) => ({
    headers: { 'Tollbridge-Client-Secret': clientSecret },
  }),
  'the client secret as a field': ({ clientSecret }) => ({ body: { client_secret: clientSecret } }),
  'a quote as a header': ({ quote }) => ({ headers: { 'Tollbridge-Quote': quote } }),
  'a quote as a field': ({ quote }) => ({ body: { quote } }),
  'the payer’s key as a header': ({ payerKey }) => ({ headers: { 'Tollbridge-Payer-Key': payerKey } }),
  'the payer’s key as a field': ({ payerKey }) => ({ body: { payer_key: payerKey } }),
}

type Action = (shop: PaymentsUnderTest, it: BegunPayment, shown: Shown) => Promise<Answer>

const actions: Readonly<Record<string, Action>> = {
  'pays with another card': (shop, { id, amount }, { headers = {}, body = {} }) =>
    shop.post(
      `/v1/payments/${id}/confirm`,
      { amount, currency: 'usd', payment_method: 'pm_card_visa', ...body },
      { as: 'stranger', headers },
    ),
  'asks for the price again': (shop, { id, amount }, { headers = {}, body = {} }) =>
    shop.post(
      `/v1/payments/${id}/price`,
      { ...('quote' in body ? {} : { amount, currency: 'usd' }), ...body },
      { as: 'stranger', headers },
    ),
  'repeats the order with another card': (shop, { orderId, amount }, { headers = {}, body = {} }) =>
    shop.post(
      '/v1/payments',
      { order_id: orderId, amount, currency: 'usd', token: 'tok_mastercard', ...body },
      { as: 'stranger', headers },
    ),
}

const charge = async (
  { server }: PaymentsUnderTest,
  { orderId, amount }: Pick<BegunPayment, 'orderId' | 'amount'>,
  { headers = {}, body = {} }: Shown,
): Promise<Answer> => {
  const response = await fetch(`${server.url}/${server.appId}/${server.clientKey}/services/Stripe/charge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token: 'tok_visa', amount, currency: 'usd', order_id: orderId, ...body }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

describe.each([
  ['where reads ask for ids alone', false],
  ['where each read asks for a watch token', true],
] as const)('%s,', (_, requireWatchToken) => {
  let shop: PaymentsUnderTest
  let other: BegunPayment
  beforeAll(async () => {
    shop = await startPayments({
      env: { ...env, REQUIRE_WATCH_TOKEN: String(requireWatchToken), ORDER_IDS_ARE_SECRET: 'false' },
    })
    other = await beginPayment(shop)
  })
  afterAll(() => shop.server.stop())

  describe.each(Object.entries(proofs))('%s', (kind, show) => {
    // A quote that is presented as the price is judged as one first, in words about the quote.
    const refusals = kind === 'a quote as a field' ? ['proof_required', 'price_mismatch'] : ['proof_required']

    test.each(Object.entries(actions))('lets a client that %s', async (_, act) => {
      const mine = await beginPayment(shop)
      const answer = await act(shop, mine, show(mine.proofs))
      expect([answer.status, answer.body.error?.code]).toEqual([200, undefined])
      expect(answer.body).toMatchObject({ amount: mine.amount, order_id: mine.orderId })
      expect(answer.headers.get('tollbridge-watch-token') ?? answer.body.watch_token).toMatch(/^ey/)
    })

    test.each(Object.entries(actions))('of another payment is none for a client that %s', async (_, act) => {
      const mine = await beginPayment(shop)
      const answer = await act(shop, mine, show(other.proofs))
      expect(refusals).toContain(answer.body.error.code)
      expect(answer.headers.get('tollbridge-watch-token')).toBeNull()
      expect(JSON.stringify(answer.body)).not.toContain(mine.id)
      const { status, amount } = await shop.stripe.paymentIntents.retrieve(mine.id)
      expect([status, amount]).toEqual(['requires_payment_method', mine.amount])
    })

    test('is one at Backendless’ door, and that of another payment is none', async () => {
      const mine = await beginPayment(shop)
      const refused = await charge(shop, mine, show(other.proofs))
      expect(refusals).toContain(refused.body.errorData.code)
      expect(JSON.stringify(refused.body)).not.toContain(mine.id)
      const paid = await charge(shop, mine, show(mine.proofs))
      expect(paid.body).toMatchObject({ object: 'charge', status: 'succeeded', amount: mine.amount })
      expect(paid.headers.get('tollbridge-watch-token')).toMatch(/^ey/)
    })
  })

  test('the user token of Backendless’ SDK is a watch token', async () => {
    const mine = await beginPayment(shop)
    const paid = await charge(shop, mine, { headers: { 'user-token': mine.proofs.watchToken } })
    expect(paid.body).toMatchObject({ object: 'charge', status: 'succeeded' })
  })

  test('the key of the request that began it hears of its decline again, at both doors', async () => {
    const { amount, orderId, proofs } = await beginPayment(shop)
    const shown = { headers: { 'Idempotency-Key': proofs.idempotencyKey }, body: { token: proofs.cardToken } }
    const again = await actions['repeats the order with another card']?.(
      shop,
      { ...other, orderId, amount },
      shown,
    )
    for (const answer of [again, await charge(shop, { orderId, amount }, shown)]) {
      expect(answer?.status).toBe(402)
      expect(answer?.headers.get('tollbridge-watch-token')).toMatch(/^ey/)
    }
  })

  test('the single-use token that began it is a proof where a page has nothing else', async () => {
    const order = { orderId: `by-token-${requireWatchToken}`, amount: 800 }
    const body = { token: await shop.token(DECLINED) }
    const [first, again] = [await charge(shop, order, { body }), await charge(shop, order, { body })]
    expect([first.status, again.status]).toEqual([402, 402])
    expect(again.headers.get('tollbridge-watch-token')).toMatch(/^ey/)
    const strange = await charge(shop, order, { body: { token: await shop.token() } })
    expect(strange.body.errorData.code).toBe('proof_required')
  })

  test('a read is whole with a proof, and id and status without', async () => {
    const mine = await beginPayment(shop)
    const read = (headers: Readonly<Record<string, string>>) =>
      shop.get(`/v1/payments/${mine.id}`, { as: 'stranger', headers })
    for (const show of Object.values(proofs)) {
      const { headers } = show(mine.proofs)
      if (headers === undefined) continue
      expect((await read(headers)).body).toMatchObject({
        amount: 1500,
        client_secret: mine.proofs.clientSecret,
      })
      const { body } = await read(show(other.proofs).headers ?? {})
      if (requireWatchToken) expect(body.error.code).toBe('watch_token_required')
      else expect(body).toEqual({ object: 'payment', id: mine.id, status: 'requires_payment_method' })
    }
    const began = { 'Idempotency-Key': mine.proofs.idempotencyKey }
    expect((await read(began)).body).toMatchObject({ amount: 1500 })
    const short = await read({ 'Idempotency-Key': 'short' })
    expect(short.body).not.toHaveProperty('amount')
  })

  test('two clients at once on one order: the payer is charged once, and who has no proof never', async () => {
    const mine = await beginPayment(shop)
    const repeat = actions['repeats the order with another card'] as Action
    const paying = Array.from({ length: 4 }, () =>
      repeat(shop, mine, { headers: { 'Tollbridge-Payer-Key': mine.proofs.payerKey } }),
    )
    const guessing = Array.from({ length: 4 }, (_, n) =>
      repeat(shop, mine, { headers: { 'Tollbridge-Payer-Key': `a-guess-of-a-stranger-${n}` } }),
    )
    expect((await Promise.all(paying)).map(({ status, body }) => [status, body.status])).toEqual(
      Array(4).fill([200, 'succeeded']),
    )
    expect((await Promise.all(guessing)).map(({ body }) => body.error?.code)).toEqual(
      Array(4).fill('proof_required'),
    )
    const charges = (await shop.charges()).filter((it) => it.payment_intent === mine.id)
    expect(charges.filter(({ status }) => status === 'succeeded')).toHaveLength(1)
  })

  test('two clients that begin one order at once are not both its payer', async () => {
    const orderId = `raced-${requireWatchToken}`
    const began = await Promise.all(
      ['a', 'b'].map((name) =>
        actions['repeats the order with another card']?.(
          shop,
          { ...other, orderId },
          { headers: { 'Tollbridge-Payer-Key': `the-key-of-client-${name}` } },
        ),
      ),
    )
    const told = began.map((answer) => answer?.body.status ?? answer?.body.error.code)
    expect(told.sort()).toEqual(['proof_required', 'succeeded'])
  })
})

describe('a decline', () => {
  let shop: PaymentsUnderTest
  beforeAll(async () => {
    shop = await startPayments({ env })
  })
  afterAll(() => shop.server.stop())

  test('comes with the payer’s watch token, which pages of every origin may read, at both doors', async () => {
    const order = { amount: 700, currency: 'usd' }
    const Origin = 'https://shop.example'
    const token = await shop.token(DECLINED)
    const answers = [
      await shop.post(
        '/v1/payments',
        { ...order, order_id: 'd-1', token },
        { as: 'client', headers: { Origin } },
      ),
      await charge(
        shop,
        { ...order, orderId: 'd-2' },
        { headers: { Origin }, body: { token: await shop.token(DECLINED) } },
      ),
    ]
    for (const { status, headers } of answers) {
      expect(status).toBe(402)
      expect(headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/shop\.example)$/)
      expect(headers.get('access-control-expose-headers')).toContain('Tollbridge-Watch-Token')
      const paid = await shop.post(
        '/v1/payments',
        { ...order, order_id: answers[0]?.headers === headers ? 'd-1' : 'd-2', token: 'tok_visa' },
        {
          as: 'stranger',
          headers: { 'Tollbridge-Watch-Token': headers.get('tollbridge-watch-token') ?? '' },
        },
      )
      expect(paid.body).toMatchObject({ status: 'succeeded' })
    }
  })

  test.each(['/v1/payments', '/APP/KEY/services/Stripe/charge'])(
    'a page of another origin may show its proofs to %s',
    async (path) => {
      const { url, appId, clientKey } = shop.server
      const names = 'tollbridge-payer-key,tollbridge-client-secret,tollbridge-quote,tollbridge-watch-token'
      const { status, headers } = await fetch(url + path.replace('APP', appId).replace('KEY', clientKey), {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://shop.example',
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': names,
        },
      })
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-headers')?.replaceAll(' ', '')).toContain(names)
    },
  )
})

test('who guesses 300 times is told to wait, and the payer at the same address goes on', async () => {
  const shop = await startPayments()
  try {
    const mine = await beginPayment(shop)
    const guess = (n: number) =>
      actions['pays with another card']?.(shop, mine, {
        headers: { 'Tollbridge-Payer-Key': `a-guess-of-a-stranger-${n}` },
      })
    const told: Answer[] = []
    for (let n = 0; n < 300; n += 10) {
      const ten = await Promise.all(Array.from({ length: 10 }, (_, i) => guess(n + i)))
      told.push(...ten.filter((it) => it !== undefined))
    }
    const refused = told.filter(({ body }) => body.error.code === 'proof_required')
    const limited = told.filter(({ body }) => body.error.code === 'proof_limited')
    expect(refused.length + limited.length).toBe(300)
    // Sixty of one address in ten minutes, and those that were under way together.
    expect(refused.length).toBeGreaterThanOrEqual(60)
    expect(refused.length).toBeLessThan(80)
    for (const { status, headers } of limited) {
      expect(status).toBe(429)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const paid = await actions['pays with another card']?.(shop, mine, {
      headers: { 'Tollbridge-Payer-Key': mine.proofs.payerKey },
    })
    expect(paid?.body).toMatchObject({ status: 'succeeded' })
  } finally {
    await shop.server.stop()
  }
})
