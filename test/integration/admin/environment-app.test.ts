/** The app whose Stripe keys stand in the settings: activation and the doctor work for it as well. */
import { rmSync } from 'node:fs'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox } from '../../../packages/sandbox/src/index.ts'
import { readConfig } from '../../../packages/server/src/config.ts'
import { silentLog } from '../../../packages/server/src/log.ts'
import { type RunningServer, startServer } from '../../../packages/server/src/start/start-server.ts'
import { freePort, temporaryFolder } from '../../support/product-process.ts'
import { type AdminClient, adminClient, errorOf, type Json } from './admin-client.ts'

const stripe = createSandbox()
const folder = temporaryFolder()
let server: RunningServer
let operator: AdminClient
let sdk: Stripe
let endpointId: string
let publicUrl: string

beforeAll(async () => {
  const { url: apiBase } = await stripe.listen({ port: 0 })
  const port = await freePort()
  publicUrl = `http://localhost:${port}`
  const { hostname, port: apiPort } = new URL(apiBase)
  sdk = new Stripe('sk_test_fromSettings1234', { host: hostname, port: Number(apiPort), protocol: 'http' })
  // Made by hand in the dashboard, as the README says.
  const endpoint = await sdk.webhookEndpoints.create({
    url: `${publicUrl}/webhooks/stripe`,
    enabled_events: ['charge.succeeded'],
    api_version: Stripe.API_VERSION,
  })
  endpointId = endpoint.id
  server = await startServer(
    readConfig({
      PORT: String(port),
      TOLLBRIDGE_DATA_DIR: folder.path,
      PUBLIC_URL: publicUrl,
      STRIPE_API_BASE: apiBase,
      STRIPE_SECRET_KEY: 'sk_test_fromSettings1234',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_fromSettings1234',
      STRIPE_WEBHOOK_SECRET: endpoint.secret ?? '',
      CURRENCY: 'eur',
      ORDER_IDS_ARE_SECRET: 'false',
      CLIENT_KEY: 'key-of-the-settings',
      // Its public address is this machine, which real keys do not open by themselves.
      OUTBOUND_ADDRESSES: '127.0.0.0/8,::1',
    }),
    silentLog,
  )
  operator = adminClient(server.url, server.newOperatorKey ?? '')
})
afterAll(async () => {
  await server.stop()
  await stripe.close()
  rmSync(folder.path, { recursive: true, force: true })
})

test('the doctor names what the endpoint made by hand lacks', async () => {
  const { body } = await operator('GET', '/v1/admin/doctor')
  const faults = (body['checks'] as Json[]).filter(({ status }) => status !== 'ok')
  expect(faults.map(({ name }) => name)).toEqual(['endpoint_events'])
})

test('activation without keys takes those of the settings, and that endpoint', async () => {
  const activated = await operator('POST', '/v1/admin/activate', {})
  expect(activated.body).toMatchObject({
    app: { id: server.appId, stripe_secret_key: 'environment', currency: 'eur', default: true },
    webhook_endpoint: { id: endpointId, outcome: 'updated' },
  })
  expect((await sdk.webhookEndpoints.list()).data.map(({ id }) => id)).toEqual([endpointId])
  expect((await operator('GET', '/v1/admin/doctor')).body['status']).toBe('ok')
  expect((await operator('POST', '/v1/admin/activate', {})).body).toMatchObject({ changed: [] })
})

test('what the settings decide is changed there', async () => {
  for (const [body, setting] of [
    [{ secret_key: 'sk_test_another12345' }, 'STRIPE_SECRET_KEY'],
    [{ publishable_key: 'pk_test_another12345' }, 'STRIPE_PUBLISHABLE_KEY'],
    [{ currency: 'usd' }, 'CURRENCY'],
  ] as const) {
    const refused = await operator('POST', '/v1/admin/activate', { app_id: server.appId, ...body })
    expect([refused.status, errorOf(refused)['code']]).toEqual([409, 'managed_by_environment'])
    expect(errorOf(refused)['message']).toContain(setting)
  }
  const key = await operator('POST', `/v1/admin/apps/${server.appId}/client_keys`)
  expect(errorOf(key)['message']).toContain('CLIENT_KEY')
})
