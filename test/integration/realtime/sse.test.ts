/** `GET /v1/stream` over real sockets, read with fetch and with the `eventsource` package. */
import { connect, type Socket } from 'node:net'
import { EventSource } from 'eventsource'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { createManualTime } from '../../support/manual-time.ts'
import { openSse, type SseReader } from './sse-reader.ts'
import {
  CLIENT_KEY,
  OTHER_CLIENT_KEY,
  type Realtime,
  type RealtimeOptions,
  SERVER_KEY,
  startRealtime,
} from './start-realtime.ts'

let realtime: Realtime
const closers: (() => void)[] = []

const start = async (options: RealtimeOptions = {}) => {
  realtime = await startRealtime(options)
}

beforeEach(() => start())

afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await realtime.stop()
})

async function restart(options: RealtimeOptions): Promise<void> {
  await realtime.stop()
  await start(options)
}

const charge = (id: string) => ({ chargeId: id })
const address = (parameters: Record<string, string>) =>
  `${realtime.url}/v1/stream?${new URLSearchParams({ channel: 'stripe', ...parameters })}`
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

async function open(
  parameters: Record<string, string>,
  headers = bearer(CLIENT_KEY) as Record<string, string>,
): Promise<SseReader> {
  const reader = await openSse(address(parameters), headers)
  closers.push(reader.close)
  if (reader.status === 200)
    await eventually(() => reader.blocks.some(({ id }) => id !== undefined), { what: 'the join' })
  return reader
}

const openAll = (parameters: Record<string, string> = {}) => open(parameters, bearer(SERVER_KEY))

describe('a stream', () => {
  test('opens with a retry time and a comment, and is not cached or held back', async () => {
    const reader = await open({ selector: "id = 'ch_a'" })
    expect(reader.status).toBe(200)
    expect(reader.blocks[0]).toEqual({ retry: '1000', comment: 'connected' })
    expect(Object.fromEntries(reader.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': '*',
    })
  })

  test('carries each matching event as a message with its position as id', async () => {
    const reader = await open({ selector: "id = 'ch_a'" })
    const [stored] = await realtime.emit(charge('ch_a'), charge('ch_b'))
    await reader.has(1)
    expect(reader.events()).toEqual([
      {
        id: String(stored?.position),
        data: {
          position: stored?.position,
          channel: 'stripe',
          messageId: `message:${stored?.objectId}`,
          timestamp: stored?.created,
          headers: expect.objectContaining({ id: 'ch_a', type: 'charge.succeeded' }),
          message: expect.objectContaining({ object: 'event', type: 'charge.succeeded' }),
        },
      },
    ])
    expect(JSON.stringify(reader.blocks)).not.toContain('payer@example.com')
  })

  test('of a server key carries whole events of every transaction', async () => {
    const reader = await openAll()
    await realtime.emit(charge('ch_a'), charge('ch_b'))
    await reader.has(2)
    expect(reader.ids()).toEqual(['ch_a', 'ch_b'])
    expect(JSON.stringify(reader.blocks)).toContain('payer@example.com')
  })

  test('of a client key carries whole events where the operator has said so', async () => {
    await restart({ clientPayloads: 'full' })
    const reader = await open({ selector: "id = 'ch_a'" })
    await realtime.emit(charge('ch_a'))
    await reader.has(1)
    expect(JSON.stringify(reader.blocks)).toContain('payer@example.com')
  })

  test('takes the channel form stripe/<transaction id>, and the keys as query parameters', async () => {
    const reader = await open({ channel: 'stripe/ch_a', client_key: CLIENT_KEY }, {})
    await realtime.emit(charge('ch_b'), charge('ch_a'))
    await reader.has(1)
    expect(reader.ids()).toEqual(['ch_a'])
  })

  test('gives a late subscriber the recent events once, then the live ones', async () => {
    await realtime.emit(charge('ch_a'), charge('ch_b'), charge('ch_a'))
    const reader = await open({ selector: "id = 'ch_a'" })
    await realtime.emit(charge('ch_a'))
    await reader.has(3)
    expect(reader.events().map(({ id }) => id)).toEqual(['1', '3', '4'])
  })
})

describe('resuming', () => {
  test.each([
    ['the header Last-Event-ID', {}, { 'last-event-id': '2' }],
    ['the parameter last_event_id', { last_event_id: '2' }, {}],
    ['both, where the header is newer', { last_event_id: '1' }, { 'last-event-id': '2' }],
  ])('with %s continues after that event', async (_how, parameters, headers) => {
    await realtime.emit(charge('ch_a'), charge('ch_a'), charge('ch_b'), charge('ch_a'))
    const reader = await open(
      { selector: "id = 'ch_a'", ...parameters },
      { ...bearer(CLIENT_KEY), ...headers },
    )
    await realtime.emit(charge('ch_a'))
    await reader.has(2)
    expect(reader.events().map(({ id }) => id)).toEqual(['4', '5'])
  })

  test('works from the beginning of a log of many pages, long after the recent window', async () => {
    await realtime.stop()
    const time = createManualTime()
    await start({ time })
    await realtime.emit(...Array.from({ length: 1_500 }, (_, n) => charge(`ch_${n % 3}`)))
    time.advance(30 * 86_400_000)
    const reader = await openAll({ last_event_id: '0' })
    await realtime.emit(charge('ch_last'))
    await reader.has(1_501)
    expect(reader.events().map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 1_501 }, (_, n) => n + 1),
    )
  })

  test('an EventSource whose connection breaks again and again hears every event once, in order', async () => {
    const sockets = new Set<Socket>()
    const proxy = await breakableProxy(sockets)
    closers.push(proxy.close)
    const heard: number[] = []
    const source = new EventSource(
      `http://127.0.0.1:${proxy.port}/v1/stream?channel=stripe/ch_a&client_key=${CLIENT_KEY}`,
    )
    closers.push(() => source.close())
    source.onmessage = ({ data }) => heard.push((JSON.parse(data) as { position: number }).position)
    await eventually(() => realtime.listeners() === 1)
    for (let round = 0; round < 3; round++) {
      await realtime.emit(charge('ch_a'))
      await eventually(() => heard.length === round * 2 + 1)
      for (const socket of sockets) socket.destroy()
      await eventually(() => realtime.listeners() === 0)
      await realtime.emit(charge('ch_a'))
      await eventually(() => heard.length === round * 2 + 2, { what: 'the event that was missed' })
    }
    expect(heard).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('a reader that had received nothing yet continues where it joined', async () => {
    await realtime.emit(charge('ch_b'))
    const reader = await openAll()
    const joinedAt = reader.blocks.find(({ id }) => id !== undefined)?.id
    reader.close()
    await eventually(() => realtime.listeners() === 0)
    await realtime.emit(charge('ch_a'))
    const again = await openAll({ last_event_id: joinedAt ?? '' })
    await again.has(1)
    expect(again.ids()).toEqual(['ch_a'])
  })
})

describe('a request that cannot be served is answered as JSON before a stream begins', () => {
  test.each([
    ['no key', { selector: "id = 'ch_a'" }, {}, 401, 'api_key_missing', undefined],
    ['a wrong key', { client_key: 'tbc_wrong' }, {}, 401, 'api_key_invalid', undefined],
    ['a server key in the query', { client_key: SERVER_KEY }, {}, 401, 'secret_key_in_address', undefined],
    ['a client key without a transaction', {}, bearer(CLIENT_KEY), 403, 'pin_required', undefined],
    ['a bad selector', { selector: 'id =' }, bearer(SERVER_KEY), 400, 'selector_invalid', 'selector'],
    ['another channel', { channel: 'chat' }, bearer(SERVER_KEY), 404, 'channel_unknown', 'channel'],
    [
      'an id that is none',
      { last_event_id: 'x' },
      bearer(SERVER_KEY),
      400,
      'parameter_invalid',
      'last_event_id',
    ],
    ['a forged watch token', { watch_token: 'x.y.z' }, {}, 401, 'watch_token_invalid', undefined],
  ])('%s', async (_what, parameters, headers, status, code, param) => {
    const response = await fetch(address(parameters), { headers: headers as Record<string, string> })
    const { error } = (await response.json()) as { error: { code: string; param?: string; message: string } }
    expect([response.status, error.code, error.param]).toEqual([status, code, param])
    expect(error.message.length).toBeGreaterThan(20)
  })

  test('a missing key, with the ways to send one', async () => {
    const { error } = (await (await fetch(address({}))).json()) as { error: { message: string } }
    expect(error.message).toContain('Authorization: Bearer')
    expect(error.message).toContain('client_key=')
  })

  test('a parameter that comes twice', async () => {
    const response = await fetch(`${address({ selector: "id = 'a'" })}&selector=x`, {
      headers: bearer(SERVER_KEY),
    })
    expect(await response.json()).toMatchObject({ error: { code: 'parameter_invalid', param: 'selector' } })
  })

  test('HEAD has no stream', async () => {
    const response = await fetch(address({}), { method: 'HEAD', headers: bearer(SERVER_KEY) })
    expect(response.status).toBe(404)
  })
})

describe('watch tokens', () => {
  test('alone open the payment that they name, and no other', async () => {
    const watch_token = await realtime.signWatchToken({ paymentIntentId: ['pi_a'] })
    const reader = await open({ selector: "paymentIntentId = 'pi_a'", watch_token }, {})
    await realtime.emit(charge('ch_b'), charge('ch_a'))
    await reader.has(1)
    expect(reader.ids()).toEqual(['ch_a'])
    const refused = await fetch(address({ selector: "paymentIntentId = 'pi_b'", watch_token }))
    expect(await refused.json()).toMatchObject({ error: { code: 'watch_token_required' } })
  })

  test('are asked for where the operator wants them, beside a client key', async () => {
    await restart({ policy: { requireWatchToken: true } })
    const token = await realtime.signWatchToken({ id: ['ch_a'] })
    const refused = await fetch(address({ selector: "id = 'ch_a'" }), { headers: bearer(CLIENT_KEY) })
    expect(await refused.json()).toMatchObject({ error: { code: 'watch_token_required' } })
    const reader = await open(
      { selector: "id = 'ch_a'" },
      { ...bearer(CLIENT_KEY), 'tollbridge-watch-token': token },
    )
    expect(reader.status).toBe(200)
  })

  test('another app hears nothing', async () => {
    const other = await open({ selector: "id = 'ch_a'" }, bearer(OTHER_CLIENT_KEY))
    const mine = await open({ selector: "id = 'ch_a'" })
    await realtime.emit(charge('ch_a'))
    await mine.has(1)
    expect(other.events()).toEqual([])
  })
})

test('a quiet stream is kept alive every 15 seconds', async () => {
  await realtime.stop()
  const time = createManualTime()
  await start({ time })
  const reader = await open({ selector: "id = 'ch_a'" })
  const heartbeats = () => reader.blocks.filter(({ comment }) => comment === '').length
  time.advance(14_999)
  time.advance(1)
  await eventually(() => heartbeats() === 1)
  time.advance(30_000)
  await eventually(() => heartbeats() === 3)
})

describe('a slow reader', () => {
  test('is dropped with a reason, and continues after its last id when it comes back', async () => {
    const slow = await rawReader({ selector: "id = 'ch_a'" })
    slow.socket.pause()
    let total = 0
    while (realtime.warnings.length === 0) {
      total += 1
      if (total > 500) throw new Error('100 MB were not too much for a reader that does not read')
      await realtime.emit({ ...charge('ch_a'), padding: 200_000 })
    }
    expect(realtime.warnings).toEqual([expect.objectContaining({ reason: 'slow_consumer' })])
    slow.socket.resume()
    await slow.ended
    expect(slow.text()).toContain(
      'event: error\ndata: {"error":{"type":"rate_limit_error","code":"slow_consumer"',
    )
    const ids = [...slow.text().matchAll(/^id: (\d+)\ndata/gm)].map((match) => Number(match[1]))
    const reader = await open({ selector: "id = 'ch_a'", last_event_id: String(ids.at(-1)) })
    await reader.has(total - ids.length)
    const all = [...ids, ...reader.events().map(({ id }) => Number(id))]
    expect(all).toEqual(Array.from({ length: total }, (_, n) => n + 1))
  })

  test('that reads nothing at all is given up after its time', async () => {
    await realtime.stop()
    const time = createManualTime()
    await start({ time, streamLimits: { pendingBytes: 1e9 } })
    const slow = await rawReader({ selector: "id = 'ch_a'" })
    slow.socket.pause()
    for (let n = 0; n < 60; n++) await realtime.emit({ ...charge('ch_a'), padding: 200_000 })
    await eventually(async () => {
      time.advance(10_000)
      return realtime.warnings.length > 0
    })
    expect(realtime.warnings).toEqual([expect.objectContaining({ reason: 'slow_consumer' })])
    time.advance(5_000)
    await eventually(() => realtime.listeners() === 0)
  })

  test('of a long past is written to only as fast as it reads', async () => {
    await realtime.emit(...Array.from({ length: 100 }, () => ({ ...charge('ch_a'), padding: 200_000 })))
    // What is published while it listens comes live, and no faster reader waits for it.
    await eventually(() => realtime.head() === 100)
    const slow = await rawReader({ selector: "id = 'ch_a'", last_event_id: '0' })
    slow.socket.pause()
    await realtime.emit(charge('ch_b'))
    slow.socket.resume()
    await eventually(() => (slow.text().match(/^data/gm) ?? []).length === 100)
    expect(realtime.warnings).toEqual([])
  })
})

test('the end of the server ends its streams with a word, and waits for none of them', async () => {
  const reader = await open({ selector: "id = 'ch_a'" })
  await realtime.stop()
  await reader.ended
  expect(reader.blocks.at(-1)).toMatchObject({ event: 'error', data: { error: { code: 'shutting_down' } } })
  await start()
})

test('a stream that its reader leaves is forgotten', async () => {
  const reader = await open({ selector: "id = 'ch_a'" })
  expect(realtime.listeners()).toBe(1)
  reader.close()
  await eventually(() => realtime.listeners() === 0)
})

/** A reader whose TCP socket can be paused. */
async function rawReader(parameters: Record<string, string>) {
  const { port } = new URL(realtime.url)
  const socket = connect(Number(port), '127.0.0.1')
  closers.push(() => socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const path = address(parameters).slice(realtime.url.length)
  // Without chunks, so that the text is the stream.
  socket.write(`GET ${path} HTTP/1.0\r\nAuthorization: Bearer ${CLIENT_KEY}\r\n\r\n`)
  await eventually(() => text.includes(': connected'))
  return { socket, ended, text: () => text }
}

/** Passes bytes on to the server until its sockets are destroyed. */
async function breakableProxy(sockets: Set<Socket>) {
  const { createServer } = await import('node:net')
  const { port: target } = new URL(realtime.url)
  const server = createServer((inbound) => {
    const outbound = connect(Number(target), '127.0.0.1')
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    }
    inbound.pipe(outbound).pipe(inbound)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { port, close: () => server.close() }
}
