/** Idempotency keys: what is saved, what is replayed, what is refused. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Stripe from 'stripe'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cardPayment, START, startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'
import { createManualClock } from '../index.ts'

const form = (amount: number): string =>
  `amount=${amount}&currency=usd&confirm=true&payment_method=pm_card_visa&allowed_payment_method_types[]=card`

describe('the same key with the same parameters', () => {
  it('answers the first answer again, and charges once', async () => {
    const { stripe, request } = await startSandbox()
    const headers = { 'idempotency-key': 'order-1' }
    const first = await request('POST', '/v1/payment_intents', { body: form(500), headers })
    const second = await request('POST', '/v1/payment_intents', { body: form(500), headers })

    expect(second.json).toEqual(first.json)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(first.headers.get('original-request')).toBe(first.headers.get('request-id'))
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.headers.get('original-request')).toBe(first.headers.get('request-id'))
    expect(second.headers.get('request-id')).not.toBe(first.headers.get('request-id'))
    expect(second.headers.get('idempotency-key')).toBe('order-1')
    expect((await stripe.charges.list()).data).toHaveLength(1)
  })

  it('does not mind the order of the parameters', async () => {
    const { request } = await startSandbox()
    const headers = { 'idempotency-key': 'order-1' }
    await request('POST', '/v1/customers', { body: 'name=Ada&metadata[a]=1&metadata[b]=2', headers })
    const again = await request('POST', '/v1/customers', {
      body: 'metadata[b]=2&metadata[a]=1&name=Ada',
      headers,
    })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
  })

  it('replays a decline', async () => {
    const { stripe } = await startSandbox()
    const pay = () =>
      stripe.paymentIntents.create(cardPayment({ payment_method: 'pm_card_chargeDeclined' }), {
        idempotencyKey: 'order-1',
      })
    const first = await stripeErrorOf(pay())
    const second = await stripeErrorOf(pay())
    expect(second.raw).toMatchObject({ charge: (first.raw as { charge: string }).charge })
    expect((await stripe.charges.list()).data).toHaveLength(1)
  })

  it('replays an error that came once work had begun', async () => {
    const { request } = await startSandbox()
    const headers = { 'idempotency-key': 'refund-1' }
    const first = await request('POST', '/v1/refunds', { body: 'charge=ch_none', headers })
    const second = await request('POST', '/v1/refunds', { body: 'charge=ch_none', headers })
    expect(first.status).toBe(404)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.json).toEqual(first.json)
  })

  it('replays a fault of the server itself, with nothing half done', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'sandbox.sqlite')
    const { sandbox, stripe, request } = await startSandbox({ file })
    sandbox.ensureWebhookEndpoint({ url: 'http://127.0.0.1:9/nobody', enabledEvents: ['charge.succeeded'] })
    const saboteur = new DatabaseSync(file)
    saboteur.exec('alter table deliveries rename to lost')
    const headers = { 'idempotency-key': 'order-1' }
    const first = await request('POST', '/v1/payment_intents', { body: form(500), headers })
    saboteur.exec('alter table lost rename to deliveries')
    saboteur.close()
    const second = await request('POST', '/v1/payment_intents', { body: form(500), headers })
    expect([first.status, first.json.error.type]).toEqual([500, 'api_error'])
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect((await stripe.paymentIntents.list()).data).toEqual([])
    expect((await stripe.events.list()).data).toEqual([])
  })

  it('is remembered for a day', async () => {
    const clock = createManualClock(START)
    const { request } = await startSandbox({ clock })
    const headers = { 'idempotency-key': 'order-1' }
    const first = await request('POST', '/v1/customers', { body: 'name=Ada', headers })
    clock.set(START + 24 * 3600_000)
    const within = await request('POST', '/v1/customers', { body: 'name=Ada', headers })
    clock.set(START + 24 * 3600_000 + 1)
    const after = await request('POST', '/v1/customers', { body: 'name=Ada', headers })
    expect(within.json.id).toBe(first.json.id)
    expect(after.json.id).not.toBe(first.json.id)
  })
})

describe('the same key for another request', () => {
  it.each([
    ['other parameters', '/v1/payment_intents', form(501), 'sk_test_sandbox'],
    ['another endpoint', '/v1/customers', 'name=Ada', 'sk_test_sandbox'],
  ])('is refused: %s', async (_case, path, body, key) => {
    const { request } = await startSandbox()
    const headers = { 'idempotency-key': 'order-1' }
    await request('POST', '/v1/payment_intents', { body: form(500), headers })
    const refused = await request('POST', path, { body, headers, key })
    expect(refused.status).toBe(400)
    expect(refused.json.error).toMatchObject({
      type: 'idempotency_error',
      message:
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'order-1' if you meant to execute a different request.",
    })
    expect(refused.json.error.code).toBeUndefined()
  })
})

describe('a request in flight', () => {
  it('refuses its twin with 409, which may be sent again', async () => {
    const { request } = await startSandbox({ latencyMs: 50 })
    const headers = { 'idempotency-key': 'order-1' }
    const answers = await Promise.all(
      [1, 2].map(() => request('POST', '/v1/payment_intents', { body: form(500), headers })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const refused = answers.find(({ status }) => status === 409)
    expect(refused?.json.error.code).toBe('idempotency_key_in_use')
    expect(refused?.headers.get('stripe-should-retry')).toBe('true')
    const again = await request('POST', '/v1/payment_intents', { body: form(500), headers })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
  })
})

describe('nothing is saved', () => {
  it('when a parameter was refused before any work', async () => {
    const { request } = await startSandbox()
    const headers = { 'idempotency-key': 'order-1' }
    const refused = await request('POST', '/v1/customers', { body: 'nmae=Ada', headers })
    const mended = await request('POST', '/v1/customers', { body: 'name=Ada', headers })
    expect([refused.status, mended.status]).toEqual([400, 200])
  })

  it('when the key was wrong', async () => {
    const { request } = await startSandbox()
    const headers = { 'idempotency-key': 'order-1' }
    await request('POST', '/v1/customers', { body: 'name=Ada', headers, key: 'nonsense' })
    const mended = await request('POST', '/v1/customers', { body: 'name=Ada', headers })
    expect(mended.headers.get('idempotent-replayed')).toBeNull()
  })

  it('for GET and DELETE', async () => {
    const { stripe, request } = await startSandbox()
    const { id } = await stripe.customers.create({ name: 'Ada' })
    const headers = { 'idempotency-key': 'order-1' }
    await request('GET', `/v1/customers/${id}`, { headers })
    const deleted = await request('DELETE', `/v1/customers/${id}`, { headers })
    const gone = await request('DELETE', `/v1/customers/${id}`, { headers })
    expect([deleted.status, gone.status]).toEqual([200, 404])
  })
})

it('a key of more than 255 characters is refused', async () => {
  const { request } = await startSandbox()
  const create = (length: number) =>
    request('POST', '/v1/customers', { body: 'name=Ada', headers: { 'idempotency-key': 'k'.repeat(length) } })
  expect((await create(255)).status).toBe(200)
  expect((await create(256)).json.error.message).toContain('at most 255')
})

it('the SDK repeats a call whose answer got lost, and the payment is made once', async () => {
  const { client, stripe } = await startSandbox()
  const network = losingFirstAnswer()
  const transport = Stripe.createFetchHttpClient(network.fetch)
  const impatient = client('sk_test_sandbox', { maxNetworkRetries: 1, httpClient: transport })
  const intent = await impatient.paymentIntents.create(cardPayment())
  expect(network.requests()).toBe(2)
  expect((await stripe.charges.list()).data.map(({ id }) => id)).toEqual([intent.latest_charge])
})

/** Lets every request through to the server, and loses what it answers to the first. */
function losingFirstAnswer(): { fetch: typeof fetch; requests(): number } {
  let requests = 0
  return {
    requests: () => requests,
    async fetch(...request) {
      const response = await fetch(...request)
      if (++requests > 1) return response
      await response.arrayBuffer()
      throw new TypeError('fetch failed')
    },
  }
}
