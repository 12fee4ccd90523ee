/** What the network does to calls: nothing is charged twice, half an answer never looks whole, and the record tells. */
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, request as openRequest } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../../packages/sandbox/src/index.ts'
import { eventually } from '../../support/eventually.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import { listCalls, type Product, STRIPE_KEY, startPassthrough } from './start-passthrough.ts'

let sandbox: Sandbox
let proxy: FaultProxy
let product: Product
let direct: Stripe
beforeAll(async () => {
  sandbox = createSandbox()
  const { url } = await sandbox.listen({ port: 0 })
  proxy = await startFaultProxy({ target: url })
  product = await startPassthrough({ stripeUrl: proxy.url })
  const { hostname, port } = new URL(url)
  direct = new Stripe(STRIPE_KEY, { host: hostname, port: Number(port), protocol: 'http', telemetry: false })
})
afterEach(() => proxy.reset())
afterAll(async () => {
  await product?.stop()
  await proxy?.close()
  await sandbox?.close()
})

function client(config: Stripe.StripeConfig = {}): Stripe {
  const { hostname, port } = new URL(product.proxyUrl)
  return new Stripe(product.serverKey, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
    ...config,
  })
}

let names = 0
const freshEmail = () => `fault-${++names}@example.com`
const madeWith = async (email: string) => (await direct.customers.list({ email, limit: 10 })).data.length

async function post(email: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${product.proxyUrl}/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${product.serverKey}`, ...headers },
    body: new URLSearchParams({ email }),
  })
  return { response, body: (await response.json()) as { error?: { code?: string; message?: string } } }
}

const lastCall = async () => (await listCalls(product))[0]
async function lastEnded() {
  return eventually(
    async () => {
      const call = await lastCall()
      return call !== undefined && call['duration_ms'] !== null && call
    },
    { what: 'the call to end in the record' },
  )
}

describe('a call that changes something', () => {
  test('is sent once when its answer gets lost, and the SDK repeats it as the same request', async () => {
    const email = freshEmail()
    proxy.failNext({ kind: 'reset_after' })
    const customer = await client({ maxNetworkRetries: 2 }).customers.create({ email })
    expect(customer.email).toBe(email)
    expect(await madeWith(email)).toBe(1)
    expect(new Set(proxy.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  })

  test('without a key of the caller’s, a lost answer says that the outcome is unknown and must not be repeated', async () => {
    const email = freshEmail()
    await post(freshEmail())
    proxy.failNext({ kind: 'timeout_after' })
    const { response, body } = await post(email)
    expect(response.status).toBe(504)
    expect(body.error).toMatchObject({
      code: 'stripe_timeout',
      message: expect.stringContaining('not known'),
    })
    expect(response.headers.get('stripe-should-retry')).toBe('false')
    expect(await lastEnded()).toMatchObject({ outcome: 'unknown', status: 504, error: 'stripe_timeout' })
    expect(await madeWith(email)).toBe(1)
    expect(proxy.requests.filter(({ fault }) => fault !== null)).toHaveLength(1)
  })

  test('with a key of the caller’s, a repeat is the same request', async () => {
    const email = freshEmail()
    proxy.failNext({ kind: 'timeout_after' })
    const lost = await post(email, { 'idempotency-key': 'again-1' })
    expect(lost.response.headers.get('stripe-should-retry')).toBe('true')
    const again = await post(email, { 'idempotency-key': 'again-1' })
    expect(again.response.status).toBe(200)
    expect(again.response.headers.get('idempotency-key')).toBe('again-1')
    expect(again.response.headers.get('idempotent-replayed')).toBe('true')
    expect(await madeWith(email)).toBe(1)
  })

  test('a failure of Stripe’s own comes back as it is', async () => {
    proxy.failNext({ kind: 'status', status: 500, when: 'before' })
    const { response, body } = await post(freshEmail())
    expect(response.status).toBe(500)
    expect(body.error).toMatchObject({ type: 'api_error' })
    expect(await lastEnded()).toMatchObject({ outcome: 'answered', status: 500, error: null })
  })

  test('half an answer ends in a broken connection', async () => {
    proxy.failNext({ kind: 'half_body' })
    await expect(post(freshEmail())).rejects.toThrow()
    expect(await lastEnded()).toMatchObject({ outcome: 'broken_off', status: 200 })
  })
})

describe('a kept connection that Stripe has closed', () => {
  test('costs nothing: the call is sent once more over a fresh one', async () => {
    const email = freshEmail()
    await post(freshEmail())
    proxy.failNext({ kind: 'reset_before' })
    const { response } = await post(email)
    expect(response.status).toBe(200)
    expect(await madeWith(email)).toBe(1)
    const [first, second] = proxy.requests.slice(-2)
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey)
  })

  test('a deletion takes a connection of its own, and is never sent twice', async () => {
    const { id } = await direct.customers.create({})
    await post(freshEmail())
    proxy.failNext({ kind: 'reset_after' }, ({ method }) => method === 'DELETE')
    await expect(client().customers.del(id)).rejects.toMatchObject({ statusCode: 503 })
    expect(proxy.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
    expect(await lastEnded()).toMatchObject({
      outcome: 'unknown',
      method: 'DELETE',
      error: 'stripe_unreachable',
    })
  })
})

test('a call that Stripe had read whole before it went away for good may have been done', async () => {
  let calls = 0
  const odd = createHttpServer((request, response) => {
    request.resume().once('end', () => {
      calls += 1
      if (calls === 1) return void response.end('{}')
      odd.close()
      request.socket.resetAndDestroy()
    })
  })
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
  const other = await startPassthrough({
    stripeUrl: `http://127.0.0.1:${(odd.address() as AddressInfo).port}`,
  })
  const refund = () =>
    fetch(`${other.proxyUrl}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.serverKey}` },
      body: 'charge=ch_1',
    })
  try {
    await (await refund()).text()
    const response = await refund()
    expect(calls).toBe(2)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      error: { code: 'stripe_unreachable', message: expect.stringContaining('is not known') },
    })
    expect(response.headers.get('stripe-should-retry')).toBe('false')
    await eventually(async () => (await listCalls(other))[0]?.['outcome'] === 'unknown', {
      what: 'the record',
    })
  } finally {
    await other.stop()
  }
})

test('a Stripe that cannot be reached is a 503, which is safe to repeat', async () => {
  const other = await startPassthrough({ stripeUrl: 'http://127.0.0.1:9' })
  try {
    const response = await fetch(`${other.proxyUrl}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.serverKey}` },
      body: 'charge=ch_1',
    })
    expect(response.status).toBe(503)
    expect(response.headers.get('stripe-should-retry')).toBe('true')
    expect(await response.json()).toMatchObject({
      error: { code: 'stripe_unreachable', message: expect.stringContaining('has not acted on it') },
    })
    await eventually(async () => (await listCalls(other))[0]?.['outcome'] === 'not_sent', {
      what: 'the record',
    })
  } finally {
    await other.stop()
  }
})

test('an answer that is none ends the call', async () => {
  const odd = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
  const other = await startPassthrough({
    stripeUrl: `http://127.0.0.1:${(odd.address() as AddressInfo).port}`,
  })
  try {
    const response = await fetch(`${other.proxyUrl}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.serverKey}` },
      body: 'charge=ch_1',
    })
    expect(response.status).toBe(503)
    expect(response.headers.get('stripe-should-retry')).toBe('false')
  } finally {
    await other.stop()
    odd.close()
  }
})

test('an upload that breaks off reaches nobody as a whole', async () => {
  const upload = openRequest(`${product.proxyUrl}/v1/files`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${product.serverKey}`,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': 1_000_000,
    },
  })
  upload.on('error', () => {})
  upload.write(Buffer.alloc(300_000))
  await eventually(async () => (await lastCall())?.['path'] === '/v1/files', { what: 'the call to begin' })
  upload.destroy()
  expect(await lastEnded()).toMatchObject({ path: '/v1/files', outcome: 'not_sent', status: null })
})

test('an upload may break off at any moment, also before it is sent, and the server goes on', async () => {
  for (let round = 0; round < 40; round += 1) {
    const upload = openRequest(`${product.proxyUrl}/v1/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${product.serverKey}`,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 1_000_000,
      },
    })
    upload.on('error', () => {})
    upload.write(Buffer.alloc(1_000))
    const [socket] = (await once(upload, 'socket')) as [Socket]
    if (socket.connecting) await once(socket, 'connect')
    // Sooner or later within the write that notes the call.
    await new Promise((resolve) => setTimeout(resolve, round / 10))
    socket.resetAndDestroy()
  }
  expect((await post(freshEmail())).response.status).toBe(200)
  await eventually(async () => (await listCalls(product)).every((it) => it['duration_ms'] !== null), {
    what: 'all calls to end in the record',
  })
})

test('an upload that stops arriving is given up', async () => {
  const upload = openRequest(`${product.proxyUrl}/v1/files`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${product.serverKey}`,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': 1_000_000,
    },
  })
  upload.on('error', () => {})
  upload.write(Buffer.alloc(300_000))
  const [response] = (await once(upload, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(400)
  upload.destroy()
  expect(await lastEnded()).toMatchObject({ outcome: 'not_sent', error: 'body_invalid' })
})

test('a stop lets the calls under way end', async () => {
  const other = await startPassthrough({ stripeUrl: proxy.url, env: { STRIPE_TIMEOUT_SECONDS: '10' } })
  const email = freshEmail()
  proxy.failNext({ kind: 'delay', ms: 300, when: 'before' })
  const call = fetch(`${other.proxyUrl}/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${other.serverKey}` },
    body: new URLSearchParams({ email }),
  })
  await eventually(() => proxy.requests.some(({ body }) => body.includes(encodeURIComponent(email))), {
    what: 'the call to leave',
  })
  const stopping = other.stop()
  expect((await call).status).toBe(200)
  await stopping
  await expect(fetch(`${other.proxyUrl}/v1/customers`)).rejects.toThrow()
})
