/** Calls over a network that fails: what is tried again, under which key, and how many at once. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { createCallGate } from '../src/call-gate.ts'
import { parseServerAddress } from '../src/server-address.ts'
import { createServerApi, type ServerApi } from '../src/server-api.ts'
import { type ClientUnderTest, startClient } from './start-client.ts'

let it: ClientUnderTest
let proxy: FaultProxy
let waits: number[]
beforeAll(async () => {
  it = await startClient()
  proxy = await startFaultProxy({ target: it.server.url })
})
afterEach(() => proxy.reset())
afterAll(async () => {
  await proxy.close()
  await it.stop()
})

function api(maxRetries = 6, gate = createCallGate(3)): ServerApi {
  waits = []
  let ids = 0
  return createServerApi({
    address: parseServerAddress(proxy.url),
    serverKey: it.server.serverKey,
    fetch,
    maxRetries,
    gate,
    sleep: async (ms) => void waits.push(ms),
    now: Date.now,
    random: () => 1,
    newId: () => `key-${crypto.randomUUID()}-${++ids}`,
  })
}

const customer = (email: string) =>
  ({
    method: 'POST',
    path: '/v1/stripe/v1/customers',
    body: { kind: 'form', text: `email=${email}` },
  }) as const

const count = async (email: string) => {
  const { body } = await api().call({ method: 'GET', path: `/v1/stripe/v1/customers?email=${email}` })
  return (body as { data: unknown[] }).data.length
}

describe('a POST', () => {
  test.each([
    ['a connection that breaks before', { kind: 'reset_before' }],
    ['an answer that is lost', { kind: 'reset_after' }],
    ['an answer that breaks off', { kind: 'half_body' }],
    ['a proxy that has no server', { kind: 'status', when: 'before', status: 503 }],
    [
      'a sign-in page',
      { kind: 'foreign_answer', when: 'after', status: 200, body: '<html>Please sign in</html>' },
    ],
    ['a proxy that loses the answer', { kind: 'status', when: 'after', status: 502 }],
  ] as const)('takes effect once in spite of %s', async (what, fault) => {
    const email = `${what.replaceAll(' ', '-')}@example.org`
    proxy.failNext([fault, fault])
    const { status } = await api().call(customer(email))
    expect(status).toBe(200)
    expect(waits).toEqual([500, 1_000])
    const keys = proxy.requests.map(({ idempotencyKey }) => idempotencyKey)
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^key-/)
    expect(await count(email)).toBe(1)
  })

  test('ends with the last failure when the tries are used up', async () => {
    proxy.decideWith(() => ({ kind: 'status', when: 'before', status: 503 }))
    await expect(api(2).call(customer('never@example.org'))).rejects.toMatchObject({ status: 503 })
    expect(proxy.requests).toHaveLength(3)
  })

  test('that only ever gets a foreign page back says what came', async () => {
    proxy.decideWith(() => ({
      kind: 'foreign_answer',
      when: 'before',
      status: 200,
      body: '<html>Sign in</html>',
    }))
    await expect(api(1).call(customer('portal@example.org'))).rejects.toMatchObject({
      status: 200,
      type: 'api_error',
      message: 'The server answered 200: <html>Sign in</html>',
    })
  })

  test('that is refused is not tried again', async () => {
    const wrong = { ...customer('x'), path: '/v1/stripe/v1/nothing_here' }
    await expect(api().call(wrong)).rejects.toMatchObject({ status: 404 })
    expect(proxy.requests).toHaveLength(1)
  })
})

test('the first word that an order is delivered is heard as the first, though its answer was lost', async () => {
  const { payments } = it.tollbridge
  const { id } = await payments.create({ orderId: 'lost-word', amount: 700, token: 'tok_visa' })
  const fulfil = { method: 'POST', path: `/v1/payments/${id}/fulfill` } as const
  proxy.failNext({ kind: 'reset_after' })
  expect((await api().call(fulfil)).body).toMatchObject({ newly_fulfilled: true })
  expect(proxy.requests).toHaveLength(2)
  expect((await api().call(fulfil)).body).toMatchObject({ newly_fulfilled: false })
})

test('an empty key is refused, as each try under it would be a call of its own', async () => {
  for (const key of [{ idempotencyKey: '' }, { headers: { 'Idempotency-Key': ' ' } }])
    await expect(api().call({ ...customer('empty-key@example.org'), ...key })).rejects.toThrow(
      /Idempotency-Key/,
    )
  expect(proxy.requests).toEqual([])
})

test('a GET carries no key', async () => {
  await api().call({ method: 'GET', path: '/v1/stripe/v1/balance' })
  expect(proxy.requests[0]?.idempotencyKey).toBeNull()
})

test('a server that does not answer in time is said to be so', async () => {
  proxy.decideWith(() => ({ kind: 'timeout_before' }))
  const call = api(1).call({ method: 'GET', path: '/v1/config', timeoutMs: 30 })
  await expect(call).rejects.toMatchObject({ status: 0, code: 'server_timeout' })
  expect(proxy.requests).toHaveLength(2)
})

test('the caller can end the waiting, and gets his own reason', async () => {
  proxy.decideWith(() => ({ kind: 'timeout_before' }))
  const abort = new AbortController()
  proxy.onRequest(() => abort.abort(new Error('enough')))
  await expect(api().call({ method: 'GET', path: '/v1/config', signal: abort.signal })).rejects.toThrow(
    'enough',
  )
  expect(proxy.requests).toHaveLength(1)
})

test('a redirect is not followed, as the key would go along', async () => {
  const redirected = createServerApi({
    address: parseServerAddress('http://127.0.0.1:1'),
    serverKey: 'tbk_1',
    fetch: async (_, init) => {
      expect(init?.redirect).toBe('manual')
      return new Response(null, { status: 301, headers: { location: 'https://pay.example.com/' } })
    },
    maxRetries: 6,
    sleep: async () => undefined,
    now: Date.now,
    random: () => 1,
    newId: () => 'x',
  })
  await expect(redirected.call({ method: 'POST', path: '/v1/payments' })).rejects.toThrow(
    /final address as url/,
  )
})

test('only so many calls are under way at once, and one that waits for its next try leaves its place', async () => {
  let now = 0
  let most = 0
  proxy.onRequest(() => {
    now += 1
    most = Math.max(most, now)
  })
  proxy.decideWith(() => ({ kind: 'delay', when: 'after', ms: 5 }))
  const gate = createCallGate(3)
  const gated = api(6, { run: (work, signal) => gate.run(() => work().finally(() => now--), signal) })
  await Promise.all(Array.from({ length: 12 }, () => gated.call({ method: 'GET', path: '/v1/config' })))
  expect(most).toBe(3)

  const one = createCallGate(1)
  let others = 0
  const waiting = createServerApi({
    address: parseServerAddress(proxy.url),
    serverKey: it.server.serverKey,
    fetch,
    maxRetries: 1,
    gate: one,
    // In the pause between two tries, another call gets through.
    sleep: () => one.run(async () => others++).then(() => undefined),
    now: Date.now,
    random: () => 1,
    newId: () => 'x',
  })
  proxy.failNext({ kind: 'reset_before' }, () => true)
  await waiting.call({ method: 'GET', path: '/v1/config' })
  expect(others).toBe(1)
})
