/** The Backendless realtime contract, frame by frame, over real sockets. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type ContractClient, type ContractClientOptions, createContractClient } from './contract-client.ts'
import {
  APP_ID,
  OTHER_APP_ID,
  OTHER_CLIENT_KEY,
  type Realtime,
  type RealtimeOptions,
  SERVER_KEY,
  startRealtime,
} from './start-realtime.ts'

let realtime: Realtime
const clients: ContractClient[] = []

beforeEach(async () => {
  realtime = await startRealtime()
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await realtime.stop()
})

async function restart(options: RealtimeOptions): Promise<void> {
  await realtime.stop()
  realtime = await startRealtime(options)
}

function aClient(options: Partial<ContractClientOptions> = {}): ContractClient {
  const client = createContractClient({ url: realtime.url, ...options })
  clients.push(client)
  return client
}

async function connect(options: Partial<ContractClientOptions> = {}): Promise<ContractClient> {
  const client = aClient(options)
  await client.connected()
  return client
}

/** Browsers set no headers on sockets; servers do. */
const byServerKey = { io: { extraHeaders: { authorization: `Bearer ${SERVER_KEY}` } } }
const settled = (id: string, client: ContractClient, count: number) =>
  eventually(() => client.heard(id).length >= count, { what: `${count} messages for ${id}` })

describe('connecting', () => {
  test.each([['polling'], ['websocket']])('works over %s alone', async (transport) => {
    const client = await connect({ io: { transports: [transport] } })
    await client.listen('s1', "id = 'ch_a'")
    await realtime.emit({ chargeId: 'ch_a' })
    await settled('s1', client, 1)
    expect(client.socket.io.engine.transport.name).toBe(transport)
  })

  test('starts with polling and moves to a WebSocket without losing a message', async () => {
    const client = await connect()
    await client.listen('s1', "id = 'ch_a'")
    for (let n = 0; n < 20; n++) await realtime.emit({ chargeId: 'ch_a' })
    await eventually(() => client.socket.io.engine.transport.name === 'websocket')
    await realtime.emit({ chargeId: 'ch_a' })
    await settled('s1', client, 21)
    expect(new Set(client.messages('s1').map(({ messageId }) => messageId)).size).toBe(21)
  })

  test.each([
    ['a wrong key', { apiKey: 'tbc_wrong' }, 'api_key_invalid', 401],
    ['the key of another app', { apiKey: OTHER_CLIENT_KEY }, 'api_key_invalid', 401],
    ['no key', { apiKey: '' }, 'api_key_missing', 401],
  ])('with %s is refused with a sentence', async (_what, query, code, status) => {
    const refused = aClient({ query })
    const error = (await refused.connected().catch((reason: unknown) => reason)) as Error & { data: unknown }
    expect(error.message).toMatch(/key/)
    expect(error).toMatchObject({ data: { code: status, details: { code } } })
  })

  test('to an unknown app finds nothing', async () => {
    await expect(aClient({ appId: 'app_unknown' }).connected()).rejects.toThrow('xhr poll error')
  })

  test('to an unknown namespace of a known path says so', async () => {
    const client = aClient({ io: { path: `/${OTHER_APP_ID}` }, appId: 'app_unknown' })
    await expect(client.connected()).rejects.toThrow('Invalid namespace')
  })

  test('leaves the REST paths below the same first part alone', async () => {
    const info = await fetch(`${realtime.url}/${APP_ID}/tbc_client/info`)
    expect(await info.json()).toMatchObject({ appId: APP_ID, rtURL: realtime.url })
  })

  test('is allowed from a page of any origin, with credentials as old clients send them', async () => {
    const response = await fetch(`${realtime.url}/${APP_ID}/?EIO=3&transport=polling&apiKey=tbc_client`, {
      headers: { origin: 'https://shop.example.com' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example.com')
    expect(response.headers.get('access-control-allow-credentials')).toBe('true')
  })
})

describe('subscribing', () => {
  test('joining a channel answers SUB_READY and one SUB_RES, a listener SUB_READY alone', async () => {
    const client = await connect()
    client.subscribe('c1', 'PUB_SUB_CONNECT', { channel: 'stripe' })
    await client.listen('s1', "id = 'ch_a'")
    expect(client.isReady('c1')).toBe(true)
    expect(client.answers('c1')).toEqual([{ id: 'c1', data: 'connected' }])
    expect(client.answers('s1')).toEqual([])
  })

  test('a message has every field of the wire', async () => {
    const client = await connect()
    await client.listen('s1', "id = 'ch_a'")
    const [event] = await realtime.emit({ chargeId: 'ch_a', orderId: 'order-1' })
    await settled('s1', client, 1)
    expect(client.answers('s1')).toEqual([
      {
        id: 's1',
        data: {
          messageId: `message:${event?.objectId}`,
          timestamp: event?.created,
          message: expect.objectContaining({ object: 'event', type: 'charge.succeeded' }),
          publisherId: null,
          subtopic: null,
          pushSinglecast: null,
          pushBroadcast: null,
          publishPolicy: null,
          templateValues: null,
          query: null,
          publishAt: 0,
          repeatEvery: 0,
          repeatExpiresAt: 0,
          headers: expect.objectContaining({
            id: 'ch_a',
            orderId: 'order-1',
            amount: '1999',
            livemode: 'false',
          }),
        },
      },
    ])
  })

  test('a client sees no personal data, a server key sees the whole event', async () => {
    const client = await connect()
    const server = await connect(byServerKey)
    await client.listen('s1', "id = 'ch_a'")
    await server.listen('s1')
    await realtime.emit({ chargeId: 'ch_a' })
    await settled('s1', client, 1)
    await settled('s1', server, 1)
    expect(JSON.stringify(client.answers('s1'))).not.toContain('payer@example.com')
    expect(JSON.stringify(server.answers('s1'))).toContain('payer@example.com')
  })

  test('the channel form stripe/<transaction id> pins the transaction', async () => {
    const client = await connect()
    client.subscribe('s1', 'PUB_SUB_MESSAGES', { channel: 'stripe/ch_a' })
    await eventually(() => client.isReady('s1'))
    await realtime.emit({ chargeId: 'ch_b' }, { chargeId: 'ch_a' })
    await settled('s1', client, 1)
    expect(client.heard('s1')).toEqual(['ch_a'])
  })

  test('two listeners of one connection hear the same message each', async () => {
    const client = await connect(byServerKey)
    await client.listen('s1', '')
    await client.listen('s2', "id = 'ch_a'")
    await client.listen('s3', null)
    await realtime.emit({ chargeId: 'ch_a' })
    for (const id of ['s1', 's2', 's3']) await settled(id, client, 1)
    expect([client.heard('s1'), client.heard('s2'), client.heard('s3')]).toEqual([
      ['ch_a'],
      ['ch_a'],
      ['ch_a'],
    ])
  })

  test('SUB_OFF ends a listener and leaves the others', async () => {
    const client = await connect(byServerKey)
    await client.listen('s1')
    await client.listen('s2')
    client.unsubscribe('s1')
    await eventually(() => realtime.listeners() === 1)
    await realtime.emit({ chargeId: 'ch_a' })
    await settled('s2', client, 1)
    expect(client.heard('s1')).toEqual([])
  })

  test('the same id again takes the place of the first', async () => {
    const client = await connect(byServerKey)
    await client.listen('s1', "id = 'ch_a'")
    client.subscribe('s1', 'PUB_SUB_MESSAGES', { channel: 'stripe', selector: "id = 'ch_b'" })
    client.subscribe('c1', 'PUB_SUB_CONNECT', { channel: 'stripe' })
    await eventually(() => client.isReady('c1'))
    await realtime.emit({ chargeId: 'ch_a' }, { chargeId: 'ch_b' })
    await settled('s1', client, 1)
    expect(client.heard('s1')).toEqual(['ch_b'])
    expect(realtime.listeners()).toBe(1)
  })

  test('commands and user status are accepted and stay silent', async () => {
    const client = await connect()
    client.subscribe('k1', 'PUB_SUB_COMMANDS', { channel: 'stripe' })
    client.subscribe('u1', 'PUB_SUB_USERS', { channel: 'stripe' })
    await eventually(() => client.isReady('k1') && client.isReady('u1'))
    expect([...client.answers('k1'), ...client.answers('u1')]).toEqual([])
  })

  test.each([
    ['PUB_SUB_CONNECT', { channel: 'chat' }, 404, 'channel_unknown', 'channel'],
    ['PUB_SUB_CONNECT', {}, 400, 'parameter_missing', 'channel'],
    ['PUB_SUB_MESSAGES', { channel: 'stripe', selector: 'id = ' }, 1017, 'selector_invalid', 'selector'],
    ['PUB_SUB_MESSAGES', { channel: 'stripe', selector: 5 }, 400, 'parameter_invalid', 'selector'],
    ['PUB_SUB_MESSAGES', { channel: 'stripe' }, 403, 'pin_required', undefined],
    [
      'PUB_SUB_MESSAGES',
      { channel: 'stripe', selector: "type = 'charge.failed'" },
      403,
      'pin_required',
      undefined,
    ],
    ['OBJECTS_CHANGES', { tableName: 'Person', event: 'created' }, 1009, 'table_unknown', 'tableName'],
    ['OBJECTS_CHANGES', { tableName: 'StripeEvents', event: 'eaten' }, 400, 'parameter_invalid', 'event'],
    ['OBJECTS_CHANGES', { tableName: 'StripeEvents', event: 'created' }, 403, 'pin_required', undefined],
    [
      'OBJECTS_CHANGES',
      { tableName: 'StripeEvents', event: 'created', whereClause: "colour = 'red'" },
      1054,
      'column_unknown',
      'whereClause',
    ],
    [
      'OBJECTS_CHANGES',
      { tableName: 'StripeEvents', event: 'created', whereClause: "amount = 'much'" },
      1017,
      'where_clause_invalid',
      'whereClause',
    ],
    ['RSO_CONNECT', { name: 'x' }, 400, 'parameter_invalid', 'name'],
  ])('%s with %o answers an error that names the fault', async (name, options, number, code, param) => {
    const client = await connect()
    client.subscribe('x1', name, options)
    const error = await client.errorOf('x1')
    expect(error).toMatchObject({ code: number, details: { code } })
    expect(error.details['param']).toBe(param)
    expect(error.message.length).toBeGreaterThan(20)
    expect(client.isReady('x1')).toBe(false)
  })

  test('a client key hears everything where the operator has opened that', async () => {
    await restart({ policy: { clientReads: 'open' } })
    const client = await connect()
    await client.listen('s1')
    await realtime.emit({ chargeId: 'ch_a' })
    await settled('s1', client, 1)
  })

  test('a connection holds so many subscriptions and no more', async () => {
    await restart({ socketLimits: { subscriptions: 3 } })
    const client = await connect(byServerKey)
    for (const id of ['s1', 's2', 's3']) await client.listen(id)
    client.subscribe('s4', 'PUB_SUB_MESSAGES', { channel: 'stripe' })
    expect(await client.errorOf('s4')).toMatchObject({
      code: 429,
      details: { code: 'too_many_subscriptions' },
    })
    await client.listen('s3')
    client.unsubscribe('s1')
    await client.listen('s5')
    expect(realtime.listeners()).toBe(3)
  })
})

describe('rows of StripeEvents', () => {
  test('a created row fires the create listener with the whole row, and no other listener', async () => {
    const client = await connect()
    const whereClause = "id = 'ch_a' and amount >= 1000 and created > 1500000000000 and livemode = false"
    const events = ['created', 'updated', 'deleted', 'upserted', 'bulk-created', 'bulk-upserted']
    for (const event of events) {
      client.subscribe(event, 'OBJECTS_CHANGES', { tableName: 'StripeEvents', event, whereClause })
    }
    await eventually(() => events.every((event) => client.isReady(event)))
    const [stored] = await realtime.emit({ chargeId: 'ch_a' })
    await realtime.emit({ chargeId: 'ch_b' }, { chargeId: 'ch_a', amount: 5 })
    await client.listen('s1', "id = 'ch_b'")
    await settled('s1', client, 1)
    expect(client.answers('created')).toEqual([
      {
        id: 'created',
        data: expect.objectContaining({
          ___class: 'StripeEvents',
          objectId: stored?.objectId,
          created: stored?.created,
          updated: null,
          ownerId: null,
          id: 'ch_a',
          type: 'charge.succeeded',
          amount: 1999,
          livemode: false,
          payload: expect.objectContaining({ object: 'event' }),
        }),
      },
    ])
    expect(events.slice(1).flatMap((event) => client.answers(event))).toEqual([])
  })
})

describe('methods', () => {
  test.each([['a-token-of-another-system'], [null], [5], [undefined]])(
    'SET_USER_TOKEN with %s always succeeds',
    async (userToken) => {
      const client = await connect()
      expect(await client.call('m1', 'SET_USER_TOKEN', { userToken })).toEqual({ id: 'm1', result: null })
    },
  )

  test('nobody sends on the channel, and what is unknown says so', async () => {
    const client = await connect(byServerKey)
    expect(
      await client.call('m1', 'PUB_SUB_COMMAND', { channel: 'stripe', type: 'x', data: 1 }),
    ).toMatchObject({
      error: { code: 403, details: { code: 'operation_not_allowed' } },
    })
    expect(await client.call('m2', 'RSO_GET', {})).toMatchObject({
      error: { code: 400, details: { code: 'parameter_invalid', param: 'name' } },
    })
  })
})

describe('watch tokens', () => {
  const selector = "id = 'ch_a'"

  beforeEach(() => restart({ policy: { requireWatchToken: true } }))

  test('a listener without the watch token of the payment is refused', async () => {
    const client = await connect()
    client.subscribe('s1', 'PUB_SUB_MESSAGES', { channel: 'stripe', selector })
    expect(await client.errorOf('s1')).toMatchObject({ code: 403, details: { code: 'watch_token_required' } })
  })

  test('the token of the handshake opens its payment, and no other', async () => {
    const userToken = await realtime.signWatchToken({ id: ['ch_a'] })
    const client = await connect({ query: { userToken } })
    await client.listen('s1', selector)
    client.subscribe('s2', 'PUB_SUB_MESSAGES', { channel: 'stripe', selector: "id = 'ch_b'" })
    expect(await client.errorOf('s2')).toMatchObject({ details: { code: 'watch_token_required' } })
    await realtime.emit({ chargeId: 'ch_a' })
    await settled('s1', client, 1)
  })

  test('a token that is set later counts for the subscriptions behind it', async () => {
    const userToken = await realtime.signWatchToken({ id: ['ch_a'] })
    const client = await connect({ query: { userToken: 'a-token-of-another-system' } })
    client.socket.emit('MET_REQ', { id: 'm1', name: 'SET_USER_TOKEN', options: { userToken } })
    await client.listen('s1', selector)
    expect(client.answers('m1')).toEqual([{ id: 'm1', result: null }])
  })
})

describe('a client that speaks bytes', () => {
  test('sends and gets the JSON of each event as a buffer', async () => {
    const client = aClient({ query: { binary: 'true' } })
    const heard: { event: string; body: Record<string, unknown> }[] = []
    client.socket.offAny()
    client.socket.removeAllListeners()
    client.socket.onAny((event: string, bytes: Buffer) => {
      heard.push({ event, body: JSON.parse(Buffer.from(bytes).toString()) })
    })
    await client.connected()
    const subscribe = {
      id: 'j1',
      name: 'PUB_SUB_MESSAGES',
      options: { channel: 'stripe', selector: "id = 'ch_a'" },
    }
    client.socket.emit('SUB_ON', Buffer.from(JSON.stringify(subscribe)))
    await eventually(() => heard.length === 1)
    await realtime.emit({ chargeId: 'ch_a' })
    await eventually(() => heard.length === 2)
    expect(heard[0]).toEqual({ event: 'SUB_READY', body: { id: 'j1' } })
    expect(heard[1]).toMatchObject({
      event: 'SUB_RES',
      body: { id: 'j1', data: { headers: { id: 'ch_a' } } },
    })
  })
})
