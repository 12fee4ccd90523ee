/** Order ids that can be guessed, at every door that reads: a watch token opens its own payment of the order alone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { anEar, openSession, type SdkSession, signIn } from '../backendless/sdk-session.ts'
import { type PaymentsUnderTest, startPayments } from '../payments/start-payments.ts'
import { openSse, type SseReader } from './sse-reader.ts'

const ORDER = '1001'
const BY_ORDER = `orderId = '${ORDER}'`

let shop: PaymentsUnderTest
/** Began the order by its number, and was never paid. */
let stranger: { readonly intent: string; readonly token: string }
/** Took the order over and paid it. */
let owner: typeof stranger
const closers: (() => void)[] = []

beforeAll(async () => {
  shop = await startPayments({ env: { ORDER_IDS_ARE_SECRET: 'false' } })
  const order = { amount: 900, currency: 'usd', order_id: ORDER }
  const begun = await shop.post('/v1/payments', order, {
    as: 'stranger',
    headers: { 'Idempotency-Key': 'a-key-of-the-stranger' },
  })
  const paid = await shop.post('/v1/payments', { ...order, token: 'tok_visa' })
  stranger = { intent: begun.body.id, token: begun.body.watch_token }
  owner = { intent: paid.body.id, token: paid.body.watch_token }
  expect([begun.status, paid.status, paid.body.status]).toEqual([200, 200, 'succeeded'])
  expect(owner.intent).not.toBe(stranger.intent)
  await eventually(async () => {
    const { body } = await shop.get(`/v1/events?where=${encodeURIComponent(BY_ORDER)}`)
    const types: string[] = body.data.map(({ type }: { type: string }) => type)
    return ['payment_intent.canceled', 'charge.succeeded', 'payment_intent.succeeded'].every((type) =>
      types.includes(type),
    )
  })
})
afterEach(() => {
  for (const close of closers.splice(0)) close()
})
afterAll(() => shop.server.stop())

interface Seen {
  /** The payments whose events were shown; or the code of the refusal. */
  readonly payments: readonly string[]
  readonly refusal: string | null
}

type Door = (where: string, token: string | null) => Promise<Seen>

const unique = (rows: readonly { readonly paymentIntentId?: unknown }[]) => [
  ...new Set(rows.map(({ paymentIntentId }) => String(paymentIntentId))),
]
const seen = (rows: readonly { readonly paymentIntentId?: unknown }[]): Seen => ({
  payments: unique(rows),
  refusal: null,
})
const refused = (code: unknown): Seen => ({ payments: [], refusal: String(code) })

async function ask(path: string, token: string | null, init: RequestInit = {}) {
  const { url, clientKey } = shop.server
  const shown: Record<string, string> =
    token === null ? {} : { 'Tollbridge-Watch-Token': token, 'user-token': token }
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...shown }
  const answer = await fetch(url + path, { ...init, headers })
  return { status: answer.status, body: (await answer.json()) as never }
}

const root = () => `/${shop.server.appId}/${shop.server.clientKey}/data/StripeEvents`
const query = (where: string) => `where=${encodeURIComponent(where)}&pageSize=100`

/** The Backendless table; `of` makes rows of an answer. */
const table =
  (path: (where: string) => string, of: (body: never) => readonly object[]): Door =>
  async (where, token) => {
    const { status, body } = await ask(path(where), token)
    if (status !== 200) return refused((body as { errorData?: { code: string } }).errorData?.code)
    return seen(of(body))
  }

const doors: Readonly<Record<string, Door>> = {
  'GET /v1/events': async (where, token) => {
    const { status, body } = await ask(`/v1/events?where=${encodeURIComponent(where)}`, token)
    const { data, error } = body as { data: object[]; error?: { code: string } }
    return status === 200 ? seen(data) : refused(error?.code)
  },
  'Data.find': table(
    (where) => `${root()}?${query(where)}`,
    (body) => body,
  ),
  'Data.findFirst': table(
    (where) => `${root()}/first?${query(where)}`,
    (body) => [body],
  ),
  'Data.findLast': table(
    (where) => `${root()}/last?${query(where)}`,
    (body) => [body],
  ),
  'GET /v1/stream': async (where, token) => {
    const { url, clientKey } = shop.server
    const shown = token === null ? {} : { watch_token: token }
    const parameters = new URLSearchParams({
      selector: where,
      client_key: clientKey,
      last_event_id: '0',
      ...shown,
    })
    const reader: SseReader = await openSse(`${url}/v1/stream?${parameters}`)
    closers.push(reader.close)
    if (reader.status !== 200) {
      const { body } = await ask(`/v1/stream?${parameters}`, null)
      return refused((body as { error: { code: string } }).error.code)
    }
    // Caught up: an id without data.
    await eventually(() => reader.blocks.some(({ id, data }) => id !== undefined && data === undefined))
    return seen(reader.events().map(({ data }) => data?.['headers'] as object))
  },
  'a message listener': async (where, token) => {
    const { sdk } = session(token)
    const ear = anEar<{ headers: object }>()
    sdk.Messaging.subscribe('stripe').addMessageListener(where, ear.listen, ear.fail)
    return heardBy(ear, ({ headers }) => headers)
  },
  'a data listener': async (where, token) => {
    const { sdk } = session(token)
    const ear = anEar<object>()
    sdk.Data.of('StripeEvents').rt().addCreateListener(where, ear.listen, ear.fail)
    return heardBy(ear, (row) => row)
  },
}

function session(token: string | null): SdkSession {
  const { appId, clientKey, url } = shop.server
  const opened = openSession('8.0.0', { appId, key: clientKey, url })
  closers.push(opened.close)
  if (token !== null) signIn(opened.sdk, token)
  return opened
}

/** Until the events of the last moments have come: each payment has a last one. */
async function heardBy<T>(ear: ReturnType<typeof anEar<T>>, rowOf: (item: T) => object): Promise<Seen> {
  const LAST = ['payment_intent.canceled', 'payment_intent.succeeded']
  await eventually(
    () =>
      ear.errors.length > 0 ||
      ear.heard.some((item) => LAST.includes(String((rowOf(item) as { type?: string }).type))),
  )
  const [error] = ear.errors
  // The SDK keeps the sentence and drops the code.
  if (error?.message.includes('ORDER_IDS_ARE_SECRET')) return refused('watch_token_required')
  if (error !== undefined) return refused(error.message)
  return seen(ear.heard.map(rowOf))
}

describe.each(Object.entries(doors))('by the number of an order, %s', (_, door) => {
  test('shows a client key nothing, and says what would', async () => {
    expect(await door(BY_ORDER, null)).toEqual({ payments: [], refusal: 'watch_token_required' })
  })

  test('shows the holder of a watch token his own payment, and not what the order had besides', async () => {
    expect(await door(BY_ORDER, owner.token)).toEqual({ payments: [owner.intent], refusal: null })
    expect(await door(BY_ORDER, stranger.token)).toEqual({ payments: [stranger.intent], refusal: null })
  })

  test('with an id that nobody guesses opens as ever', async () => {
    const where = `${BY_ORDER} AND paymentIntentId = '${owner.intent}'`
    expect(await door(where, null)).toEqual({ payments: [owner.intent], refusal: null })
  })
})

test('a count by the number of an order is refused, and counts what the token opens', async () => {
  const count = async (token: string | null) => (await ask(`${root()}/count?${query(BY_ORDER)}`, token)).body
  expect(await count(null)).toMatchObject({ errorData: { code: 'watch_token_required' } })
  const [mine, theirs] = [await count(owner.token), await count(stranger.token)]
  const { body } = await shop.get(`/v1/events?where=${encodeURIComponent(BY_ORDER)}&limit=100`)
  expect(Number(mine) + Number(theirs)).toBe(body.data.length)
  expect(Number(mine)).toBeGreaterThan(0)
})

test('in the sandbox the first minute works: an order id alone opens its events', async () => {
  const fresh = await startPayments()
  try {
    const paid = await fresh.post(
      '/v1/payments',
      { amount: 900, currency: 'usd', order_id: '7', token: 'tok_visa' },
      { as: 'client' },
    )
    expect(paid.body.status).toBe('succeeded')
    const rows = await eventually(async () => {
      const { body } = await fresh.get(`/v1/events?where=${encodeURIComponent("orderId = '7'")}`, {
        as: 'stranger',
      })
      return body.data.length > 0 && body.data
    })
    expect(unique(rows)).toEqual([paid.body.id])
  } finally {
    await fresh.server.stop()
  }
})
