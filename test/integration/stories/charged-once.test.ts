/** Stories 1, 14 and 15: what a payer, a thief and a broken page do with a charge. */
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../packages/sandbox/src/index.ts'
import { eventually } from '../../support/eventually.ts'
import { openFaultyShop } from '../faults/faulty-shop.ts'
import { openStory } from './open-story.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function open(env: Record<string, string> = {}) {
  const story = await openStory({ env })
  ends.push(story.end)
  return story
}

describe('story 1: charged twice after a retry', () => {
  test('a page that is loaded anew, with a new token each time, pays the order once', async () => {
    const { post, token, succeededCharges } = await open()
    const tokens = await Promise.all(Array.from({ length: 5 }, () => token()))
    const answers = await Promise.all(
      tokens.map((it) => post('/v1/payments', { order_id: 'cart-1', amount: 1999, token: it })),
    )
    const later = await post('/v1/payments', { order_id: 'cart-1', amount: 1999, token: await token() })
    expect(new Set([...answers, later].map(({ body }) => body.id)).size).toBe(1)
    expect(later).toMatchObject({ status: 200, body: { status: 'succeeded', amount_received: 1999 } })
    expect(await succeededCharges()).toHaveLength(1)
  })

  test('the same key with another body is refused with 409, and says so', async () => {
    const { post, succeededCharges } = await open()
    const headers = { 'idempotency-key': 'click-7' }
    const first = await post('/v1/payments', { amount: 1999, token: 'tok_visa' }, { headers })
    const again = await post('/v1/payments', { amount: 1999, token: 'tok_visa' }, { headers })
    const other = await post('/v1/payments', { amount: 2999, token: 'tok_visa' }, { headers })
    expect(again.body.id).toBe(first.body.id)
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_reused' } } })
    expect(other.body.error.message).toContain('other content')
    expect(await succeededCharges()).toHaveLength(1)
  })

  test('days later, when Stripe has forgotten its keys, the order is still paid once', async () => {
    const clock = createManualClock(Date.now())
    const shop = await openFaultyShop({ clock })
    ends.push(shop.close)
    await shop.start()
    const charge = async () => {
      const response = await fetch(`${shop.url}/v1/payments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${shop.clientKey}`,
          'content-type': 'application/json',
          'tollbridge-payer-key': 'payer-key-of-cart-1',
        },
        body: JSON.stringify({ order_id: 'cart-1', amount: 1999, token: 'tok_visa' }),
      })
      return (await response.json()) as { id: string; status: string }
    }
    const first = await charge()
    await shop.sandbox.advance(3 * 86_400_000)
    expect(await charge()).toMatchObject({ id: first.id, status: 'succeeded' })
    expect((await shop.stripe.charges.list()).data).toHaveLength(1)
  })
})

describe('story 14: card testing', () => {
  test('a thousand stolen cards stop after the configured number, and an honest shopper is served', async () => {
    const { post, server, stripe } = await open({ GUARD_ADDRESS: '20/5 in 10m', TRUST_PROXY: '1' })
    const key = server.clientKey
    const from = (address: string) => ({ key, headers: { 'x-forwarded-for': address } })
    const seen: number[] = []
    for (let n = 0; n < 40; n++) {
      const body = { order_id: `thief-${n}`, amount: 100, token: 'tok_chargeDeclined' }
      const answer = await post('/v1/payments', body, from('198.51.100.66'))
      seen.push(answer.status)
      if (answer.status !== 429) continue
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(seen).toEqual([...Array<number>(5).fill(402), ...Array<number>(35).fill(429)])
    expect((await stripe.charges.list({ limit: 100 })).data).toHaveLength(5)
    const honest = await post(
      '/v1/payments',
      { order_id: 'honest', amount: 1999, token: 'tok_visa' },
      from('203.0.113.5'),
    )
    expect(honest).toMatchObject({ status: 200, body: { status: 'succeeded' } })
  })

  test('an operator stops all new charges at once, and lets them go again', async () => {
    const { post, server } = await open()
    const pay = (order: string) =>
      post('/v1/payments', { order_id: order, amount: 1999, token: 'tok_visa' }, { key: server.clientKey })
    const operator = { key: server.operatorKey ?? '' }
    expect((await post('/v1/admin/brake', { on: true, reason: 'card testing' }, operator)).status).toBe(200)
    expect(await pay('order-1')).toMatchObject({ status: 503, body: { error: { code: 'charges_stopped' } } })
    expect((await post('/v1/admin/brake', { on: false }, operator)).status).toBe(200)
    expect((await pay('order-1')).status).toBe(200)
  })
})

describe('story 15: wrong amount', () => {
  test('with a catalog, a client that names its own amount is refused, and pays what the items cost', async () => {
    const { post, server } = await open({ PRICE_POLICY: 'catalog' })
    await post('/v1/catalog/items', { id: 'mug', name: 'Mug', prices: { usd: 1250 } })
    const buy = (body: object) => post('/v1/payments', body, { key: server.clientKey })
    const tampered = await buy({ order_id: 'cart-1', amount: 1, token: 'tok_visa' })
    expect(tampered.status).toBe(400)
    const items = [{ id: 'mug', quantity: 2 }]
    expect((await buy({ order_id: 'cart-2', amount: 1, items, token: 'tok_visa' })).status).toBe(400)
    const paid = await buy({ order_id: 'cart-3', items, token: 'tok_visa' })
    expect(paid).toMatchObject({ status: 200, body: { amount: 2500, currency: 'usd', status: 'succeeded' } })
  })

  test('a cheap quote does not finish an expensive order', async () => {
    const { post, server } = await open({ PRICE_POLICY: 'quote' })
    const { body: cheap } = await post('/v1/quotes', { order_id: 'cheap', amount: 100, currency: 'usd' })
    const buy = (body: object) => post('/v1/payments', body, { key: server.clientKey })
    const swapped = await buy({ order_id: 'expensive', quote: cheap.quote, token: 'tok_visa' })
    expect(swapped.status).toBe(400)
    const [head, claims, mark] = String(cheap.quote).split('.')
    const forgedClaims = Buffer.from(
      Buffer.from(claims ?? '', 'base64url')
        .toString()
        .replace('100', '1'),
    ).toString('base64url')
    expect((await buy({ quote: [head, forgedClaims, mark].join('.'), token: 'tok_visa' })).status).toBe(400)
    expect(await buy({ quote: cheap.quote, token: 'tok_visa' })).toMatchObject({
      status: 200,
      body: { order_id: 'cheap', amount: 100 },
    })
  })

  test('yen have no cents: 1999 is ¥1999, and nothing is multiplied', async () => {
    const { post, succeededCharges } = await open()
    const paid = await post('/v1/payments', { amount: 1999, currency: 'jpy', token: 'tok_visa' })
    expect(paid).toMatchObject({
      status: 200,
      body: { amount: 1999, currency: 'jpy', amount_received: 1999 },
    })
    expect(await succeededCharges()).toMatchObject([{ amount: 1999, currency: 'jpy' }])
  })

  test('an event that tells of another amount than was asked for raises an alarm', async () => {
    const { post, get, stripe } = await open()
    const { body: payment } = await post('/v1/payments', { order_id: 'cart-1', amount: 1999 })
    await stripe.paymentIntents.update(payment.id, { amount: 100 })
    await stripe.paymentIntents.confirm(payment.id, { payment_method: 'pm_card_visa' })
    const alarm = await eventually(async () => {
      const { body } = await get('/v1/alarms')
      return body.data.find(({ kind }: { kind: string }) => kind === 'amount_mismatch') ?? null
    })
    expect(alarm).toMatchObject({ subject: payment.id, cleared_at: null })
    expect(alarm.message).toContain('100 usd')
  })
})
