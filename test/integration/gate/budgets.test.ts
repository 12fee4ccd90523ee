/** What one client may take up, from outside: streams, subscriptions, half bodies and guesses. */
import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type PaymentsUnderTest, startPayments } from '../payments/start-payments.ts'
import { type ContractClient, createContractClient } from '../realtime/contract-client.ts'

let it: PaymentsUnderTest
beforeAll(async () => {
  it = await startPayments({
    env: {
      // The second hop is the client, so that the tests can be several.
      TRUST_PROXY: '1',
      MAX_STREAMS_PER_ADDRESS: '3',
      MAX_STREAMS_PER_APP: '6',
      MAX_SUBSCRIPTION_MEGABYTES_PER_ADDRESS: '1',
      MAX_BODY_MEGABYTES_PER_ADDRESS: '1',
      CLIENT_READS_PER_ADDRESS: '50 in 1h',
      CLIENT_READS_PER_KEY: '400 in 1h',
    },
  })
})
afterAll(() => it.server.stop())

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}

/** @returns the head of a stream, or a whole refusal. */
function open(path: string, from: string, key = it.server.clientKey): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(it.server.url + path, {
      headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': from, origin: 'https://shop.example' },
      agent: false,
    })
    closing.push(() => sent.destroy())
    sent.on('error', (error) => reject(error))
    sent.on('response', (answer) => {
      answer.on('error', () => undefined)
      if (answer.headers['content-type']?.startsWith('text/event-stream') === true) {
        return resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: {} })
      }
      let text = ''
      answer.on('data', (chunk) => {
        text += String(chunk)
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: JSON.parse(text) }),
      )
    })
    sent.end()
  })
}

const stream = (from: string) => open(`/v1/stream?selector=${encodeURIComponent("orderId = 'o-1'")}`, from)

describe('streams', () => {
  test('one too many of an address is 429 with words, others go on, and a place that is left is free', async () => {
    for (let number = 0; number < 3; number++) expect((await stream('10.1.0.1')).status).toBe(200)
    const refused = await stream('10.1.0.1')
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { type: 'rate_limit_error', code: 'too_many_streams', scope: 'address' } },
    })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    // The page can read it.
    expect(refused.headers['access-control-allow-origin']).toBe('https://shop.example')
    expect((await stream('10.1.0.2')).status).toBe(200)
    closing.shift()?.()
    await eventually(async () => (await stream('10.1.0.1')).status === 200, {
      what: 'the place that was left',
    })
  })

  test('an app has a limit over all addresses', async () => {
    const statuses: number[] = []
    for (let number = 0; number < 9; number++) statuses.push((await stream(`10.2.0.${number}`)).status)
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(6)
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('Socket.IO', () => {
  const clients: ContractClient[] = []
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })
  const join = (from: string) => {
    const { url, appId, clientKey } = it.server
    const client = createContractClient({
      url,
      appId,
      query: { apiKey: clientKey },
      io: { extraHeaders: { 'x-forwarded-for': from }, transports: ['websocket'] },
    })
    clients.push(client)
    return client
  }

  test('a client too many is told at its handshake, many times too many at the door', async () => {
    await eventually(
      async () => {
        const client = join('10.3.0.9')
        return client.connected().then(
          () => true,
          () => false,
        )
      },
      { what: 'the places of the tests before' },
    )
    for (let number = 0; number < 3; number++) await join('10.3.0.1').connected()
    await expect(join('10.3.0.1').connected()).rejects.toMatchObject({
      data: { code: 429, details: { code: 'too_many_streams', scope: 'address' } },
    })
    const others = await Promise.allSettled(Array.from({ length: 8 }, () => join('10.3.0.1').connected()))
    expect(others.every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('conditions take room by their length, which comes back with them', async () => {
    const client = join('10.4.0.1')
    await eventually(
      () =>
        client.connected().then(
          () => true,
          () => false,
        ),
      { what: 'a place' },
    )
    const long = (id: number) => `id = 'ch_${id}' AND type <> '${'x'.repeat(9_000)}'`
    let number = 0
    for (; number < 20; number++) {
      client.subscribe(`s${number}`, 'PUB_SUB_MESSAGES', { channel: 'stripe', selector: long(number) })
    }
    const refused = await eventually(
      () => [...Array(20).keys()].find((each) => client.answers(`s${each}`)[0]?.error !== undefined) ?? null,
      { what: 'a refusal' },
    )
    expect(client.answers(`s${refused}`)[0]?.error).toMatchObject({
      code: 429,
      details: { code: 'too_many_subscriptions', scope: 'address' },
    })
    expect(refused).toBeGreaterThan(3)
    client.unsubscribe('s0')
    await client.listen('again', long(99))
  })

  test('a subscription is a reading: guesses by the thousand are not answered', async () => {
    const client = join('10.5.0.1')
    await client.connected()
    for (let number = 0; number < 80; number++) {
      client.subscribe(`g${number}`, 'PUB_SUB_MESSAGES', {
        channel: 'stripe',
        selector: `orderId = '${number}'`,
      })
    }
    expect((await client.errorOf('g79')).details).toMatchObject({ code: 'too_many_requests' })
  })
})

describe('reading by a client', () => {
  const read = async (path: string, from: string, key = it.server.clientKey, init: RequestInit = {}) => {
    const answer = await fetch(it.server.url + path, {
      ...init,
      headers: { ...(key === '' ? {} : { authorization: `Bearer ${key}` }), 'x-forwarded-for': from },
    })
    return { status: answer.status, headers: answer.headers, body: await answer.json() }
  }
  const where = (id: string) => encodeURIComponent(`orderId = '${id}'`)

  test('order ids cannot be tried out, over no door', async () => {
    const { appId, clientKey } = it.server
    const root = `/${appId}/${clientKey}`
    const doors: ((number: number) => Promise<{ status: number; headers: Headers; body: unknown }>)[] = [
      (number) => read(`/v1/events?order_id=${number}`, '10.6.0.1'),
      (number) => read(`/v1/payments/pi_${number}`, '10.6.0.2'),
      (number) => read(`${root}/data/StripeEvents?where=${where(String(number))}`, '10.6.0.3', ''),
      (number) =>
        read(`${root}/data/StripeEvents/find`, '10.6.0.4', '', {
          method: 'POST',
          body: JSON.stringify({ where: `orderId = '${number}'` }),
        }),
    ]
    for (const door of doors) {
      const answers = await Promise.all(Array.from({ length: 60 }, (_, number) => door(number)))
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(10)
      const refused = answers.find(({ status }) => status === 429)
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(JSON.stringify(refused?.body)).toContain('too_many_requests')
    }
  })

  test('an address behind the proxy is its own, and what it says of others counts for nothing', async () => {
    expect((await read('/v1/events?order_id=1', '10.7.0.1')).status).not.toBe(429)
    const forged = await Promise.all(
      Array.from({ length: 60 }, (_, number) => read('/v1/events?order_id=1', `10.9.9.${number}, 10.7.0.2`)),
    )
    expect(forged.some(({ status }) => status === 429)).toBe(true)
  })

  test('the app’s own server reads as it likes, and a key that only looks like one is counted', async () => {
    const own = await Promise.all(
      Array.from({ length: 60 }, () => read('/v1/events', '10.8.0.1', it.server.serverKey)),
    )
    expect(own.every(({ status }) => status === 200)).toBe(true)
    const made = await Promise.all(
      Array.from({ length: 60 }, () => read('/v1/events', '10.8.0.1', 'tbk_madeUpByMe')),
    )
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([401, 429]))
  })
})

test('half-sent bodies are cut, and the memory comes back', async () => {
  const port = Number(new URL(it.server.url).port)
  const ended: Promise<string>[] = []
  const sockets: Socket[] = []
  for (let number = 0; number < 6; number++) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    let heard = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      heard += chunk
    })
    socket.on('error', () => undefined)
    ended.push(new Promise((resolve) => socket.once('close', () => resolve(heard))))
    socket.write(
      `POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.10.0.1\r\nContent-Length: 900000\r\n\r\n`,
    )
    socket.write('x'.repeat(800_000))
  }
  expect(await Promise.race(ended)).toMatch(/^HTTP\/1.1 429 /)
  for (const socket of sockets) socket.destroy()
  const whole = async () => {
    const { status } = await fetch(`${it.server.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '10.10.0.1' },
      body: 'x'.repeat(900_000),
    })
    return status === 400
  }
  await eventually(() => whole().catch(() => false), { what: 'room for a whole body' })
})
