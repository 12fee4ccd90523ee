/** Rolling a signing secret: the old and the new verify side by side, so that no delivery is lost. */
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { adminClient, dataOf, errorOf, type Json } from './admin-client.ts'
import { type AdminSetup, type StripeStandIn, startAdmin } from './start-admin.ts'

let admin: AdminSetup
let stripe: StripeStandIn
const app_id = 'app_rolling'
const secretsPath = `/v1/admin/signing_secrets?app_id=${app_id}`

beforeAll(async () => {
  admin = await startAdmin()
  stripe = await admin.addStripe('rolling')
  await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  await admin.activate(stripe, { app_id })
})
afterAll(() => admin.stop())

/** A delivery as Stripe signs it. @returns the status of the answer */
async function deliver(secret: string, id: string): Promise<number> {
  const body = JSON.stringify({
    id,
    object: 'event',
    type: 'customer.created',
    created: 1,
    livemode: false,
    data: { object: { id: 'cus_1', object: 'customer' } },
  })
  const t = Math.floor(Date.now() / 1000)
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')
  const answer = await fetch(`${admin.tollbridge.url}/webhooks/stripe/${app_id}`, {
    method: 'POST',
    headers: { 'stripe-signature': `t=${t},v1=${v1}` },
    body,
  })
  return answer.status
}

test('during a roll Stripe’s deliveries and those with the new secret are all taken', async () => {
  const fresh = 'whsec_theNewOne1234567890'
  const made: string[] = []
  const customers = async (count: number) => {
    for (let index = 0; index < count; index += 1) made.push((await stripe.sdk.customers.create({})).id)
  }
  const before = customers(10)
  const rolled = await admin.operator('POST', '/v1/admin/signing_secrets/roll', {
    app_id,
    signing_secret: fresh,
    overlap_seconds: 3600,
  })
  expect(rolled.body).toMatchObject({ object: 'signing_secret', status: 'active', valid_until: null })
  // Stripe signs with the old secret until its side is rolled.
  await Promise.all([before, customers(10)])
  expect(await deliver(fresh, 'evt_signedWithTheNewOne')).toBe(200)
  await stripe.sandbox.idle()

  const key = await admin.operator('POST', `/v1/admin/apps/${app_id}/server_keys`)
  const server = adminClient(admin.tollbridge.url, String(key.body['server_key']))
  const stored = (await server('GET', '/v1/events?limit=100')).text
  for (const id of [...made, 'evt_signedWithTheNewOne']) expect(stored).toContain(id)
  const states = dataOf(await admin.operator('GET', secretsPath)).map(({ status }) => status)
  expect(states).toEqual(['rolling_out', 'active'])
})

test('without an overlap the old secret ends at once', async () => {
  await admin.operator('POST', '/v1/admin/signing_secrets', { app_id, signing_secret: 'whsec_second1234567' })
  expect(await deliver('whsec_second1234567', 'evt_second')).toBe(200)
  await admin.operator('POST', '/v1/admin/signing_secrets/roll', {
    app_id,
    signing_secret: 'whsec_third12345678',
    overlap_seconds: 0,
  })
  await eventually(async () => (await deliver('whsec_second1234567', 'evt_late')) === 400)
  expect(await deliver('whsec_third12345678', 'evt_third')).toBe(200)
})

test('a retired secret verifies nothing any more, and the same secret is kept once', async () => {
  const add = () =>
    admin.operator('POST', '/v1/admin/signing_secrets', { app_id, signing_secret: 'whsec_fourth1234567' })
  const first = await add()
  expect((await add()).body['id']).toBe(first.body['id'])
  expect(await deliver('whsec_fourth1234567', 'evt_fourth')).toBe(200)
  const gone = await admin.operator(
    'DELETE',
    `/v1/admin/signing_secrets/${first.body['id']}?app_id=${app_id}`,
  )
  expect(gone.body).toMatchObject({ deleted: true })
  expect(await deliver('whsec_fourth1234567', 'evt_fifth')).toBe(400)
  const again = await admin.operator(
    'DELETE',
    `/v1/admin/signing_secrets/${first.body['id']}?app_id=${app_id}`,
  )
  expect(errorOf(again)).toMatchObject({ code: 'resource_missing' })
})

test('what is no signing secret is refused by name', async () => {
  for (const [body, param] of [
    [{ app_id, signing_secret: 'sk_test_wrongThing12345' }, 'signing_secret'],
    [{ app_id }, 'signing_secret'],
    [{ app_id, signing_secret: 'whsec_fine12345678', endpoint_id: 'pi_1' }, 'endpoint_id'],
  ] as [Json, string][]) {
    expect(errorOf(await admin.operator('POST', '/v1/admin/signing_secrets', body))).toMatchObject({ param })
  }
  const long = await admin.operator('POST', '/v1/admin/signing_secrets/roll', {
    app_id,
    signing_secret: 'whsec_fine12345678',
    overlap_seconds: 10_000_000,
  })
  expect(errorOf(long)).toMatchObject({ param: 'overlap_seconds' })
})
