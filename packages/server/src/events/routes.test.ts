/** `/v1/events` over HTTP, on a real store, with the access rule. */
import Fastify, { type FastifyInstance } from 'fastify'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientPayloads } from '../access/payload-view.ts'
import type { Principal } from '../access/principal.ts'
import type { ReadPolicy } from '../access/read-access.ts'
import { createErrorHandler } from '../http/error-response.ts'
import { silentLog } from '../log.ts'
import type { NewEvent } from '../store/event-store.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import type { Store } from '../store/store.ts'
import { registerEventRoutes } from './routes.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const principals: Record<string, Principal> = {
  server: { role: 'server', appId: 'app_1', keyId: 'key_1', scopes: ['read', 'payments'] },
  client: { role: 'client', appId: 'app_1', clientKey: 'tbc_client', watch: null },
  watch: {
    role: 'watch',
    appId: 'app_1',
    watch: { id: ['ch_1'], paymentIntentId: [], orderId: [] },
  },
}

let store: Store
let fastify: FastifyInstance

function listen(policy: Partial<ReadPolicy> = {}, clientPayloads: ClientPayloads = 'redacted'): void {
  fastify = Fastify()
  fastify.setErrorHandler(createErrorHandler(silentLog))
  registerEventRoutes(fastify, {
    events: store.events,
    authenticate: async ({ headers }) => {
      const principal = principals[String(headers['as'])]
      if (principal === undefined) throw new Error('the test names no principal')
      return principal
    },
    policy: { clientReads: 'pinned', requireWatchToken: false, orderIdsAreSecret: () => true, ...policy },
    clientPayloads,
  })
}

beforeEach(async () => {
  store = createMemoryStore()
  listen()
  for (let n = 1; n <= 5; n++) await insert(n)
})

async function insert(n: number, more: Partial<NewEvent> = {}): Promise<void> {
  const eventId = `evt_${n}`
  const type = n % 2 === 0 ? 'charge.failed' : 'charge.succeeded'
  const object = { object: 'charge', id: `ch_${n}`, billing_details: { email: 'a@b.example' } }
  const result = await store.events.insertOnce(
    {
      appId: 'app_1',
      objectId: `object-${n}`,
      eventId,
      type,
      id: `ch_${n}`,
      objectType: 'charge',
      chargeId: `ch_${n}`,
      paymentIntentId: `pi_${n}`,
      customerId: null,
      orderId: `order-${n}`,
      amount: n * 100,
      currency: 'usd',
      status: 'succeeded',
      livemode: false,
      apiVersion: null,
      account: null,
      context: null,
      stripeCreated: 1,
      receivedAt: NOON,
      source: 'webhook',
      flag: null,
      payload: JSON.stringify({ id: eventId, object: 'event', data: { object } }),
      ...more,
    },
    { leaseMs: 1_000 },
  )
  if (result.outcome === 'duplicate') throw new Error('expected a new event')
  const changes = [{ kind: 'tally', day: '2026-11-21', type }] as const
  await store.events.finish(result.lease, { changes, startedAt: NOON, now: NOON + 1 })
}

async function get(path: string, as = 'server', query: Record<string, string | string[]> = {}) {
  const response = await fastify.inject({ method: 'GET', url: path, query, headers: { as } })
  return { status: response.statusCode, body: response.json() }
}

const list = async (query: Record<string, string> = {}, as = 'server') => {
  const { status, body } = await get('/v1/events', as, query)
  expect(body).toMatchObject({ object: 'list' })
  expect(status).toBe(200)
  return {
    ids: body.data.map((row: { eventId: string }) => row.eventId),
    hasMore: body.has_more,
    data: body.data,
  }
}

describe('the list', () => {
  test('shows the newest first, with the columns of StripeEvents and the event itself', async () => {
    const { ids, hasMore, data } = await list()
    expect(ids).toEqual(['evt_5', 'evt_4', 'evt_3', 'evt_2', 'evt_1'])
    expect(hasMore).toBe(false)
    expect(data[0]).toEqual({
      object: 'stripe_event',
      position: 5,
      source: 'webhook',
      context: null,
      flag: null,
      objectId: 'object-5',
      created: NOON,
      updated: null,
      ownerId: null,
      id: 'ch_5',
      type: 'charge.succeeded',
      eventId: 'evt_5',
      objectType: 'charge',
      chargeId: 'ch_5',
      paymentIntentId: 'pi_5',
      customerId: null,
      orderId: 'order-5',
      amount: 500,
      currency: 'usd',
      status: 'succeeded',
      livemode: false,
      apiVersion: null,
      account: null,
      payload: expect.objectContaining({ id: 'evt_5', object: 'event' }),
    })
  })

  test('shows flagged events to a server key that asks for them, and to nobody else', async () => {
    await insert(6, { flag: 'wrong_mode', livemode: true })
    await insert(7, { flag: 'foreign_account', account: 'acct_2' })
    expect((await list()).ids).not.toContain('evt_6')
    expect((await list({ flag: 'any' })).ids).toEqual(['evt_7', 'evt_6'])
    expect((await list({ flag: 'wrong_mode' })).data).toMatchObject([
      { eventId: 'evt_6', flag: 'wrong_mode' },
    ])
    expect((await list({ flag: 'foreign_account' })).data).toMatchObject([{ account: 'acct_2' }])
    expect((await get('/v1/events/evt_6')).body).toMatchObject({ flag: 'wrong_mode' })
    const asClient = { where: "id = 'ch_6'", flag: 'any' }
    expect((await list({ where: asClient.where }, 'client')).ids).toEqual([])
    expect(await get('/v1/events', 'client', asClient)).toMatchObject({
      status: 403,
      body: { error: { code: 'server_key_required' } },
    })
    expect((await get('/v1/events', 'server', { flag: 'odd' })).body.error).toMatchObject({ param: 'flag' })
  })

  test('pages backward by before, and forward by after', async () => {
    expect(await list({ limit: '2' })).toMatchObject({ ids: ['evt_5', 'evt_4'], hasMore: true })
    expect(await list({ limit: '2', before: '4' })).toMatchObject({ ids: ['evt_3', 'evt_2'], hasMore: true })
    expect(await list({ limit: '2', before: '2' })).toMatchObject({ ids: ['evt_1'], hasMore: false })
    expect(await list({ limit: '2', after: '0' })).toMatchObject({ ids: ['evt_1', 'evt_2'], hasMore: true })
    expect(await list({ after: '4' })).toMatchObject({ ids: ['evt_5'], hasMore: false })
    expect(await list({ after: '5' })).toMatchObject({ ids: [], hasMore: false })
  })

  test('filters by where, by type, and by both', async () => {
    expect((await list({ where: 'amount >= 300' })).ids).toEqual(['evt_5', 'evt_4', 'evt_3'])
    expect((await list({ type: 'charge.failed' })).ids).toEqual(['evt_4', 'evt_2'])
    expect((await list({ where: 'amount >= 300', type: 'charge.failed' })).ids).toEqual(['evt_4'])
    expect((await list({ where: ' ' })).ids).toHaveLength(5)
  })

  test('shows one app only', async () => {
    await insert(6, { appId: 'app_2' })
    expect((await list()).ids).not.toContain('evt_6')
  })
})

describe('a client key', () => {
  test('reads the transaction that it names, without personal data', async () => {
    const { data } = await list({ where: "id = 'ch_2'" }, 'client')
    expect(data).toHaveLength(1)
    expect(data[0].payload).toEqual({
      id: 'evt_2',
      object: 'event',
      data: { object: { object: 'charge', id: 'ch_2' } },
    })
    expect((await list({ where: "orderId = 'order-3'" }, 'client')).ids).toEqual(['evt_3'])
  })

  test('sees personal data where the app says so', async () => {
    listen({}, 'full')
    const { data } = await list({ where: "id = 'ch_2'" }, 'client')
    expect(data[0].payload.data.object.billing_details).toEqual({ email: 'a@b.example' })
  })

  test.each([
    {},
    { type: 'charge.failed' },
    { where: "type = 'charge.failed'" },
    { where: "id = 'ch_1' OR amount > 0" },
    { where: "NOT id = 'ch_1'" },
  ])('is refused a list that names none: %j', async (query) => {
    const { status, body } = await get('/v1/events', 'client', query as Record<string, string>)
    expect(status).toBe(403)
    expect(body.error.code).toBe('pin_required')
  })

  test('may read everything where the app opened its log', async () => {
    listen({ clientReads: 'open' })
    expect((await list({}, 'client')).ids).toHaveLength(5)
  })

  test('reads neither single events nor tallies', async () => {
    for (const path of ['/v1/events/evt_1', '/v1/events/tallies?from=2026-11-01&to=2026-11-30']) {
      const { status, body } = await get(path, 'client')
      expect(status).toBe(403)
      expect(body.error.code).toBe('server_key_required')
    }
  })
})

test('a watch token opens its payment and no other', async () => {
  expect((await list({ where: "id = 'ch_1'" }, 'watch')).ids).toEqual(['evt_1'])
  const { status, body } = await get('/v1/events', 'watch', { where: "id = 'ch_2'" })
  expect(status).toBe(403)
  expect(body.error.code).toBe('watch_token_required')
})

describe('a single event', () => {
  test('comes with how its handling went', async () => {
    const { status, body } = await get('/v1/events/evt_3')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      object: 'stripe_event',
      eventId: 'evt_3',
      payload: { id: 'evt_3' },
      handling: {
        state: 'handled',
        handledAt: NOON + 1,
        nextAttemptAt: null,
        attempts: [{ number: 1, startedAt: NOON, finishedAt: NOON + 1, outcome: 'handled', error: null }],
      },
    })
  })

  test('of another app is not there', async () => {
    await insert(6, { appId: 'app_2' })
    for (const path of ['/v1/events/evt_6', '/v1/events/evt_none']) {
      const { status, body } = await get(path)
      expect(status).toBe(404)
      expect(body.error.code).toBe('resource_missing')
    }
  })
})

test('tallies count the days asked for', async () => {
  const { status, body } = await get('/v1/events/tallies?from=2026-11-01&to=2026-11-30')
  expect(status).toBe(200)
  expect(body).toEqual({
    object: 'list',
    url: '/v1/events/tallies',
    has_more: false,
    data: [
      { day: '2026-11-21', type: 'charge.failed', count: 2 },
      { day: '2026-11-21', type: 'charge.succeeded', count: 3 },
    ],
  })
  expect((await get('/v1/events/tallies?from=2026-11-22&to=2026-11-30')).body.data).toEqual([])
})

describe('a bad query gets a sentence that names the parameter', () => {
  test.each<[string, Record<string, string | string[]>, string, string, RegExp]>([
    ['/v1/events', { limit: '0' }, 'parameter_invalid', 'limit', /whole number from 1 to 100/],
    ['/v1/events', { limit: '101' }, 'parameter_invalid', 'limit', /whole number from 1 to 100/],
    ['/v1/events', { limit: '1e1' }, 'parameter_invalid', 'limit', /whole number/],
    ['/v1/events', { after: '-1' }, 'parameter_invalid', 'after', /whole number/],
    ['/v1/events', { after: '99999999999999999' }, 'parameter_invalid', 'after', /whole number/],
    [
      '/v1/events',
      { after: '1', before: '2' },
      'parameter_invalid',
      'before',
      /cannot be combined with after/,
    ],
    ['/v1/events', { type: '' }, 'parameter_invalid', 'type', /type/],
    ['/v1/events', { where: ["id = 'a'", "id = 'b'"] }, 'parameter_invalid', 'where', /given once/],
    ['/v1/events', { offset: '3' }, 'parameter_invalid', 'offset', /no query parameter offset/],
    ['/v1/events', { where: "id = 'ch_1" }, 'where_clause_invalid', 'where', /position/],
    ['/v1/events', { where: "colour = 'red'" }, 'column_unknown', 'where', /colour/],
    ['/v1/events', { where: "payload = 'x'" }, 'column_unknown', 'where', /payload/],
    ['/v1/events', { where: "amount = 'much'" }, 'where_clause_invalid', 'where', /amount/],
    ['/v1/events/tallies', { to: '2026-11-21' }, 'parameter_missing', 'from', /from is missing/],
    ['/v1/events/tallies', { from: '2026-02-30', to: '2026-11-21' }, 'parameter_invalid', 'from', /a day/],
    [
      '/v1/events/tallies',
      { from: '2026-11-22', to: '2026-11-21' },
      'parameter_invalid',
      'to',
      /before from/,
    ],
  ])('%s %j', async (path, query, code, param, message) => {
    const { status, body } = await get(path, 'server', query)
    expect(status).toBe(400)
    expect(body.error).toMatchObject({ code, param, message: expect.stringMatching(message) })
  })
})
