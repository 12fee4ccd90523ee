/** The doctor: all green on a good set-up, and each injected fault named with its fix. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../packages/server/src/clock.ts'
import { anEvent } from '../../../packages/server/src/store/event-store-fixture.conformance.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import { serverKeyWith } from '../../support/api-client.ts'
import { adminClient, dataOf, errorOf, type Json } from './admin-client.ts'
import { type AdminSetup, type StripeStandIn, startAdmin } from './start-admin.ts'
import { keyRejected, permissionDenied } from './stripe-proxy.ts'

let admin: AdminSetup
let stripe: StripeStandIn
let endpointId: string
const app_id = 'app_patient'

beforeAll(async () => {
  admin = await startAdmin()
  stripe = await admin.addStripe('patient')
  await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  const { body } = await admin.activate(stripe, { app_id })
  endpointId = String((body['webhook_endpoint'] as Json)['id'])
})
afterAll(() => admin.stop())

async function diagnose(appId = app_id) {
  const { body } = await admin.operator('GET', `/v1/admin/doctor?app_id=${appId}`)
  const checks = body['checks'] as Json[]
  const check = (name: string) => checks.find((it) => it['name'] === name)
  return { status: body['status'], checks, check, faults: checks.filter((it) => it['status'] !== 'ok') }
}

test('a good set-up is all green, with a signed round trip that leaves no trace', async () => {
  const { status, checks, faults } = await diagnose()
  expect(faults).toEqual([])
  expect(status).toBe('ok')
  expect(checks.map(({ name }) => name)).toEqual([
    'store',
    'secrets',
    'queue',
    'app',
    'order_ids',
    'stripe_key',
    'mode',
    'clock',
    'account',
    'publishable_key',
    'permissions',
    'webhook_endpoint',
    'endpoint_status',
    'endpoint_events',
    'api_version',
    'signing_secret',
    'endpoint_url',
    'round_trip',
  ])
  const server = await admin.operator('POST', `/v1/admin/apps/${app_id}/server_keys`)
  const events = await adminClient(admin.tollbridge.url, String(server.body['server_key']))(
    'GET',
    '/v1/events',
  )
  expect(dataOf(events)).toEqual([])
})

test('the app of the first minute, on the local Stripe, is all green as well', async () => {
  expect((await diagnose(admin.tollbridge.appId)).faults).toEqual([])
})

test('a wrong key', async () => {
  stripe.proxy.answer = keyRejected
  const { status, check } = await diagnose()
  stripe.proxy.answer = null
  expect(status).toBe('fail')
  expect(check('stripe_key')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('Stripe does not accept the secret key'),
    fix: expect.stringContaining('activate the app again'),
  })
})

test('a restricted key without a permission', async () => {
  stripe.proxy.answer = ({ method, path }) =>
    method === 'POST' && path.startsWith('/v1/payment_intents') ? permissionDenied() : null
  const { check } = await diagnose()
  stripe.proxy.answer = null
  expect(check('permissions')).toMatchObject({
    status: 'fail',
    message: 'The restricted key lacks PaymentIntents write.',
    fix: expect.stringContaining('Edit the key'),
  })
})

test('Stripe that cannot be reached, while the round trip is still tried', async () => {
  stripe.proxy.answer = () => ({ status: 503, body: { error: { type: 'api_error', message: 'x' } } })
  const { check } = await diagnose()
  stripe.proxy.answer = null
  expect(check('stripe_key')).toMatchObject({ status: 'fail', fix: expect.stringContaining('network') })
  expect(check('round_trip')).toMatchObject({ status: 'ok' })
})

test.each([
  [400, 'fail', 'behind', 'refused'],
  [-400, 'fail', 'ahead of', 'refused'],
  [90, 'warn', 'behind', ''],
])('a clock that is %i s off is a %s', async (seconds, status, direction, consequence) => {
  stripe.proxy.dateOffsetMs = seconds * 1000
  const { check } = await diagnose()
  stripe.proxy.dateOffsetMs = 0
  expect(check('clock')).toMatchObject({ status, fix: expect.stringContaining('NTP') })
  expect(check('clock')?.['message']).toContain(direction)
  expect(check('clock')?.['message']).toContain(consequence)
})

test('an endpoint that was disabled', async () => {
  await stripe.sdk.webhookEndpoints.update(endpointId, { disabled: true })
  const { check } = await diagnose()
  await stripe.sdk.webhookEndpoints.update(endpointId, { disabled: false })
  expect(check('endpoint_status')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining(`${endpointId} is disabled`),
    fix: expect.stringContaining('tollbridge activate'),
  })
})

test('events that are not subscribed', async () => {
  const before = await stripe.sdk.webhookEndpoints.retrieve(endpointId)
  const fewer = before.enabled_events.filter((type) => type !== 'charge.dispute.created')
  await stripe.sdk.webhookEndpoints.update(endpointId, { enabled_events: fewer as never })
  const { check } = await diagnose()
  await stripe.sdk.webhookEndpoints.update(endpointId, { enabled_events: before.enabled_events as never })
  expect(check('endpoint_events')).toMatchObject({
    status: 'fail',
    message: `The webhook endpoint ${endpointId} is not subscribed to charge.dispute.created.`,
    fix: expect.stringContaining('tollbridge activate'),
  })
})

test('a second endpoint for the same address', async () => {
  const { id } = await stripe.sdk.webhookEndpoints.create({
    url: `${admin.tollbridge.url}/webhooks/stripe/${app_id}/`,
    enabled_events: ['*'],
  })
  const { check } = await diagnose()
  await stripe.sdk.webhookEndpoints.del(id)
  expect(check('webhook_endpoint')).toMatchObject({ status: 'warn', fix: expect.stringContaining(id) })
})

test('an endpoint that was deleted', async () => {
  const other = await admin.addStripe('deleted')
  await admin.operator('POST', '/v1/admin/apps', { app_id: 'app_deleted', mode: 'test' })
  const { body } = await admin.activate(other, { app_id: 'app_deleted' })
  await other.sdk.webhookEndpoints.del(String((body['webhook_endpoint'] as Json)['id']))
  const { check } = await diagnose('app_deleted')
  expect(check('webhook_endpoint')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('no event arrives'),
    fix: expect.stringContaining('makes the endpoint'),
  })
})

test('an address that redirects, that somebody else answers, and that nobody answers', async () => {
  const answers = { status: 301, location: 'https://www.example.com/' }
  const other = createServer((request, response) => {
    request.resume()
    response.writeHead(answers.status, answers.status === 301 ? { location: answers.location } : {})
    response.end('{"message": "the words of somebody else"}')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  await admin.activate(stripe, { app_id, public_url: url })
  expect((await diagnose()).check('endpoint_url')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('answers 301, which points elsewhere'),
    fix: expect.stringContaining('final address'),
  })
  expect(JSON.stringify((await diagnose()).checks)).not.toContain('example.com')
  answers.status = 200
  expect((await diagnose()).check('endpoint_url')).toMatchObject({
    status: 'fail',
    message: `${url}/webhooks/stripe/${app_id} answers 200, and not as this server does.`,
    fix: expect.stringContaining('Something else answers there'),
  })
  await new Promise((resolve) => other.close(resolve))
  other.closeAllConnections()
  expect((await diagnose()).check('endpoint_url')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('cannot be reached from here'),
    fix: expect.stringContaining('DNS'),
  })
  await admin.activate(stripe, { app_id })
  expect((await diagnose()).faults).toEqual([])
})

test('an app without keys, and an app without a signing secret', async () => {
  await admin.operator('POST', '/v1/admin/apps', { app_id: 'app_fresh', mode: 'test' })
  expect((await diagnose('app_fresh')).check('stripe_key')).toMatchObject({
    status: 'fail',
    fix: expect.stringContaining('tollbridge activate'),
  })
  const secrets = dataOf(await admin.operator('GET', `/v1/admin/signing_secrets?app_id=${app_id}`))
  for (const { id } of secrets) {
    await admin.operator('DELETE', `/v1/admin/signing_secrets/${id}?app_id=${app_id}`)
  }
  expect((await diagnose()).check('signing_secret')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('answers 404'),
  })
  await admin.activate(stripe, { app_id, replace: true })
  expect((await diagnose()).faults).toEqual([])
})

test('a queue that stands still', async () => {
  const store = await openSqliteStore({
    file: join(admin.tollbridge.dataDir, 'tollbridge.db'),
    autoMigrate: false,
    clock: systemClock,
    isGuest: true,
  })
  const receivedAt = Date.now() - 3_600_000
  await store.events.insertOnce(anEvent({ appId: app_id, receivedAt }), { leaseMs: 7_200_000 })
  await store.close()
  expect((await diagnose()).check('queue')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('the oldest for 60 min'),
    fix: expect.stringContaining('See that a server runs'),
  })
})

test('an app that is disabled is a warning', async () => {
  await admin.operator('POST', `/v1/admin/apps/${app_id}/disable`)
  const { check } = await diagnose()
  await admin.operator('POST', `/v1/admin/apps/${app_id}/enable`)
  expect(check('app')).toMatchObject({ status: 'warn', fix: `tollbridge apps enable ${app_id}` })
})

test('an app of somebody else is not diagnosed', async () => {
  const server = adminClient(admin.tollbridge.url, (await serverKeyWith(admin.tollbridge, ['admin'])).key)
  const refused = await server('GET', `/v1/admin/doctor?app_id=${app_id}`)
  expect(errorOf(refused)).toMatchObject({ code: 'operator_key_required' })
  expect((await server('GET', '/v1/admin/doctor')).body).toMatchObject({ app_id: admin.tollbridge.appId })
  const client = adminClient(admin.tollbridge.url, admin.tollbridge.clientKey)
  expect(errorOf(await client('GET', '/v1/admin/doctor'))).toMatchObject({ code: 'operator_key_required' })
  const forged = adminClient(admin.tollbridge.url, 'tbo_forged')
  expect(errorOf(await forged('GET', '/v1/admin/doctor'))).toMatchObject({ code: 'api_key_invalid' })
})

test.each([
  ['nobody said', '', 'warn', 403],
  ['they can be', 'false', 'ok', 403],
  ['they cannot be', 'true', 'warn', 200],
] as const)(
  'whether order ids can be guessed is asked of a test app: %s',
  async (_, setting, status, read) => {
    const asked = await startAdmin({ env: { ORDER_IDS_ARE_SECRET: setting } })
    try {
      const account = await asked.addStripe('asked')
      const { body: app } = await asked.operator('POST', '/v1/admin/apps', {
        app_id: 'app_asked',
        mode: 'test',
      })
      const { body: activation } = await asked.activate(account, { app_id: 'app_asked' })
      const { body } = await asked.operator('GET', '/v1/admin/doctor?app_id=app_asked')
      const check = (body['checks'] as Json[]).find(({ name }) => name === 'order_ids')
      expect(check).toMatchObject({ status })
      const warning = `${String(check?.['message'])} ${String(check?.['fix'])}`
      expect(activation['warnings']).toEqual(status === 'ok' ? [] : [warning])
      // And what is asked about is what happens.
      const [clientKey] = app['client_keys'] as string[]
      const { url } = asked.tollbridge
      const events = await fetch(`${url}/v1/events?where=${encodeURIComponent("orderId = '17'")}`, {
        headers: { authorization: `Bearer ${clientKey}` },
      })
      expect(events.status).toBe(read)
    } finally {
      await asked.stop()
    }
  },
)
