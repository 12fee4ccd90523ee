/** Gap repair from outside: webhooks that never came, a restart, and every event once all the same. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { eventually } from '../../support/eventually.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { openSse, type SseReader } from '../realtime/sse-reader.ts'

/** Far beyond what one test sends. */
const ALL = 1_000
const NEVER = '86400'

let dataDir: string
let server: Tollbridge
let stripe: Stripe
let logged: Record<string, unknown>[]
const streams: SseReader[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tollbridge-repair-'))
  logged = []
})

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  const log = createLog('info', {
    write: (line: string) => logged.push(JSON.parse(line)),
  } as unknown as NodeJS.WritableStream)
  server = await startTollbridge({ dataDir, env, log })
  const { hostname, port } = new URL(server.sandboxUrl)
  stripe = new Stripe('sk_test_repair', { host: hostname, port, protocol: 'http', telemetry: false })
}

async function restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
  await server.stop()
  await start(env)
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(server.url + path, {
    headers: { authorization: `Bearer ${server.serverKey}` },
  })
  return (await response.json()) as Record<string, unknown>
}

type Row = Readonly<Record<string, unknown>>

async function rows(path: string): Promise<readonly Row[]> {
  return (await get(path))['data'] as readonly Row[]
}

async function payOrder(card = 'pm_card_visa', more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  return stripe.paymentIntents.create({
    amount: 1999,
    currency: 'usd',
    confirm: true,
    payment_method: card,
    allowed_payment_method_types: ['card'],
    metadata: { order_id: 'order-1' },
    ...more,
  })
}

async function stripeEventIds(): Promise<string[]> {
  return (await stripe.events.list({ limit: 100 })).data.map(({ id }) => id).sort()
}

async function storedEventIds(): Promise<string[]> {
  return (await rows('/v1/events?limit=100')).map((row) => String(row['eventId'])).sort()
}

async function allStored(): Promise<true | null> {
  const [at, here] = await Promise.all([stripeEventIds(), storedEventIds()])
  return at.length > 0 && JSON.stringify(at) === JSON.stringify(here) ? true : null
}

async function listen(query: string, headers: Record<string, string> = {}): Promise<SseReader> {
  const stream = await openSse(`${server.url}/v1/stream?channel=stripe&${query}`, {
    authorization: `Bearer ${server.serverKey}`,
    ...headers,
  })
  streams.push(stream)
  return stream
}

const types = (stream: SseReader) =>
  stream.events().map(({ data }) => (data?.['headers'] as { type?: string } | undefined)?.type)

/** What is owed, which is where a paid order shows. */
async function owed(): Promise<readonly Row[]> {
  return rows('/v1/payments/unfulfilled')
}

describe('webhooks that are cut for a whole payment', () => {
  test('are made good by the next start: log, row and push, each once', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '0' })
    const early = await listen('')
    await payOrder('pm_card_visa', { metadata: { order_id: 'order-0' } })
    await eventually(allStored)
    await early.has(4)
    const lastId = String(early.events().at(-1)?.id)
    server.sandbox.deliveries.dropNext(ALL)
    const intent = await payOrder()
    const pinned = `selector=${encodeURIComponent(`paymentIntentId = '${intent.id}'`)}`
    await server.sandbox.idle()

    await restart({ REPAIR_INTERVAL_SECONDS: NEVER })
    const live = await listen(pinned)
    const back = await listen('', { 'last-event-id': lastId })
    await eventually(allStored, { what: 'the missing events' })
    await eventually(async () => ((await owed()).length === 2 ? true : null), { what: 'the row' })
    const late = await listen(pinned)

    const missed = [
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.updated',
    ]
    await back.has(missed.length)
    await late.has(missed.length)
    await live.has(missed.length)
    await server.sandbox.idle()
    for (const stream of [back, late, live]) expect(types(stream).sort()).toEqual([...missed].sort())
    expect((await owed()).find((row) => row['order_id'] === 'order-1')).toMatchObject({
      id: intent.id,
      status: 'succeeded',
      amount_received: 1999,
      charge: intent.latest_charge,
    })
    // The log tells them in Stripe's order, and how they came.
    const repaired = (await rows('/v1/events?limit=100&after=0')).filter((row) => row['source'] === 'repair')
    expect(repaired.map((row) => row['type'])).toEqual(missed)
    expect(logged.filter(({ stored }) => stored === 4)).toHaveLength(1)

    await restart({ REPAIR_INTERVAL_SECONDS: NEVER })
    await eventually(allStored)
    expect(await storedEventIds()).toHaveLength(8)
  })

  test('are made good by the timer, with no restart', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '1' })
    const live = await listen('')
    server.sandbox.deliveries.dropNext(ALL)
    await payOrder()
    await eventually(allStored, { what: 'the missing events' })
    await live.has(4)
    expect(types(live)).toHaveLength(4)
  })

  test('leave nothing behind when more came than one page of the list holds', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '0' })
    server.sandbox.deliveries.dropNext(ALL)
    for (let made = 0; made < 60; made++) {
      await stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
      await stripe.customers.create({ name: 'Pat' })
    }
    await restart({ REPAIR_INTERVAL_SECONDS: NEVER })
    await eventually(async () => (await count()) === 120, { what: '120 events' })
  })
})

async function count(): Promise<number> {
  const tallies = await rows('/v1/events/tallies?from=2020-01-01&to=2099-01-01')
  return tallies.reduce((sum, row) => sum + Number(row['count']), 0)
}

describe('deliveries that are disturbed', () => {
  test('doubled, delayed and reversed end in the row that Stripe shows', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '0' })
    const { deliveries } = server.sandbox
    deliveries.pause()
    const intent = await payOrder('pm_card_visa', { capture_method: 'manual' })
    deliveries.delayNext(1, 200)
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 1500 })
    deliveries.duplicateNext(20)
    await stripe.refunds.create({ payment_intent: intent.id, amount: 300 })
    deliveries.resume('reversed')
    await eventually(allStored)
    await server.sandbox.idle()
    const row = await eventually(async () => {
      const [first] = await owed()
      return first?.['amount_refunded'] === 799 ? first : null
    })
    const charge = await stripe.charges.retrieve(String(intent.latest_charge))
    expect(row).toMatchObject({
      status: 'succeeded',
      amount: 1999,
      amount_received: 1500,
      amount_capturable: 0,
      amount_refunded: charge.amount_refunded,
    })
  })
})

describe('a payment that stays unfinished', () => {
  test('is read again when its events contradict each other within a second', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '1' })
    const intent = await payOrder('pm_card_chargeDeclined').catch(
      (error: Stripe.errors.StripeError) => error.payment_intent,
    )
    const id = intent?.id ?? ''
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_authenticationRequired' })
    await eventually(async () => ((await statusOf(id)) === 'requires_action' ? true : null), {
      what: 'the reading',
      timeoutMs: 15_000,
    })
  })
})

async function statusOf(id: string): Promise<unknown> {
  const { error, ...answer } = await fulfil(id)
  return (error as Row | undefined)?.['payment_status'] ?? answer['status']
}

async function fulfil(id: string, key = server.serverKey): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/v1/payments/${id}/fulfill`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  })
  return { http: response.status, ...((await response.json()) as Record<string, unknown>) }
}

describe('the word that a payment was delivered', () => {
  test('counts once, also when two say it at the same time, and takes it off the list', async () => {
    await start()
    const intent = await payOrder()
    await eventually(async () => ((await owed()).length === 1 ? true : null))
    const answers = await Promise.all([
      fulfil(intent.id),
      fulfil(String(intent.latest_charge)),
      fulfil(intent.id),
    ])
    expect(answers.map((answer) => answer['http'])).toEqual([200, 200, 200])
    expect(answers.filter((answer) => answer['newly_fulfilled'] === true)).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer['fulfilled_at'])).size).toBe(1)
    expect(answers[0]).toMatchObject({
      object: 'payment',
      id: intent.id,
      order_id: 'order-1',
      status: 'succeeded',
    })
    expect(await owed()).toEqual([])
    await restart()
    expect(await fulfil(intent.id)).toMatchObject({
      newly_fulfilled: false,
      fulfilled_at: answers[0]?.['fulfilled_at'],
    })
  })

  test('is taken before any webhook has come, since Stripe is asked', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '0' })
    server.sandbox.deliveries.pause()
    const intent = await payOrder()
    expect(await fulfil(intent.id)).toMatchObject({ http: 200, newly_fulfilled: true, status: 'succeeded' })
    const other = await payOrder('pm_card_visa', { metadata: { order_id: 'order-2' } })
    expect(await fulfil(String(other.latest_charge))).toMatchObject({
      http: 200,
      id: other.id,
      newly_fulfilled: true,
    })
    server.sandbox.deliveries.resume()
    await eventually(allStored)
    expect(await owed()).toEqual([])
    expect(await fulfil(intent.id)).toMatchObject({ newly_fulfilled: false })
  })

  test('is refused for what is not paid, unknown, or said with a client key', async () => {
    await start()
    const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
    expect(await fulfil(id)).toMatchObject({
      http: 409,
      error: { code: 'payment_not_paid', payment_status: 'requires_payment_method' },
    })
    expect(await fulfil('pi_unknown')).toMatchObject({ http: 404, error: { code: 'resource_missing' } })
    expect(await fulfil('ch_unknown')).toMatchObject({ http: 404, error: { code: 'resource_missing' } })
    expect(await fulfil(id, server.clientKey)).toMatchObject({
      http: 403,
      error: { code: 'server_key_required' },
    })
  })

  test('is listed by pages, and a refunded payment is owed no more', async () => {
    await start()
    const made: string[] = []
    for (const order of ['a', 'b', 'c']) {
      made.push((await payOrder('pm_card_visa', { metadata: { order_id: order } })).id)
    }
    await eventually(async () => ((await owed()).length === 3 ? true : null))
    const first = await get('/v1/payments/unfulfilled?limit=2')
    expect(first).toMatchObject({ object: 'list', url: '/v1/payments/unfulfilled', has_more: true })
    const [, last] = first['data'] as readonly Row[]
    const rest = await rows(`/v1/payments/unfulfilled?starting_after=${last?.['id']}`)
    expect([...(first['data'] as readonly Row[]), ...rest].map((row) => row['id']).sort()).toEqual(
      [...made].sort(),
    )
    await stripe.refunds.create({ payment_intent: made[0] ?? '' })
    await eventually(async () => ((await owed()).length === 2 ? true : null), { what: 'the refund' })
    expect(await get('/v1/payments/unfulfilled?limit=0')).toMatchObject({
      error: { code: 'parameter_invalid', param: 'limit' },
    })
    expect(await get('/v1/payments/unfulfilled?starting_after=pi_9')).toMatchObject({
      error: { code: 'resource_missing', param: 'starting_after' },
    })
  })
})

describe('an alarm', () => {
  const standing = () => rows('/v1/alarms')

  test('is raised when payments move without webhooks, logged once, and over when one comes', async () => {
    await start({ REPAIR_INTERVAL_SECONDS: '1', WEBHOOKS_SILENT_SECONDS: '1' })
    server.sandbox.deliveries.dropNext(4)
    await payOrder()
    const [alarm] = await eventually(async () => ((await standing()).length === 1 ? standing() : null), {
      what: 'the alarm',
    })
    expect(alarm).toMatchObject({
      object: 'alarm',
      kind: 'webhooks_silent',
      subject: server.appId,
      cleared_at: null,
    })
    await eventually(async () => (Number((await standing())[0]?.['count']) > 1 ? true : null), {
      what: 'a repeat',
    })
    expect(logged.filter((line) => line['alarm'] === 'webhooks_silent')).toHaveLength(1)
    await payOrder('pm_card_visa', { metadata: { order_id: 'order-2' } })
    await eventually(async () => ((await standing()).length === 0 ? true : null), {
      what: 'the end of the alarm',
    })
    expect(await rows('/v1/alarms?status=all')).toMatchObject([{ cleared_at: expect.any(Number) }])
    expect(await get('/v1/alarms?status=some')).toMatchObject({ error: { param: 'status' } })
  })

  test.each([{ order_id: 'order-5' }, {}])(
    'is raised when the amount at Stripe is not the amount that was asked for: %o',
    async (order) => {
      await start()
      const token = await stripe.tokens.create({
        card: { number: '4000002760003184', exp_month: '12', exp_year: '2034', cvc: '123' },
      })
      const charge = await fetch(`${server.url}/${server.appId}/${server.clientKey}/services/Stripe/charge`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: token.id, amount: 5000, currency: 'usd', ...order }),
      })
      const { id } = (await charge.json()) as { id: string }
      expect(id).toMatch(/^pi_/)
      await stripe.paymentIntents.update(id, { amount: 50 })
      await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
      const [alarm] = await eventually(async () => ((await standing()).length === 1 ? standing() : null), {
        what: 'the alarm',
      })
      expect(alarm).toMatchObject({ kind: 'amount_mismatch', subject: id })
      expect(alarm?.['message']).toMatch(/50 usd at Stripe, of which 50 was received, but 5000 usd/)
    },
  )

  test('is raised when a cheap payment carries the order of an expensive one, and over once it is given back', async () => {
    await start()
    const { id: token } = await stripe.tokens.create({
      card: { number: '4242424242424242', exp_month: '12', exp_year: '2034', cvc: '123' },
    })
    await fetch(`${server.url}/${server.appId}/${server.clientKey}/services/Stripe/charge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, amount: 5000, currency: 'usd', order_id: 'order-6' }),
    })
    const cheap = await payOrder('pm_card_visa', { amount: 60, metadata: { order_id: 'order-6' } })
    const [alarm] = await eventually(async () => ((await standing()).length === 1 ? standing() : null), {
      what: 'the alarm',
    })
    expect(alarm).toMatchObject({ kind: 'amount_mismatch', subject: cheap.id })
    await stripe.refunds.create({ payment_intent: cheap.id })
    await eventually(async () => (await standing()).length === 0, { what: 'the end of the alarm' })
  })

  test('is shown to a server key only', async () => {
    await start()
    const response = await fetch(`${server.url}/v1/alarms`, {
      headers: { authorization: `Bearer ${server.clientKey}` },
    })
    expect(response.status).toBe(403)
  })
})
