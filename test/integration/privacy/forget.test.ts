/** A customer asks to be forgotten: nothing of them is left in any file of the product, and the books stay whole. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { PERSONAL } from '../../support/personal-events.ts'
import { openSse } from '../realtime/sse-reader.ts'
import { openStory, type Story } from '../stories/open-story.ts'

let story: Story & { end(): Promise<void> }
beforeEach(async () => {
  story = await openStory()
})
afterEach(() => story.end())

const who = {
  name: PERSONAL.name,
  email: PERSONAL.email,
  phone: PERSONAL.phone,
  address: { line1: PERSONAL.street, city: PERSONAL.city, postal_code: PERSONAL.postalCode, country: 'DE' },
}

/** The product's own files; the local Stripe's copy is Stripe's. */
function filesHolding(text: string): string[] {
  const folder = story.server.dataDir
  return readdirSync(folder)
    .filter((name) => name.startsWith('tollbridge.db'))
    .filter((name) => readFileSync(join(folder, name)).includes(text))
}

async function settled(): Promise<readonly Record<string, unknown>[]> {
  await story.server.sandbox.idle()
  const sent = (await story.stripe.events.list({ limit: 100 })).data.length
  return eventually(async () => {
    const { data } = (await story.get('/v1/events?limit=100')).body
    return data.length === sent ? data : null
  })
}

const forget = (body: object) => story.post('/v1/admin/forget', body, { key: story.server.operatorKey ?? '' })

async function aShoppersLife(): Promise<{ customer: string; paid: Record<string, unknown> }> {
  const { stripe, post } = story
  const customer = await stripe.customers.create({ ...who, description: `${PERSONAL.name} of the fair` })
  const order = {
    order_id: 'cart-1',
    amount: 1999,
    customer: customer.id,
    description: `Mug for ${PERSONAL.name}`,
    receipt_email: PERSONAL.email,
    metadata: { deliver_to: PERSONAL.street },
  }
  expect((await post('/v1/payments', { ...order, token: 'tok_chargeDeclined' })).status).toBe(402)
  const paid = await post('/v1/payments', { ...order, token: 'tok_visa' })
  expect(paid.status).toBe(200)
  await post(`/v1/payments/${paid.body.id}/refund`, { amount: 500 }, { headers: { 'idempotency-key': 'r' } })
  await stripe.customers.update(customer.id, { name: PERSONAL.newName, email: PERSONAL.newEmail })
  return { customer: customer.id, paid: paid.body }
}

test('after it, no file of the product holds a word of theirs, and every id, amount and state is there', async () => {
  const { customer, paid } = await aShoppersLife()
  const before = await settled()
  const personal = [
    PERSONAL.name,
    PERSONAL.newName,
    PERSONAL.email,
    PERSONAL.newEmail,
    PERSONAL.phone,
    PERSONAL.street,
  ]
  for (const word of personal) expect(filesHolding(word), word).not.toEqual([])

  const { status, body } = await forget({ customer })
  expect(status).toBe(200)
  expect(body).toMatchObject({ object: 'forgotten_customer', customer, events: before.length })
  expect(body.events_changed).toBe(before.length)
  expect(body.attempts_changed).toBeGreaterThan(1)
  for (const word of personal) expect(filesHolding(word), word).toEqual([])

  const after = await settled()
  const facts = ({ payload: _payload, updated: _updated, ...rest }: Record<string, unknown>) => rest
  expect(after.map(facts)).toEqual(before.map(facts))
  expect((await story.get('/v1/payments')).body.data).toMatchObject([
    { id: paid['id'], order_id: 'cart-1', amount: 1999, amount_refunded: 500, status: 'succeeded', customer },
  ])
  expect((await forget({ customer })).body).toMatchObject({
    events: before.length,
    events_changed: 0,
    attempts_changed: 0,
  })
})

test('a stream that resumes reads what is left, each event once and in its place', async () => {
  const { customer } = await aShoppersLife()
  const before = await settled()
  const half = Math.floor(before.length / 2)
  await forget({ customer })
  const stream = await openSse(`${story.server.url}/v1/stream`, {
    authorization: `Bearer ${story.server.serverKey}`,
    'last-event-id': String(before.at(-half)?.['position'] ?? 0),
  })
  await stream.has(before.length - half)
  expect(stream.events()).toHaveLength(before.length - half)
  expect(JSON.stringify(stream.blocks)).not.toMatch(/Zaphod|zaphod/)
  stream.close()
})

test.each([
  [{}, 'parameter_missing'],
  [{ customer: 'pat@example.com' }, 'parameter_invalid'],
  [{ customer: 'cus_1', app: 'x' }, 'parameter_invalid'],
])('a body that names no customer is refused: %o', async (body, code) => {
  expect(await forget(body)).toMatchObject({ status: 400, body: { error: { code } } })
})

test('a client key forgets nobody', async () => {
  const { status } = await story.post(
    '/v1/admin/forget',
    { customer: 'cus_1' },
    { key: story.server.clientKey },
  )
  expect(status).toBe(403)
})
