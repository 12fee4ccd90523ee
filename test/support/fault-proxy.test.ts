import Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSandbox } from '../../packages/sandbox/src/index.ts'
import type { Fault } from './fault.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

const sandbox = createSandbox()
let proxy: FaultProxy
let through: Stripe
let direct: Stripe
let tries = 0

beforeAll(async () => {
  const { url } = await sandbox.listen({ port: 0 })
  proxy = await startFaultProxy({ target: url })
  through = client(proxy.url)
  direct = client(url)
})
beforeEach(() => proxy.reset())
afterAll(async () => {
  await proxy.close()
  await sandbox.close()
})

/** Told to repeat nothing; it still repeats once after a reset, which may come from an idle connection. */
function client(base: string): Stripe {
  const { hostname, port } = new URL(base)
  return new Stripe('sk_test_ofTheProxyTest', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    timeout: 300,
    telemetry: false,
  })
}

async function tryOnce(fault: Fault | null) {
  tries += 1
  const idempotencyKey = `try-${tries}`
  const before = await countIntents()
  if (fault !== null) proxy.failNext([fault, fault])
  const params = { amount: 1000, currency: 'usd', allowed_payment_method_types: ['card'] as ['card'] }
  const error = await through.paymentIntents.create(params, { idempotencyKey }).then(
    () => null,
    (thrown: Error) => thrown,
  )
  return { error, made: (await countIntents()) - before, idempotencyKey }
}

async function countIntents(): Promise<number> {
  return (await direct.paymentIntents.list({ limit: 100 })).data.length
}

const lost = Stripe.errors.StripeConnectionError
test.each<readonly [Fault, 0 | 1, unknown]>([
  [{ kind: 'reset_before' }, 0, lost],
  [{ kind: 'reset_during' }, 0, lost],
  [{ kind: 'reset_after' }, 1, lost],
  [{ kind: 'timeout_before' }, 0, lost],
  [{ kind: 'timeout_after' }, 1, lost],
  [{ kind: 'half_body' }, 1, Error],
  [
    { kind: 'foreign_answer', status: 502, body: '<html></html>', when: 'after' },
    1,
    Stripe.errors.StripeError,
  ],
  [{ kind: 'foreign_answer', status: 200, body: '', when: 'before' }, 0, Stripe.errors.StripeError],
  [{ kind: 'status', status: 401, when: 'before' }, 0, Stripe.errors.StripeAuthenticationError],
  [{ kind: 'status', status: 500, when: 'before' }, 0, Stripe.errors.StripeAPIError],
  [{ kind: 'status', status: 500, when: 'after' }, 1, Stripe.errors.StripeAPIError],
  [{ kind: 'status', status: 409, when: 'before' }, 0, Stripe.errors.StripeError],
  [{ kind: 'status', status: 429, when: 'before' }, 0, Stripe.errors.StripeRateLimitError],
])('%o: the caller sees a failure, and Stripe made %i', async (fault, made, error) => {
  const outcome = await tryOnce(fault)
  expect(outcome.error).toBeInstanceOf(error)
  expect(outcome.made).toBe(made)
})

test('a delay only delays, and what no fault was planned for goes through unharmed', async () => {
  for (const fault of [
    { kind: 'delay', ms: 20, when: 'before' },
    { kind: 'delay', ms: 20, when: 'after' },
    null,
  ] as const) {
    expect(await tryOnce(fault)).toMatchObject({ error: null, made: 1 })
  }
})

test('requests are noted with their keys and what befell them', async () => {
  const { idempotencyKey } = await tryOnce({ kind: 'reset_before' })
  const [noted] = proxy.requests.filter(({ method }) => method === 'POST')
  expect(noted).toMatchObject({
    path: '/v1/payment_intents',
    idempotencyKey,
    fault: { kind: 'reset_before' },
  })
  expect(noted?.body).toContain('amount=1000')
})

test('a decision is asked about each request that no plan took', async () => {
  proxy.failNext({ kind: 'status', status: 500, when: 'before' })
  proxy.decideWith(({ method }) => (method === 'POST' ? { kind: 'reset_before' } : null))
  expect((await tryOnce(null)).error).toBeInstanceOf(Stripe.errors.StripeAPIError)
  expect((await tryOnce(null)).error).toBeInstanceOf(lost)
})
