/** Whatever a stranger sends, in whatever order: somebody's payment stays as it is, and he learns `id` and `status`. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { rounds } from '../../support/rounds.ts'
import { type BegunPayment, beginPayment } from './begun-payment.ts'
import { type PaymentsUnderTest, startPayments } from './start-payments.ts'

const NO_LIMIT = '-/- in 10m'
/** Stands in nothing but the payment. */
const PRIVATE = { amount: 47_113, receipt_email: 'ada@victim.example', description: 'a-rare-teapot' }
const SECRETS = ['47113', 'ada@victim.example', 'a-rare-teapot', '_secret_', 'eyJ', 'fingerprint', '"last4"']

let shop: PaymentsUnderTest
/** The stranger has one too, with proofs that are good for it. */
let own: BegunPayment

beforeAll(async () => {
  shop = await startPayments({
    env: {
      REQUIRE_WATCH_TOKEN: 'true',
      ORDER_IDS_ARE_SECRET: 'true',
      GUARD_ADDRESS: NO_LIMIT,
      GUARD_CLIENT_KEY: NO_LIMIT,
      GUARD_ORDER: NO_LIMIT,
      GUARD_PROOF_ADDRESS: NO_LIMIT,
      GUARD_PROOF_CLIENT_KEY: NO_LIMIT,
    },
  })
  own = await beginPayment(shop)
})
afterAll(() => shop.server.stop())

interface Request {
  readonly method: string
  readonly path: string
  readonly body?: object
}

/** What travels of a payment, so that anybody may have it. */
interface Known {
  readonly id: string
  readonly orderId: string
  readonly charge: string
}

const prices = fc.constantFrom<object>(
  {},
  { amount: PRIVATE.amount, currency: 'usd' },
  { amount: 1, currency: 'usd' },
  { amount: PRIVATE.amount, currency: 'eur' },
)
const cards = fc.constantFrom<object>(
  {},
  { token: 'tok_visa' },
  { payment_method: 'pm_card_visa' },
  { token: 'pm_card_chargeDeclined' },
)
const more = fc.constantFrom<object>({}, { receipt_email: 'm@stranger.example' }, { metadata: { a: 'b' } })

const requests: fc.Arbitrary<(of: Known) => Request> = fc
  .record({
    what: fc.constantFrom(
      ...([
        'confirm',
        'price',
        'order',
        'charge',
        'read',
        'listed',
        'canceled',
        'refunded',
        'captured',
      ] as const),
      ...(['events', 'table', 'counted', 'streamed', 'timeline'] as const),
    ),
    name: fc.constantFrom('id', 'orderId', 'paymentIntentId'),
    price: prices,
    card: cards,
    extra: more,
  })
  .map(({ what, name, price, card, extra }) => ({ id, orderId, charge }) => {
    const { appId, clientKey } = shop.server
    const root = `/${appId}/${clientKey}`
    const value = { id: charge, orderId, paymentIntentId: id }[name]
    const where = encodeURIComponent(`${name} = '${value}'`)
    const post = (path: string, body: object = {}): Request => ({ method: 'POST', path, body })
    const get = (path: string): Request => ({ method: 'GET', path })
    switch (what) {
      case 'confirm':
        return post(`/v1/payments/${id}/confirm`, { ...price, ...card })
      case 'price':
        return post(`/v1/payments/${id}/price`, price)
      case 'order':
        return post('/v1/payments', { order_id: orderId, ...price, ...card, ...extra })
      case 'charge':
        return post(`${root}/services/Stripe/charge`, {
          order_id: orderId,
          token: 'tok_visa',
          ...price,
          ...extra,
        })
      case 'read':
        return get(`/v1/payments/${id}`)
      case 'listed':
        return get(`/v1/payments?order_id=${orderId}`)
      case 'canceled':
        return post(`/v1/payments/${id}/cancel`)
      case 'refunded':
        return post(`/v1/payments/${id}/refund`)
      case 'captured':
        return post(`/v1/payments/${id}/capture`)
      case 'events':
        return get(`/v1/events?where=${where}`)
      case 'table':
        return get(`${root}/data/StripeEvents?where=${where}`)
      case 'counted':
        return get(`${root}/data/StripeEvents/count?where=${where}`)
      case 'streamed':
        return get(`/v1/stream?selector=${where}&last_event_id=0`)
      default:
        return get(`/v1/payments/${id}/timeline`)
    }
  })

/** Nothing, guesses, and what is good for the stranger's own payment. */
const shown: fc.Arbitrary<() => Record<string, string>> = fc
  .subarray(['watch', 'user', 'secret', 'quote', 'payer', 'key', 'forged'] as const)
  .map((kinds) => () => {
    const { proofs } = own
    const all = {
      watch: { 'Tollbridge-Watch-Token': proofs.watchToken },
      user: { 'user-token': proofs.watchToken },
      secret: { 'Tollbridge-Client-Secret': proofs.clientSecret },
      quote: { 'Tollbridge-Quote': proofs.quote },
      payer: { 'Tollbridge-Payer-Key': proofs.payerKey },
      key: { 'Idempotency-Key': `${proofs.idempotencyKey}-2` },
      forged: { 'Tollbridge-Watch-Token': `${proofs.watchToken.slice(0, -6)}forged` },
    }
    return Object.assign({}, ...kinds.map((kind) => all[kind]))
  })

const states = fc.constantFrom('declined', 'paid', 'priced by the server')
const steps = fc.array(fc.record({ request: requests, shown }), { minLength: 1, maxLength: 8 })

test('no requests of a stranger change somebody’s payment, or tell more of it than id and status', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(states, steps, fc.boolean(), async (state, sequence, atOnce) => {
      const mine = await beginPayment(shop, PRIVATE)
      const payer = { 'Tollbridge-Payer-Key': mine.proofs.payerKey }
      if (state === 'paid') await pay(mine, payer)
      if (state === 'priced by the server') {
        await shop.post(`/v1/payments/${mine.id}/price`, { amount: PRIVATE.amount, currency: 'usd' })
      }
      const before = await atStripe(mine.id)
      const known = { id: mine.id, orderId: mine.orderId, charge: String(before.intent.latest_charge) }
      const send = async (step: (typeof sequence)[number]) => ask(step.request(known), step.shown())
      const told = atOnce ? await Promise.all(sequence.map(send)) : []
      if (!atOnce) for (const step of sequence) told.push(await send(step))

      for (const { status, text, headers } of told) {
        for (const secret of SECRETS) expect(text).not.toContain(secret)
        expect(headers.get('tollbridge-watch-token')).toBeNull()
        if (status === 200) {
          expect(Object.keys(JSON.parse(text)).sort()).toEqual(['id', 'object', 'status'])
        }
      }
      expect(await atStripe(mine.id)).toEqual(before)
      const { body: order } = await shop.get(`/v1/payments/${mine.id}`)
      expect(order).toMatchObject({ amount: PRIVATE.amount, order_id: mine.orderId })
      // And its payer goes on as if nobody had been there.
      expect((await pay(mine, payer)).body).toMatchObject({ id: mine.id, status: 'succeeded' })
    }),
    { numRuns: rounds(40) },
  )
})

test('what the stranger sends does act on a payment of his own', async () => {
  const { body } = await shop.post(
    `/v1/payments/${own.id}/confirm`,
    { amount: own.amount, currency: 'usd', payment_method: 'pm_card_visa' },
    { as: 'stranger', headers: { 'Tollbridge-Payer-Key': own.proofs.payerKey } },
  )
  expect(body).toMatchObject({ id: own.id, status: 'succeeded' })
  const where = encodeURIComponent(`orderId = '${own.orderId}'`)
  const headers = { 'Tollbridge-Watch-Token': own.proofs.watchToken }
  await eventually(async () => {
    const answer = await shop.get(`/v1/events?where=${where}`, { as: 'stranger', headers })
    return answer.body.data.length > 0
  })
})

const pay = ({ orderId }: BegunPayment, headers: Record<string, string>) =>
  shop.post(
    '/v1/payments',
    { order_id: orderId, currency: 'usd', token: 'tok_visa', ...PRIVATE },
    { as: 'stranger', headers },
  )

async function atStripe(id: string) {
  const [intent, charges] = await Promise.all([
    shop.stripe.paymentIntents.retrieve(id),
    shop.stripe.charges.list({ payment_intent: id, limit: 100 }),
  ])
  return { intent, charges: charges.data }
}

async function ask({ method, path, body }: Request, headers: Record<string, string>) {
  const { url, clientKey } = shop.server
  const abort = new AbortController()
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${clientKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: abort.signal,
  })
  // A stream that opens would not end; that it opens is the failure.
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? '"a stream"' : await response.text()
  if (isStream) abort.abort()
  return { status: response.status, headers: response.headers, text }
}
