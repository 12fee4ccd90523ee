/** The outcome table: what Stripe is answered, and what is kept, for each thing that can happen to a delivery. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Fastify, { type FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAppDirectory } from '../access/app-directory.ts'
import type { Alarms } from '../alarms/alarms.ts'
import { createErrorHandler } from '../http/error-response.ts'
import { WEBHOOK_LIMIT_BYTES } from '../http/raw-body.ts'
import { silentLog } from '../log.ts'
import type { NewAlarm } from '../store/alarm-store.ts'
import type { LeasedEvent } from '../store/event-store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createDeliveredAgain } from './delivered-again.ts'
import type { EventHome } from './event-flag.ts'
import { createReceiveWebhook } from './receive-webhook.ts'
import { registerWebhookRoutes } from './routes.ts'
import { createSignatureWatch } from './watch-signatures.ts'

const stripe = new Stripe('sk_test_unused', { telemetry: false })
const NOW = Date.UTC(2026, 10, 21, 12)
const clock = { now: () => NOW }

const anEvent = (more: Record<string, unknown> = {}) => ({
  id: 'evt_1',
  object: 'event',
  type: 'charge.succeeded',
  api_version: '2026-10-28.endive',
  created: NOW / 1000 - 5,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  data: {
    object: {
      id: 'ch_1',
      object: 'charge',
      payment_intent: 'pi_1',
      customer: 'cus_1',
      amount: 1099,
      currency: 'eur',
      status: 'succeeded',
      metadata: { order_id: 'order-7' },
    },
  },
  ...more,
})

let folder: string
let file: string
let store: Store
let fastify: FastifyInstance
let secrets: Record<string, readonly string[]>
let stored: LeasedEvent[]
let home: EventHome
let raised: NewAlarm[]

const alarms: Alarms = {
  raise: async (alarm) => void raised.push(alarm),
  clear: async () => undefined,
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollbridge-webhooks-'))
  file = join(folder, 'tollbridge.db')
  store = await openSqliteStore({ file, autoMigrate: true, clock, lockWaitMs: 1 })
  stored = []
  raised = []
  home = { mode: 'test', ownAccount: null, connectedAccounts: [] }
  secrets = { app_1: ['whsec_first', 'whsec_second'], app_2: ['whsec_other'], app_3: [] }
  const app = (appId: string) => ({ appId, mode: 'test', clientKeys: [], serverKeys: [] }) as const
  fastify = Fastify()
  fastify.setErrorHandler(createErrorHandler(silentLog))
  registerWebhookRoutes(fastify, {
    directory: createAppDirectory([app('app_1'), app('app_2'), app('app_3')]),
    receiveWebhook: createReceiveWebhook({
      events: store.events,
      homeOf: () => home,
      chargesOn: async (_appId, account) => account === 'acct_charged',
      signingSecrets: (appId) => secrets[appId] ?? [],
      onStored: (leased) => stored.push(leased),
      clock,
      log: silentLog,
      newId: randomUUID,
      toleranceSeconds: 300,
      deliveredAgain: createDeliveredAgain({ events: store.events, alarms, clock, log: silentLog }),
      signatures: createSignatureWatch({ alarms, steady: { elapsed: clock.now } }),
    }),
  })
})

afterEach(async () => {
  await fastify.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

interface Delivery {
  readonly url?: string
  readonly secret?: string
  readonly timestamp?: number
  readonly signature?: string | null
  readonly contentType?: string | null
}

async function deliver(body: unknown, delivery: Delivery = {}) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  const { url = '/webhooks/stripe', secret = 'whsec_first', timestamp = NOW / 1000 } = delivery
  const header =
    delivery.signature === undefined
      ? stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
      : delivery.signature
  const type = delivery.contentType === undefined ? 'application/json; charset=utf-8' : delivery.contentType
  const response = await fastify.inject({
    method: 'POST',
    url,
    payload: Buffer.from(payload),
    headers: {
      ...(header === null ? {} : { 'stripe-signature': header }),
      ...(type === null ? {} : { 'content-type': type }),
    },
  })
  return { status: response.statusCode, body: response.json() }
}

const inStore = () => store.events.readAfter(0, 100)

describe('answered 200', () => {
  const received = { status: 200, body: { received: true } }

  test('a new event, once it is stored with its facts and its text to the letter', async () => {
    expect(await deliver(anEvent())).toEqual(received)
    const [event] = await inStore()
    expect(event).toMatchObject({
      appId: 'app_1',
      eventId: 'evt_1',
      type: 'charge.succeeded',
      id: 'ch_1',
      paymentIntentId: 'pi_1',
      customerId: 'cus_1',
      orderId: 'order-7',
      amount: 1099,
      created: NOW,
      source: 'webhook',
      payload: JSON.stringify(anEvent(), null, 2),
    })
    expect(stored).toEqual([
      { event, lease: expect.objectContaining({ attempt: 1 }), body: JSON.parse(event?.payload ?? '') },
    ])
    // Another connection sees it: the row was committed before the answer.
    const reader = new DatabaseSync(file, { readOnly: true })
    expect(reader.prepare('SELECT count(*) AS n FROM events').get()).toEqual({ n: 1 })
    reader.close()
  })

  test('the same event again, which changes nothing and wakes nobody', async () => {
    await deliver(anEvent())
    expect(await deliver(anEvent(), { timestamp: NOW / 1000 - 60 })).toEqual(received)
    expect(await inStore()).toHaveLength(1)
    expect(stored).toHaveLength(1)
  })

  test('many deliveries at once, each event once', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `evt_${index % 20}`)
    const answers = await Promise.all(ids.map((id) => deliver(anEvent({ id }))))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(await inStore()).toHaveLength(20)
    expect(stored).toHaveLength(20)
  })

  test('a type that nobody handles', async () => {
    expect(await deliver(anEvent({ type: 'toaster.popped' }))).toEqual(received)
    expect(await inStore()).toMatchObject([{ type: 'toaster.popped' }])
  })

  test('a thin event', async () => {
    const thin = {
      id: 'evt_thin',
      object: 'v2.core.event',
      type: 'v1.billing.meter.no_meter_found',
      created: '2026-11-21T11:59:58.000Z',
      livemode: false,
      related_object: { id: 'pi_9', type: 'payment_intent', url: '/v1/payment_intents/pi_9' },
    }
    expect(await deliver(thin)).toEqual(received)
    expect(await inStore()).toMatchObject([{ eventId: 'evt_thin', id: 'pi_9', paymentIntentId: 'pi_9' }])
  })

  test('signed with the secret that is being rolled', async () => {
    expect(await deliver(anEvent(), { secret: 'whsec_second' })).toEqual(received)
  })

  test('an event of the other mode or of a foreign account, which is flagged', async () => {
    expect(await deliver(anEvent({ id: 'evt_live', livemode: true }))).toEqual(received)
    expect(await deliver(anEvent({ id: 'evt_connected', account: 'acct_2' }))).toEqual(received)
    home = { mode: 'test', ownAccount: null, connectedAccounts: ['acct_2'] }
    expect(await deliver(anEvent({ id: 'evt_taken', account: 'acct_2', context: 'acct_0/acct_2' }))).toEqual(
      received,
    )
    expect(await deliver(anEvent({ id: 'evt_charged', account: 'acct_charged' }))).toEqual(received)
    expect(await inStore()).toMatchObject([
      { eventId: 'evt_live', livemode: true, flag: 'wrong_mode', account: null },
      { eventId: 'evt_connected', flag: 'foreign_account', account: 'acct_2' },
      { eventId: 'evt_taken', flag: null, account: 'acct_2', context: 'acct_0/acct_2' },
      { eventId: 'evt_charged', flag: null, account: 'acct_charged' },
    ])
  })

  test.each([null, 'text/plain', 'application/octet-stream'])(
    'whatever the Content-Type says: %s',
    async (contentType) => {
      expect(await deliver(anEvent(), { contentType })).toEqual(received)
    },
  )

  test('for another app, in whose log it then is', async () => {
    const answer = await deliver(anEvent(), { url: '/webhooks/stripe/app_2', secret: 'whsec_other' })
    expect(answer).toEqual(received)
    expect(await inStore()).toMatchObject([{ appId: 'app_2' }])
  })

  test('with text outside of ASCII, byte for byte', async () => {
    await deliver(anEvent({ note: 'é漢😀' }))
    expect(JSON.parse((await inStore())[0]?.payload ?? '')).toMatchObject({ note: 'é漢😀' })
  })
})

describe('refused, and nothing is kept', () => {
  afterEach(async () => {
    expect(await inStore()).toEqual([])
    expect(stored).toEqual([])
  })

  const refusal = (status: number, code: string) => ({
    status,
    body: { error: expect.objectContaining({ code }) },
  })

  test('an app without a signing secret has no endpoint: 404', async () => {
    const answer = await deliver(anEvent(), { url: '/webhooks/stripe/app_3' })
    expect(answer).toEqual(refusal(404, 'stripe_not_configured'))
  })

  test('an unknown app: 404', async () => {
    expect(await deliver(anEvent(), { url: '/webhooks/stripe/app_9' })).toEqual(refusal(404, 'app_unknown'))
  })

  test.each<[string, Delivery]>([
    ['no signature', { signature: null }],
    ['an unreadable signature', { signature: 'nonsense' }],
    ['a foreign secret', { secret: 'whsec_wrong' }],
    ['the secret of another app', { secret: 'whsec_other' }],
    ['too old', { timestamp: NOW / 1000 - 301 }],
    ['from the future', { timestamp: NOW / 1000 + 301 }],
  ])('%s: 400', async (_name, delivery) => {
    expect(await deliver(anEvent(), delivery)).toEqual(refusal(400, 'signature_invalid'))
  })

  test.each([
    ['null', 'null'],
    ['an array', '[{"object":"event"}]'],
    ['a number', '7'],
    ['a string', '"evt_1"'],
    ['no JSON', 'hello'],
    ['another object', JSON.stringify({ object: 'charge', id: 'ch_1', type: 'x' })],
  ])('signed, but %s: 400', async (_name, body) => {
    expect(await deliver(body)).toEqual(refusal(400, 'event_invalid'))
  })

  test('no body at all: 400', async () => {
    const response = await fastify.inject({ method: 'POST', url: '/webhooks/stripe' })
    expect(response.statusCode).toBe(400)
  })

  test('a body over the limit: 413', async () => {
    const body = JSON.stringify(anEvent({ pad: 'x'.repeat(WEBHOOK_LIMIT_BYTES) }))
    expect(await deliver(body)).toEqual(refusal(413, 'body_too_large'))
  })

  test('a store that cannot commit: 503, so that Stripe delivers again', async () => {
    const blocker = new DatabaseSync(file)
    blocker.exec('BEGIN IMMEDIATE')
    expect(await deliver(anEvent())).toEqual(refusal(503, 'store_unavailable'))
    blocker.exec('ROLLBACK')
    blocker.close()
  })
})

test('a body just within the limit is taken', async () => {
  const pad = 'x'.repeat(WEBHOOK_LIMIT_BYTES - JSON.stringify(anEvent({ pad: '' })).length)
  const body = JSON.stringify(anEvent({ pad }))
  expect(body).toHaveLength(WEBHOOK_LIMIT_BYTES)
  expect((await deliver(body)).status).toBe(200)
})

test('secrets are asked for at each delivery, so that a rolled one counts at once', async () => {
  expect((await deliver(anEvent(), { secret: 'whsec_new' })).status).toBe(400)
  secrets['app_1'] = ['whsec_new']
  expect((await deliver(anEvent(), { secret: 'whsec_new' })).status).toBe(200)
})

test('the routes beside the webhooks still parse their own bodies', async () => {
  fastify.post('/other', async (request) => request.body)
  const response = await fastify.inject({ method: 'POST', url: '/other', payload: { a: 1 } })
  expect(response.json()).toEqual({ a: 1 })
})
