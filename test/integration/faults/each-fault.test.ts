/** Each fault at each call that moves money: whoever repeats the request until it is answered moves the money once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { EVERY_FAULT, nameOfFault } from '../../support/fault.ts'
import type { ProxiedRequest } from '../../support/fault-proxy.ts'
import { type FaultyShop, openFaultyShop } from './faulty-shop.ts'

let shop: FaultyShop
beforeAll(async () => {
  shop = await openFaultyShop()
  await shop.start()
})
afterAll(() => shop.close())

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(shop.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${shop.serverKey()}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Repeats what the product calls safe to repeat, and nothing else. */
async function untilAnswered(ask: () => Promise<Answer>): Promise<Record<string, unknown>> {
  const answer = await eventually(
    async () => {
      const { status, body } = await ask()
      if (status === 200) return body
      const message = String((body['error'] as { message?: unknown } | undefined)?.message)
      expect([409, 429, 502, 503, 504], message).toContain(status)
      expect(message).toMatch(/safe|repeat/)
      return null
    },
    { timeoutMs: 60_000, what: 'an answer' },
  )
  return answer
}

let made = 0
const newOrder = () => `order-${++made}`

async function pay(order: string, more: object = {}): Promise<string> {
  const body = await untilAnswered(() =>
    post('/v1/payments', { order_id: order, amount: 1999, token: 'tok_visa', ...more }),
  )
  return String(body['id'])
}

interface Call {
  readonly name: string
  /** Brings about what the call needs, on a sound network. */
  prepare(): Promise<{
    readonly order: string
    isIt(request: Omit<ProxiedRequest, 'fault'>): boolean
    /** The request under test, which is repeated as it is. */
    ask(): Promise<Answer>
    /** What must be true at Stripe afterwards: true once the money has moved exactly once. */
    check(): Promise<void>
  }>
}

const intentsOf = async (order: string) =>
  (await shop.stripe.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })).filter(
    ({ metadata }) => metadata['order_id'] === order,
  )
const succeededOf = async (intent: string) =>
  (await shop.stripe.charges.list({ payment_intent: intent })).data.filter(
    ({ status }) => status === 'succeeded',
  )

async function expectPaidOnce(order: string): Promise<void> {
  const [intent, ...others] = await intentsOf(order)
  expect(others).toEqual([])
  expect(intent?.status).toBe('succeeded')
  expect(await succeededOf(intent?.id ?? '')).toHaveLength(1)
}

const calls: readonly Call[] = [
  {
    name: 'a payment',
    async prepare() {
      const order = newOrder()
      return {
        order,
        isIt: ({ path, body }) => path === '/v1/payment_intents' && new RegExp(`=${order}(&|$)`).test(body),
        ask: () => post('/v1/payments', { order_id: order, amount: 1999, token: 'tok_visa' }),
        check: () => expectPaidOnce(order),
      }
    },
  },
  {
    name: 'a second card after a decline',
    async prepare() {
      const order = newOrder()
      const body = { order_id: order, amount: 1999 }
      expect((await post('/v1/payments', { ...body, token: 'tok_chargeDeclined' })).status).toBe(402)
      return {
        order,
        isIt: ({ path, body }) =>
          path.endsWith('/confirm') && body.includes('tok_mastercard') && isOf(path, order),
        ask: () => post('/v1/payments', { ...body, token: 'tok_mastercard' }),
        check: () => expectPaidOnce(order),
      }
    },
  },
  {
    name: 'a capture',
    async prepare() {
      const order = newOrder()
      const id = await pay(order, { capture_method: 'manual' })
      return {
        order,
        isIt: ({ path }) => path.startsWith(`/v1/payment_intents/${id}/capture`),
        ask: () => post(`/v1/payments/${id}/capture`, { amount: 1500 }),
        async check() {
          const [charge, ...others] = await succeededOf(id)
          expect(others).toEqual([])
          expect(charge).toMatchObject({ captured: true, amount_captured: 1500 })
        },
      }
    },
  },
  {
    name: 'a refund of a part',
    async prepare() {
      const order = newOrder()
      const id = await pay(order)
      return {
        order,
        isIt: ({ path, body }) => path.startsWith('/v1/refunds') && body.includes(id),
        ask: () =>
          post(`/v1/payments/${id}/refund`, { amount: 500 }, { 'idempotency-key': `refund of ${order}` }),
        async check() {
          const refunds = await shop.stripe.refunds.list({ payment_intent: id })
          expect(refunds.data.map(({ amount }) => amount)).toEqual([500])
        },
      }
    },
  },
  {
    name: 'a cancellation',
    async prepare() {
      const order = newOrder()
      const id = await pay(order, { capture_method: 'manual' })
      return {
        order,
        isIt: ({ path }) => path.startsWith(`/v1/payment_intents/${id}/cancel`),
        ask: () => post(`/v1/payments/${id}/cancel`),
        async check() {
          expect((await shop.stripe.paymentIntents.retrieve(id)).status).toBe('canceled')
        },
      }
    },
  },
]

/** The PaymentIntent of an order, as the product noted it. */
function isOf(path: string, order: string): boolean {
  const held = shop.numberOf(
    `SELECT count(*) FROM payment_orders WHERE order_id = '${order}' AND '${path}' LIKE '%' || payment_intent_id || '%'`,
  )
  return held === 1
}

describe.concurrent.each(calls)('$name', ({ prepare }) => {
  test.each(EVERY_FAULT.map((fault) => [nameOfFault(fault), fault] as const))('%s', async (_name, fault) => {
    const call = await prepare()
    shop.proxy.failNext(fault, call.isIt)
    const first = await untilAnswered(call.ask)
    await call.check()
    expect(shop.proxy.requests.filter((it) => it.fault === fault && call.isIt(it))).toHaveLength(1)
    // Asked again when all is well, it is the same payment.
    expect((await untilAnswered(call.ask))['id']).toBe(first['id'])
    await call.check()
  })

  test('every fault in a row', async () => {
    const call = await prepare()
    shop.proxy.failNext(EVERY_FAULT, call.isIt)
    await untilAnswered(call.ask)
    await call.check()
  })
})

describe('killed between the call and its answer, the product ends what it began by itself', () => {
  test.each(calls)('$name', async ({ prepare }) => {
    const call = await prepare()
    let reached = () => {}
    const isAtStripe = new Promise<void>((resolve) => {
      reached = resolve
    })
    shop.proxy.onRequest((request) => {
      if (call.isIt(request)) reached()
    })
    shop.proxy.failNext({ kind: 'timeout_after' }, call.isIt)
    const lost = call.ask().catch((error: unknown) => error)
    await isAtStripe
    await shop.kill()
    expect(await lost).toBeInstanceOf(Error)
    shop.proxy.onRequest(null)
    await shop.start()
    // Nobody asks again; the attempt's row does.
    await eventually(
      () => shop.numberOf("SELECT count(*) FROM payment_attempts WHERE state = 'open'") === 0,
      {
        timeoutMs: 30_000,
        what: 'the recovery',
      },
    )
    await call.check()
    // And who asks later is told.
    await untilAnswered(call.ask)
    await call.check()
  })
})
