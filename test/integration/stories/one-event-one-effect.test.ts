/** Stories 2 to 6 and 12: what repetition, failure, haste, disorder and other versions do to an event. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { openFaultyShop } from '../faults/faulty-shop.ts'
import { eventIdsOf, openStory, type Story } from './open-story.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function open(options: Parameters<typeof openStory>[0] = {}) {
  const story = await openStory(options)
  ends.push(story.end)
  return story
}

/** A folder that outlives a restart. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tollbridge-story-'))
  ends.push(async () => rmSync(path, { recursive: true, force: true }))
  return path
}

/** From now on the database refuses to mark any event handled, as a bug in a handler would. */
const BREAK_HANDLING = `CREATE TRIGGER broken BEFORE UPDATE ON event_handling WHEN NEW.state = 'handled'
  BEGIN SELECT RAISE(ABORT, 'the handler crashed'); END`

const numberOf = ({ database }: Story, sql: string) =>
  Number(Object.values(database().prepare(sql).get() ?? {})[0])

const today = () => new Date().toISOString().slice(0, 10)

async function tallies(story: Story): Promise<{ type: string; count: number }[]> {
  return (await story.get(`/v1/events/tallies?from=${today()}&to=${today()}`)).body.data
}

describe('story 2: one event, many effects', () => {
  test('a hundred parallel deliveries of one event are one row, one effect and one push', async () => {
    const story = await open()
    const stream = await story.stream()
    const text = story.eventText({ id: 'evt_many' })
    const answers = await Promise.all(Array.from({ length: 100 }, () => story.deliver(text)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await story.deliver(story.eventText({ id: 'evt_last' }))
    await stream.has(2)
    expect(eventIdsOf(stream)).toEqual(['evt_many', 'evt_last'])
    await eventually(async () => (await tallies(story))[0]?.count === 2)
    expect((await story.get('/v1/events?limit=100')).body.data).toHaveLength(2)
  })

  test('a payment that Stripe tells of in many events, twice each, is one payment and is fulfilled once', async () => {
    const story = await open()
    story.server.sandbox.deliveries.duplicateNext(1_000)
    const { body: paid } = await story.post('/v1/payments', {
      order_id: 'cart-1',
      amount: 1999,
      token: 'tok_visa',
    })
    const types = ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded']
    await eventually(async () => {
      const told = (await tallies(story)).map(({ type }) => type)
      return types.every((type) => told.includes(type))
    })
    await story.server.sandbox.idle()
    expect((await tallies(story)).every(({ count }) => count === 1)).toBe(true)
    const list = await story.get('/v1/payments')
    expect(list.body.data).toMatchObject([{ id: paid.id, status: 'succeeded', amount_received: 1999 }])
    const both = await Promise.all([1, 2].map(() => story.post(`/v1/payments/${paid.id}/fulfill`)))
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(new Set(both.map(({ body }) => body.fulfilled_at)).size).toBe(1)
  })
})

describe('story 3: dedupe ate the failure', () => {
  test('an event whose handling crashed is handled in the end, whatever Stripe or an operator resends meanwhile', async () => {
    const dataDir = folder()
    const broken = await openStory({ dataDir })
    broken.database().exec(BREAK_HANDLING)
    const text = broken.eventText({ id: 'evt_poison' })
    expect((await broken.deliver(text)).status).toBe(200)
    expect((await broken.deliver(text)).status).toBe(200)
    expect((await broken.get('/v1/events/evt_poison')).body.handling).toMatchObject({ handledAt: null })
    expect(await tallies(broken)).toEqual([])
    broken.database().exec('DROP TRIGGER broken')
    await broken.end()

    const mended = await open({ dataDir })
    expect((await mended.deliver(text)).status).toBe(200)
    await eventually(
      async () => (await mended.get('/v1/events/evt_poison')).body.handling.state === 'handled',
    )
    expect(await tallies(mended)).toMatchObject([{ type: 'charge.succeeded', count: 1 }])
  })
})

describe('story 4: acknowledged before it is safe', () => {
  test('what cannot be committed is answered 503 and not kept, and stored when Stripe sends it again', async () => {
    const story = await open()
    const text = story.eventText({ id: 'evt_locked' })
    const lock = story.database()
    lock.exec('BEGIN IMMEDIATE')
    const refused = await story.deliver(text)
    lock.exec('ROLLBACK')
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } })
    expect((await story.get('/v1/events')).body.data).toEqual([])
    expect((await story.deliver(text)).status).toBe(200)
    expect((await story.get('/v1/events')).body.data).toMatchObject([{ eventId: 'evt_locked' }])
  })

  test('whoever is answered 200 finds the event on disk at that moment', async () => {
    const story = await open()
    for (let n = 0; n < 20; n++) {
      expect((await story.deliver(story.eventText())).status).toBe(200)
      expect(numberOf(story, 'SELECT count(*) FROM events')).toBe(n + 1)
    }
  })
})

describe('story 5: acknowledged too late', () => {
  test('four hundred events at a renewal are answered at once, though none of them can be handled', async () => {
    const story = await open()
    story.database().exec(BREAK_HANDLING)
    const texts = Array.from({ length: 400 }, () => story.eventText())
    const waits = await Promise.all(
      texts.map(async (text) => {
        const begun = performance.now()
        const { status } = await story.deliver(text)
        return { status, ms: performance.now() - begun }
      }),
    )
    expect(new Set(waits.map(({ status }) => status))).toEqual(new Set([200]))
    // Stripe's patience is ten seconds at the least; a busy machine gets half of it.
    expect(Math.max(...waits.map(({ ms }) => ms))).toBeLessThan(5_000)
    expect(numberOf(story, 'SELECT count(*) FROM events')).toBe(400)
    expect(await tallies(story)).toEqual([])
  })
})

describe('story 6: old news wins', () => {
  test('a decline that arrives after the success that followed it changes nothing', async () => {
    const story = await open()
    const { server, post, get } = story
    server.sandbox.deliveries.pause()
    const order = { order_id: 'cart-1', amount: 1999 }
    expect((await post('/v1/payments', { ...order, token: 'tok_chargeDeclined' })).status).toBe(402)
    const { body: paid } = await post('/v1/payments', { ...order, token: 'tok_visa' })
    await post(`/v1/payments/${paid.id}/refund`, { amount: 500 }, { headers: { 'idempotency-key': 'r1' } })
    server.sandbox.deliveries.resume('reversed')
    await server.sandbox.idle()
    const sent = (await story.stripe.events.list({ limit: 100 })).data.length
    await eventually(async () => (await tallies(story)).reduce((sum, { count }) => sum + count, 0) === sent)
    const payment = await eventually(async () => {
      const [row] = (await get('/v1/payments')).body.data
      return row?.amount_refunded === 500 ? row : null
    })
    expect(payment).toMatchObject({
      id: paid.id,
      status: 'succeeded',
      amount_received: 1999,
      charge: paid.charge,
    })
  })
})

describe('story 12: API version drift', () => {
  test('every call names the version that this product was built for', async () => {
    const shop = await openFaultyShop()
    ends.push(shop.close)
    await shop.start()
    await fetch(`${shop.url}/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shop.clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ order_id: 'cart-1', amount: 1999, token: 'tok_visa' }),
    })
    expect(shop.proxy.requests.length).toBeGreaterThan(0)
    for (const { headers } of shop.proxy.requests) expect(headers['stripe-version']).toBe(Stripe.API_VERSION)
  })

  test('an event of another version is kept with its version, and with the columns that it does have', async () => {
    const story = await open()
    const old = {
      id: 'evt_old',
      api_version: '2015-10-16',
      data: {
        object: {
          id: 'ch_old',
          object: 'charge',
          amount: 700,
          currency: 'usd',
          status: 'paid',
          charge: null,
        },
      },
    }
    expect((await story.deliver(story.eventText(old))).status).toBe(200)
    expect(
      (await story.deliver(story.eventText({ type: 'thing.invented_tomorrow', id: 'evt_new' }))).status,
    ).toBe(200)
    const { body } = await story.get('/v1/events')
    expect(body.data).toMatchObject([
      { eventId: 'evt_new', type: 'thing.invented_tomorrow' },
      { eventId: 'evt_old', apiVersion: '2015-10-16', id: 'ch_old', amount: 700, currency: 'usd' },
    ])
  })
})
