import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { type ConnectionLimits, type Connections, createConnections, NO_LIMITS } from './connections.ts'
import type { ErrorForm } from './error-form.ts'
import { createHttpServer } from './http-server.ts'

let connections: Connections
let server: ReturnType<typeof createHttpServer>
let port: number
let time: ReturnType<typeof createManualTime>
let finishSlow: () => void
const sockets: Socket[] = []

/** Of clients that can read nothing but words. */
const inWords: ErrorForm = ({ code }, { url }) =>
  url === '/v1/words' ? { status: 200, contentType: 'text/x-words', body: Buffer.from(`no: ${code}`) } : null

async function start(limits: Partial<ConnectionLimits> = {}): Promise<void> {
  time = createManualTime()
  connections = createConnections({
    limits: { ...NO_LIMITS, ...limits },
    isProxy: () => false,
    addressOf: (request) => String(request.headers['x-from'] ?? '10.0.0.1'),
    after: time.timers.after,
    newRequestId: () => 'req_last',
    errorForms: [inWords],
  })
  server = createHttpServer({
    log: silentLog,
    connections,
    newRequestId: () => 'req_1',
    sockets: { ownsPath: () => false, handleRequest: () => {}, handleUpgrade: () => {} },
  })
  const slow = new Promise<void>((resolve) => (finishSlow = resolve))
  server.get('/v1/slow', async () => {
    await slow
    return { slow: true }
  })
  server.post('/v1/body', async ({ body }) => ({ body }))
  server.get('/v1/quick', async () => ({ quick: true }))
  await server.listen({ port: 0, host: '127.0.0.1' })
  port = (server.server.address() as { port: number }).port
}

beforeEach(() => start())
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  connections.destroyAll()
  await server.close()
})

interface Client {
  readonly socket: Socket
  /** All that came, once the connection has ended. */
  readonly ended: Promise<string>
  send(text: string): void
  /** Resolves when what came holds that text. */
  hears(text: string): Promise<void>
}

async function open(): Promise<Client> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let heard = ''
  const waiting = new Set<() => void>()
  socket.setEncoding('utf8').on('data', (chunk) => {
    heard += chunk
    for (const check of waiting) check()
  })
  socket.on('error', () => undefined)
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(heard)))
  await once(socket, 'connect')
  return {
    socket,
    ended,
    send: (text) => void socket.write(text),
    hears: (text) =>
      new Promise((resolve) => {
        const check = () => heard.includes(text) && resolve()
        waiting.add(check)
        check()
      }),
  }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const post = (path: string, length: number, from = '10.0.0.1') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nX-From: ${from}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
/** Until the server has taken note of something that a client cannot see. */
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a stop', () => {
  test('ends what is idle at once: nothing asked, half a head, and a kept connection', async () => {
    const silent = await open()
    const half = await open()
    half.send('GET /v1/quick HTTP/1.1\r\nHo')
    const kept = await open()
    kept.send(get('/v1/quick'))
    await kept.hears('{"quick":true}')
    await until(() => connections.size === 3)
    connections.refuseNew()
    connections.closeIdle()
    expect(await silent.ended).toBe('')
    expect(await half.ended).toBe('')
    await kept.ended
  })

  test('lets what is under way end, and closes behind it', async () => {
    const client = await open()
    client.send(get('/v1/slow'))
    await until(() => connections.underWay === 1)
    connections.refuseNew()
    connections.closeIdle()
    finishSlow()
    const answer = await client.ended
    expect(answer).toContain('{"slow":true}')
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  test('refuses new requests with words, in the form of their route', async () => {
    const client = await open()
    const old = await open()
    await until(() => connections.size === 2)
    connections.refuseNew()
    client.send(get('/v1/quick'))
    const answer = await client.ended
    expect(answer).toMatch(/^HTTP\/1.1 503 /)
    expect(answer).toContain('Retry-After: 1')
    expect(answer).toContain('"code":"shutting_down"')
    old.send(get('/app_1/key/info'))
    expect(await old.ended).toMatch(/"code":503,"message":.*"errorData":\{.*"code":"shutting_down"/)
  })

  test('refuses in the form of the client that has one of its own', async () => {
    const client = await open()
    const half = await open()
    half.send(`${post('/v1/words', 1_000)}{"a": `)
    await until(() => connections.underWay === 1)
    connections.refuseNew()
    connections.cutUnfinished()
    client.send(get('/v1/words'))
    for (const { ended } of [client, half]) {
      const [head, body] = (await ended).split('\r\n\r\n')
      expect(head).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: text\/x-words\r\nContent-Length: 17\r\n/)
      expect(body).toBe('no: shutting_down')
    }
  })

  test('cuts half bodies, and says so', async () => {
    const client = await open()
    client.send(`${post('/v1/body', 1_000)}{"a": `)
    await until(() => connections.underWay === 1)
    connections.refuseNew()
    connections.closeIdle()
    connections.cutUnfinished()
    expect(await client.ended).toContain('shutting_down')
  })
})

describe('limits', () => {
  test('a connection too many is answered 429, and let go when it asks nothing', async () => {
    await server.close()
    await start({ connectionsPerAddress: 2 })
    await open()
    await open()
    const third = await open()
    third.send(get('/v1/quick'))
    const answer = await third.ended
    expect(answer).toMatch(/^HTTP\/1.1 429 /)
    expect(answer).toContain('Retry-After: ')
    expect(answer).toContain('"code":"too_many_connections"')
    const fourth = await open()
    await until(() => connections.size === 3)
    time.advance(2_000)
    expect(await fourth.ended).toBe('')
    // The place of one that has gone is free again.
    sockets.shift()?.destroy()
    await until(() => connections.size === 1)
    const fifth = await open()
    fifth.send(get('/v1/quick'))
    await fifth.hears('{"quick":true}')
  })

  test('many times too many are not even let in', async () => {
    await server.close()
    await start({ connectionsPerAddress: 1 })
    await open()
    const others = await Promise.all(Array.from({ length: 20 }, open))
    const gone = await Promise.race(others.map(({ ended }) => ended))
    expect(gone).toBe('')
    expect(connections.size).toBeLessThanOrEqual(2)
  })

  test('half-sent bodies share a budget of their address, which comes back', async () => {
    await server.close()
    await start({ bodyBytesPerAddress: 50_000 })
    const first = await open()
    first.send(post('/v1/body', 90_000) + 'x'.repeat(40_000))
    await until(() => connections.size === 1)
    const second = await open()
    second.send(post('/v1/body', 90_000) + 'x'.repeat(40_000))
    const cut = await Promise.race([first.ended, second.ended])
    expect(cut).toMatch(/^HTTP\/1.1 429 /)
    expect(cut).toContain('Retry-After: ')
    const other = await open()
    other.send(`${post('/v1/body', 8, '10.0.0.2')}{"a": 1}`)
    await other.hears('{"body":{"a":1}}')
    first.socket.destroy()
    second.socket.destroy()
    await Promise.all([first.ended, second.ended])
    const again = await open()
    const large = JSON.stringify({ a: 'x'.repeat(45_000) })
    again.send(post('/v1/body', large.length) + large)
    await again.hears('"body"')
  })

  test('a body that drips is cut when its time is over', async () => {
    await server.close()
    await start({ bodyMs: 5_000 })
    const client = await open()
    client.send(`${post('/v1/body', 1_000)}{`)
    await until(() => connections.underWay === 1)
    for (let drop = 0; drop < 5; drop++) {
      client.send('"')
      time.advance(1_000)
    }
    const answer = await client.ended
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('"code":"request_timeout"')
  })

  test('a body in time is no concern of the clock', async () => {
    const client = await open()
    client.send(`${post('/v1/body', 8)}{"a": 1}`)
    await client.hears('{"body":{"a":1}}')
    time.advance(3_600_000)
    client.send(get('/v1/quick'))
    await client.hears('{"quick":true}')
  })
})

test('what is no HTTP is told so in our shape', async () => {
  const client = await open()
  client.send('HELLO\r\n\r\n')
  const answer = await client.ended
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect(answer).toContain('"code":"body_invalid"')
  const large = await open()
  large.send(`GET /v1/quick HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`)
  expect(await large.ended).toMatch(/^HTTP\/1.1 431 /)
})
