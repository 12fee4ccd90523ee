/** Scripted card testing, in the shapes that it comes in: it stops within the limits, and an honest shopper is served. */
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { call, charge, codeOf } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/product-process.ts'
import { botAddress, DECLINED_CARD, type Guarded, startGuarded } from './start-guarded.ts'

let server: Guarded
afterEach(() => server.stop())

/** The default of strict: so many failed attempts of one address in ten minutes. */
const ADDRESS_FAILURES = 5
const ADDRESS_ATTEMPTS = 20
const HONEST = '203.0.113.7'

async function expectHonestShopperIsServed(): Promise<void> {
  const token = await server.freshToken()
  const answer = await server.tryFrom(HONEST, { token, amount: 1999, order_id: 'honest-order' })
  expect(answer.body).toMatchObject({ status: 'succeeded', amount: 1999 })
}

describe('from one address', () => {
  test('many cards and many orders stop at the failures of the address, with the time to wait', async () => {
    server = await startGuarded()
    const tokens = [
      'tok_chargeDeclined',
      'tok_chargeDeclinedInsufficientFunds',
      'tok_chargeDeclinedExpiredCard',
    ]
    for (let n = 0; n < 40; n++) {
      const answer = await server.tryFrom('198.51.100.1', { token: tokens[n % 3], order_id: `order-${n}` })
      expect(answer.status).toBe(n < ADDRESS_FAILURES ? 402 : 429)
      if (n < ADDRESS_FAILURES) continue
      expect(codeOf(answer)).toBe('charge_limited')
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(660)
      expect(answer.body['message']).toMatch(
        /failed attempts to pay from this address \(at most 5 in 10 minutes\)/,
      )
    }
    expect(await server.chargesAtStripe()).toBe(ADDRESS_FAILURES)
    await expectHonestShopperIsServed()
  })

  test('a burst all at once stops at the attempts of the address', async () => {
    server = await startGuarded()
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, n) => server.tryFrom('198.51.100.1', { order_id: `order-${n}` })),
    )
    const seen = await server.chargesAtStripe()
    expect(seen).toBeLessThanOrEqual(ADDRESS_ATTEMPTS)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(120 - seen)
    await expectHonestShopperIsServed()
  })

  test('invented X-Forwarded-For headers change nothing while no proxy is trusted', async () => {
    server = await startGuarded({ TRUST_PROXY: '' })
    for (let n = 0; n < 20; n++) await server.tryFrom(botAddress(n))
    expect(await server.chargesAtStripe()).toBe(ADDRESS_FAILURES)
  })

  test('invented headers before the address that the trusted proxy added change nothing', async () => {
    server = await startGuarded()
    for (let n = 0; n < 20; n++) await server.tryFrom(`${botAddress(n)}, 198.51.100.1`)
    expect(await server.chargesAtStripe()).toBe(ADDRESS_FAILURES)
    await expectHonestShopperIsServed()
  })

  test('headers are believed from the networks that are named, and from no other', async () => {
    server = await startGuarded({ TRUST_PROXY: '10.0.0.0/8' })
    for (let n = 0; n < 20; n++) await server.tryFrom(botAddress(n))
    expect(await server.chargesAtStripe()).toBe(ADDRESS_FAILURES)
    await server.stop()
    server = await startGuarded({ TRUST_PROXY: '127.0.0.0/8,::1' })
    for (let n = 0; n < 20; n++) await server.tryFrom(botAddress(n))
    expect(await server.chargesAtStripe()).toBe(20)
  })

  test('the addresses of one IPv6 network are one', async () => {
    server = await startGuarded()
    for (let n = 0; n < 20; n++) await server.tryFrom(`2001:db8:1:2:${n.toString(16)}::${n + 1}`)
    expect(await server.chargesAtStripe()).toBe(ADDRESS_FAILURES)
    const neighbour = await server.tryFrom('2001:db8:1:3::1', { token: 'tok_visa' })
    expect(neighbour.body).toMatchObject({ status: 'succeeded' })
  })
})

describe('from a new address each time', () => {
  test('one order stops at the attempts of the order', async () => {
    server = await startGuarded()
    const headers = { 'tollbridge-payer-key': 'one-key-for-all-of-them' }
    for (let n = 0; n < 30; n++) {
      const token = await server.freshToken(DECLINED_CARD)
      await server.tryFrom(botAddress(n), { token, order_id: 'one-order' }, headers)
    }
    expect(await server.chargesAtStripe()).toBeLessThanOrEqual(11)
    await expectHonestShopperIsServed()
  })

  test('one order stops at once for those who did not begin it', async () => {
    server = await startGuarded()
    for (let n = 0; n < 30; n++) {
      const token = await server.freshToken(DECLINED_CARD)
      await server.tryFrom(botAddress(n), { token, order_id: 'one-order' })
    }
    expect(await server.chargesAtStripe()).toBe(1)
  })

  test('one card under many tokens is blocked by its fingerprint, and other cards are not', async () => {
    server = await startGuarded()
    let tries = 0
    const refused = await eventually(async () => {
      const token = await server.freshToken(DECLINED_CARD)
      const answer = await server.tryFrom(botAddress(tries++), { token })
      return answer.status === 429 ? answer : null
    })
    expect(refused.body['message']).toMatch(/with this card \(at most 5 in 60 minutes\)/)
    // Fingerprints are learned from Stripe after the answer, so a try or two may be under way.
    expect(await server.chargesAtStripe()).toBeLessThanOrEqual(8)
    await expectHonestShopperIsServed()
  })

  test('cards and orders of its own leave each address one try once the failures of the key are used up', async () => {
    server = await startGuarded({ GUARD_CLIENT_KEY: '2000/30 in 10m' })
    for (let n = 0; n < 120; n++) {
      const answer = await server.tryFrom(botAddress(n % 30), { order_id: `order-${n}` })
      expect(answer.status).toBe(n < 30 ? 402 : 429)
    }
    expect(await server.chargesAtStripe()).toBe(30)
    // Nobody else is locked: who never failed, and who has begun to pay.
    await expectHonestShopperIsServed()
    // The app's own server, which knows its customers, goes on.
    const served = await charge(server, { token: 'tok_visa', amount: 500 }, { key: server.serverKey })
    expect(served.body).toMatchObject({ status: 'succeeded' })
  })
})

test('a shopper who mistypes a few times gets through', async () => {
  server = await startGuarded()
  const order = { amount: 1999, order_id: 'honest-order' }
  let headers = {}
  for (const token of [
    'tok_chargeDeclined',
    'tok_chargeDeclinedIncorrectCvc',
    'tok_chargeDeclinedExpiredCard',
  ]) {
    const declined = await server.tryFrom(HONEST, { ...order, token }, headers)
    expect(declined.status).toBe(402)
    headers = { 'tollbridge-watch-token': declined.headers.get('tollbridge-watch-token') ?? '' }
  }
  const paid = await server.tryFrom(HONEST, { ...order, token: await server.freshToken() }, headers)
  expect(paid.body).toMatchObject({ status: 'succeeded' })
})

test('a busy shop behind one office address gets through', async () => {
  server = await startGuarded()
  for (let n = 0; n < ADDRESS_ATTEMPTS; n++) {
    const answer = await server.tryFrom(HONEST, { token: 'tok_visa', order_id: `order-${n}` })
    expect(answer.status).toBe(200)
  }
})

test('a server key is not counted by address', async () => {
  server = await startGuarded()
  for (let n = 0; n < 2 * ADDRESS_ATTEMPTS; n++) {
    const body = { token: 'tok_chargeDeclined', amount: 100, order_id: `order-${n}` }
    expect((await charge(server, body, { key: server.serverKey })).status).toBe(402)
  }
})

test('a restart forgets nothing', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  server = await startGuarded({}, folder.path)
  for (let n = 0; n < ADDRESS_FAILURES; n++) await server.tryFrom('198.51.100.1')
  await server.stop()
  server = await startGuarded({}, folder.path)
  expect(codeOf(await server.tryFrom('198.51.100.1'))).toBe('charge_limited')
  await expectHonestShopperIsServed()
})

test('the limits of the sandbox leave room for a test suite', async () => {
  server = await startGuarded({ GUARD: 'auto' })
  for (let n = 0; n < 3 * ADDRESS_ATTEMPTS; n++) expect((await server.tryFrom(HONEST)).status).toBe(402)
  await expectHonestShopperIsServed()
})

describe('cards that a page tries at Stripe by itself', () => {
  /** What Stripe.js does with the client secret and the publishable key. */
  async function confirmAtStripe(paymentIntentId: string, secret: unknown, token: string): Promise<number> {
    const response = await fetch(`${server.sandboxUrl}/v1/payment_intents/${paymentIntentId}/confirm`, {
      method: 'POST',
      headers: { authorization: 'Bearer pk_test_fromThePage' },
      body: new URLSearchParams({
        client_secret: String(secret),
        'payment_method_data[type]': 'card',
        'payment_method_data[card][token]': token,
      }),
    })
    await response.body?.cancel()
    return response.status
  }
  const create = (body: object = {}) =>
    call(server, '/v1/payments', {
      key: server.clientKey,
      body: { amount: 100, ...body },
      headers: { 'x-forwarded-for': '198.51.100.1' },
    })

  test('count against the address, and their payment is cancelled when it has had its tries', async () => {
    server = await startGuarded({ GUARD_ADDRESS: '50/8 in 10m' })
    const { body } = await create()
    let tries = 0
    await eventually(
      async () => {
        const status = await confirmAtStripe(String(body['id']), body['client_secret'], 'tok_chargeDeclined')
        if (status === 402) tries++
        return status === 400
      },
      { what: 'the payment to be cancelled' },
    )
    // The limit of an order is 10 attempts; an event or two may be on their way.
    expect(tries).toBeGreaterThanOrEqual(10)
    expect(tries).toBeLessThanOrEqual(30)
    const cancelled = await call(server, `/v1/payments/${body['id']}`)
    expect(cancelled.body).toMatchObject({ status: 'canceled' })
    const refused = await create()
    expect([refused.status, codeOf(refused)]).toEqual([429, 'charge_limited'])
    await expectHonestShopperIsServed()
  })

  test('a page that pays at the second card keeps its payment', async () => {
    server = await startGuarded()
    const { body } = await create({ order_id: 'page-order' })
    const id = String(body['id'])
    expect(await confirmAtStripe(id, body['client_secret'], 'tok_chargeDeclined')).toBe(402)
    expect(await confirmAtStripe(id, body['client_secret'], 'tok_visa')).toBe(200)
    await eventually(async () => (await call(server, `/v1/payments/${id}`)).body['status'] === 'succeeded')
  })
})
