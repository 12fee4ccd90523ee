/** Webhook deliveries: signed, retried on the clock, apart from each other, and disturbed on request. */
import { createHmac } from 'node:crypto'
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { cardPayment, connect, START, startSandbox, stripeErrorOf } from '../test/support/start-sandbox.ts'
import { receiveWebhooks } from '../test/support/webhook-receiver.ts'
import { createManualClock, createSandbox } from './index.ts'

const MINUTE = 60_000

async function withReceiver(enabledEvents?: string[], options: { webhookTimeoutMs?: number } = {}) {
  const clock = createManualClock(START)
  const started = await startSandbox({ clock, ...options })
  const receiver = await receiveWebhooks(started.sandbox, enabledEvents, clock.now)
  return { ...started, clock, receiver }
}

describe('a delivery', () => {
  it('verifies with the SDK, and looks as from Stripe', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    const intent = await stripe.paymentIntents.create(cardPayment(), { idempotencyKey: 'order-1' })
    await sandbox.idle()

    expect(receiver.types()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.updated',
    ])
    const delivery = receiver.received[2]
    expect(delivery?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    })
    expect(delivery?.event).toMatchObject({
      object: 'event',
      type: 'payment_intent.succeeded',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 1,
      request: { id: intent.lastResponse.requestId, idempotency_key: 'order-1' },
      data: { object: { id: intent.id, status: 'succeeded' } },
    })
    expect(delivery?.body).toBe(JSON.stringify(delivery?.event, null, 2))
  })

  it('is signed with the whole secret, whsec_ included', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    await stripe.customers.create()
    await sandbox.idle()
    const [delivery] = receiver.received
    const seconds = START / 1000
    const v1 = createHmac('sha256', receiver.secret).update(`${seconds}.${delivery?.body}`).digest('hex')
    expect(delivery?.headers['stripe-signature']).toBe(`t=${seconds},v1=${v1}`)
    expect(receiver.secret).toMatch(/^whsec_\w{32}$/)
  })

  it('comes in the version of its endpoint', async () => {
    const { sandbox, stripe } = await withReceiver([])
    const old = await receiveWebhooks(sandbox, ['*'], () => START)
    await stripe.webhookEndpoints.del(old.endpointId)
    const { secret } = sandbox.ensureWebhookEndpoint({
      url: old.url,
      enabledEvents: ['*'],
      apiVersion: '2026-08-26.dahlia',
    })
    old.secret = secret
    await stripe.customers.create()
    await sandbox.idle()
    expect(old.received[0]?.event.api_version).toBe('2026-08-26.dahlia')
  })

  it('brings only what its endpoint asked for', async () => {
    const { sandbox, stripe, receiver } = await withReceiver(['charge.succeeded'])
    await stripe.paymentIntents.create(cardPayment())
    await sandbox.idle()
    expect(receiver.types()).toEqual(['charge.succeeded'])
  })

  it('does not keep the API waiting', async () => {
    const { stripe, receiver } = await withReceiver()
    receiver.answer = () => 'hang'
    expect((await stripe.paymentIntents.create(cardPayment())).status).toBe('succeeded')
  })
})

describe('a failed delivery', () => {
  it.each([500, 404, 301, 302])(
    'with %i is tried three times more, over three hours, signed anew',
    async (status) => {
      const { sandbox, stripe, receiver } = await withReceiver(['customer.created'])
      receiver.answer = () => status
      await stripe.customers.create()
      await sandbox.idle()
      const counts: number[] = [receiver.received.length]
      for (const wait of [5 * MINUTE - 1, 1, 55 * MINUTE, 120 * MINUTE, 48 * 60 * MINUTE]) {
        await sandbox.advance(wait)
        counts.push(receiver.received.length)
      }
      expect(counts).toEqual([1, 1, 2, 3, 4, 4])
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
      expect(
        receiver.received.map(({ headers }) => String(headers['stripe-signature']).slice(0, 12)),
      ).toEqual([0, 5, 60, 180].map((minutes) => `t=${START / 1000 + minutes * 60}`))
    },
  )

  it('counts as pending until it is delivered, and as not delivered when it never is', async () => {
    const { sandbox, stripe, receiver } = await withReceiver(['customer.created'])
    receiver.answer = () => 500
    await stripe.customers.create()
    await sandbox.idle()
    const event = async () => (await stripe.events.list()).data[0] as Stripe.Event
    const undelivered = async () => (await stripe.events.list({ delivery_success: false })).data.length
    expect((await event()).pending_webhooks).toBe(1)
    expect(await undelivered()).toBe(1)
    receiver.answer = () => 200
    await sandbox.advance(5 * MINUTE)
    expect((await event()).pending_webhooks).toBe(0)
    expect(await undelivered()).toBe(0)
    expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1)
  })

  it('is one that nobody listens for, and one that is answered too late', async () => {
    const { sandbox, stripe, receiver } = await withReceiver(['customer.created'], { webhookTimeoutMs: 30 })
    sandbox.ensureWebhookEndpoint({ url: 'http://127.0.0.1:9/nobody', enabledEvents: ['customer.created'] })
    receiver.answer = () => 'hang'
    await stripe.customers.create()
    await sandbox.idle()
    expect((await stripe.events.list()).data[0]?.pending_webhooks).toBe(2)
  })

  it('is not tried again at an endpoint that was deleted or disabled, but goes on when it is enabled in time', async () => {
    const { sandbox, stripe, receiver } = await withReceiver(['customer.created'])
    receiver.answer = () => 500
    await stripe.customers.create()
    await sandbox.idle()
    await stripe.webhookEndpoints.update(receiver.endpointId, { disabled: true })
    await sandbox.advance(5 * MINUTE)
    expect(receiver.received).toHaveLength(1)
    await stripe.webhookEndpoints.update(receiver.endpointId, { disabled: false })
    await sandbox.advance(55 * MINUTE)
    expect(receiver.received).toHaveLength(2)
    await stripe.webhookEndpoints.del(receiver.endpointId)
    await sandbox.advance(120 * MINUTE)
    expect(receiver.received).toHaveLength(2)
  })

  it('at one endpoint does not hold up another', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    const slow = await receiveWebhooks(sandbox, ['*'], () => START)
    slow.answer = () => 'hang'
    for (let i = 0; i < 20; i++) await stripe.customers.create()
    await expect.poll(() => receiver.received.length).toBe(20)
    expect(slow.received.length).toBeLessThan(20)
  })
})

describe('resending by hand', () => {
  it('sends the event once more, without retries, and does not stop the automatic ones', async () => {
    const { sandbox, stripe, request, receiver } = await withReceiver(['customer.created'])
    receiver.answer = () => 500
    await stripe.customers.create()
    await sandbox.idle()
    const [event] = (await stripe.events.list()).data
    const body = `webhook_endpoint=${receiver.endpointId}`
    const answer = await request('POST', `/v1/events/${event?.id}/retry`, { body })
    await sandbox.idle()
    expect(answer.json).toMatchObject({ object: 'event', id: event?.id })
    expect(receiver.received.map(({ event: { id } }) => id)).toEqual([event?.id, event?.id])
    await sandbox.advance(5 * MINUTE)
    expect(receiver.received).toHaveLength(3)
  })

  it('needs an event and an endpoint that are there', async () => {
    const { stripe, request, receiver } = await withReceiver()
    await stripe.customers.create()
    const [event] = (await stripe.events.list()).data
    const retry = (id: string | undefined, body: string) =>
      request('POST', `/v1/events/${id}/retry`, { body })
    expect((await retry('evt_none', `webhook_endpoint=${receiver.endpointId}`)).status).toBe(404)
    expect((await retry(event?.id, 'webhook_endpoint=we_none')).json.error.code).toBe('resource_missing')
    expect((await retry(event?.id, '')).json.error.code).toBe('parameter_missing')
  })
})

describe('disturbed on request', () => {
  const customers = async (stripe: Stripe, count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await stripe.customers.create({ name: String(i) })
  }
  const namesIn = (receiver: { received: { event: Stripe.Event }[] }): (string | null | undefined)[] =>
    receiver.received.map(({ event }) => (event.data.object as Stripe.Customer).name)

  it('held, and released in another order', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    sandbox.deliveries.pause()
    await customers(stripe, 3)
    await sandbox.idle()
    expect(receiver.received).toEqual([])
    sandbox.deliveries.resume('reversed')
    await sandbox.idle()
    expect(namesIn(receiver)).toEqual(['2', '1', '0'])
  })

  it('dropped: the event is at Stripe, and never comes', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    sandbox.deliveries.dropNext(1)
    await customers(stripe, 2)
    await sandbox.advance(24 * 60 * MINUTE)
    expect(namesIn(receiver)).toEqual(['1'])
    expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1)
  })

  it('duplicated: the same event comes twice', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    sandbox.deliveries.duplicateNext(1)
    await customers(stripe, 2)
    await sandbox.idle()
    expect(namesIn(receiver).sort()).toEqual(['0', '0', '1'])
  })

  it('delayed on the clock', async () => {
    const { sandbox, stripe, receiver } = await withReceiver()
    sandbox.deliveries.delayNext(1, 10 * MINUTE)
    await customers(stripe, 2)
    await sandbox.idle()
    expect(namesIn(receiver)).toEqual(['1'])
    await sandbox.advance(10 * MINUTE)
    expect(namesIn(receiver)).toEqual(['1', '0'])
  })
})

describe('webhook endpoints', () => {
  it('show their secret once, at creation', async () => {
    const { stripe } = await startSandbox()
    const created = await stripe.webhookEndpoints.create({
      url: 'https://shop.example/h',
      enabled_events: ['*'],
    })
    expect(created.secret).toMatch(/^whsec_/)
    expect((await stripe.webhookEndpoints.retrieve(created.id)).secret).toBeUndefined()
    expect((await stripe.webhookEndpoints.list()).data[0]?.secret).toBeUndefined()
  })

  it('are at most 16, at web addresses, for names of events', async () => {
    const { stripe } = await startSandbox()
    const create = (url: string, event = '*') =>
      stripe.webhookEndpoints.create({ url, enabled_events: [event as '*'] })
    expect((await stripeErrorOf(create('shop.example'))).code).toBe('url_invalid')
    for (const name of ['everything', 'charge.suceeded', 'charge.*']) {
      expect((await stripeErrorOf(create('https://shop.example', name))).param, name).toBe(
        'enabled_events[0]',
      )
    }
    for (let i = 0; i < 16; i++) await create(`https://shop.example/${i}`)
    expect((await stripeErrorOf(create('https://shop.example/16'))).message).toContain('maximum of 16')
  })

  it('are found again by their address with the same secret, and made ready', async () => {
    const { sandbox, stripe } = await startSandbox()
    const endpoint = { url: 'http://127.0.0.1:4242/webhooks/stripe', enabledEvents: ['*'] }
    const made = sandbox.ensureWebhookEndpoint(endpoint)
    await stripe.webhookEndpoints.update(made.id, { disabled: true })
    const found = sandbox.ensureWebhookEndpoint({ ...endpoint, enabledEvents: ['charge.succeeded'] })
    expect(found).toEqual(made)
    expect((await stripe.webhookEndpoints.list()).data).toMatchObject([
      { id: made.id, status: 'enabled', enabled_events: ['charge.succeeded'] },
    ])
  })
})

it('with the system clock, what is due comes by itself', async () => {
  const sandbox = createSandbox()
  const { url } = await sandbox.listen({ port: 0 })
  const receiver = await receiveWebhooks(sandbox)
  sandbox.deliveries.delayNext(1, 20)
  await connect(sandbox, url).stripe.customers.create()
  await sandbox.idle()
  expect(receiver.received).toEqual([])
  await expect.poll(() => receiver.types()).toEqual(['customer.created'])
  await expect(sandbox.advance(1)).rejects.toThrow('manual clock')
  await sandbox.close()
})
