/** Activation against a Stripe account of its own: everything is checked first, and a repeat changes nothing. */

import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverKeyWith } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { adminClient, dataOf, errorOf, type Json } from './admin-client.ts'
import { type AdminSetup, type StripeStandIn, startAdmin } from './start-admin.ts'
import { keyRejected, permissionDenied } from './stripe-proxy.ts'

let admin: AdminSetup
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.stop())

const endpointsAt = async (stripe: StripeStandIn) => (await stripe.sdk.webhookEndpoints.list()).data
const app = (body: Json) => body['app'] as Json
const endpoint = (body: Json) => body['webhook_endpoint'] as Json

describe('a first activation', () => {
  let stripe: StripeStandIn
  let first: Json

  beforeAll(async () => {
    stripe = await admin.addStripe('first')
    const answer = await admin.activate(stripe)
    expect(answer.text).toContain('"object":"activation"')
    first = answer.body
  })

  test('makes an app for the mode of the key, and one endpoint, pinned and subscribed', async () => {
    expect(app(first)).toMatchObject({ mode: 'test', stripe_secret_key: 'set', disabled: false })
    expect(first['server_key']).toMatch(/^tbk_/)
    const endpoints = await endpointsAt(stripe)
    expect(endpoints).toHaveLength(1)
    expect(endpoints[0]).toMatchObject({
      id: endpoint(first)['id'],
      url: `${admin.tollbridge.url}/webhooks/stripe/${app(first)['id']}`,
      api_version: Stripe.API_VERSION,
      status: 'enabled',
    })
    expect(endpoints[0]?.enabled_events).toEqual(
      expect.arrayContaining(['payment_intent.succeeded', 'charge.refunded', 'charge.dispute.created']),
    )
    expect(first['warnings']).toEqual([])
  })

  test('takes payments and their webhooks from then on', async () => {
    const charged = await fetch(
      `${admin.tollbridge.url}/${app(first)['id']}/${(app(first)['client_keys'] as string[])[0]}/services/Stripe/charge`,
      { method: 'POST', body: JSON.stringify({ token: 'tok_visa', amount: 700 }) },
    ).then((response) => response.json() as Promise<Json>)
    expect(charged).toMatchObject({ object: 'charge', amount: 700 })
    const server = adminClient(admin.tollbridge.url, String(first['server_key']))
    await eventually(async () => {
      const { text } = await server('GET', '/v1/events?type=charge.succeeded')
      return text.includes(String(charged['id']))
    })
  })

  test('a repeat changes nothing, neither here nor at Stripe', async () => {
    stripe.proxy.calls.length = 0
    const again = await admin.activate(stripe)
    expect(again.body).toMatchObject({
      changed: [],
      warnings: [],
      webhook_endpoint: { outcome: 'unchanged' },
    })
    expect(again.body['server_key']).toBeUndefined()
    expect(await endpointsAt(stripe)).toHaveLength(1)
    const writes = stripe.proxy.calls.filter(
      (call) => /^(POST|DELETE)/.test(call) && !call.includes('tollbridgePermissionProbe'),
    )
    expect(writes).toEqual([])
    const { key } = await serverKeyWith({ ...admin.tollbridge, appId: String(app(first)['id']) }, ['admin'])
    const byServerKey = await adminClient(admin.tollbridge.url, key)('POST', '/v1/admin/activate', {})
    expect(byServerKey.body).toMatchObject({ changed: [] })
  })

  test('an endpoint that somebody disabled and thinned out is put right, and keeps what else it had', async () => {
    const id = String(endpoint(first)['id'])
    await stripe.sdk.webhookEndpoints.update(id, {
      disabled: true,
      enabled_events: ['charge.succeeded', 'invoice.paid'],
    })
    const mended = await admin.activate(stripe)
    expect(mended.body).toMatchObject({
      changed: ['webhook_endpoint'],
      webhook_endpoint: { outcome: 'updated' },
    })
    const [only, ...more] = await endpointsAt(stripe)
    expect(more).toEqual([])
    expect(only).toMatchObject({ id, status: 'enabled' })
    expect(only?.enabled_events).toEqual(expect.arrayContaining(['invoice.paid', 'payment_intent.succeeded']))
  })

  test('a new public URL moves the endpoint and keeps its secret', async () => {
    const moved = await admin.activate(stripe, { public_url: 'https://pay.example.com' })
    expect(moved.body).toMatchObject({ changed: ['public_url', 'webhook_endpoint'] })
    expect((await endpointsAt(stripe)).map(({ url }) => new URL(url).origin)).toEqual([
      'https://pay.example.com',
    ])
    await admin.activate(stripe)
    expect((await endpointsAt(stripe)).map(({ url }) => new URL(url).origin)).toEqual([admin.tollbridge.url])
  })

  test('no answer of the API shows a secret', async () => {
    const id = String(app(first)['id'])
    const answers = [
      await admin.operator('GET', '/v1/admin/apps'),
      await admin.operator('GET', `/v1/admin/apps/${id}`),
      await admin.operator('GET', `/v1/admin/signing_secrets?app_id=${id}`),
      await admin.operator('GET', `/v1/admin/doctor?app_id=${id}`),
      await admin.activate(stripe),
    ]
    for (const { text } of answers) expect(text).not.toMatch(/whsec_|sk_test_|tbk_|tbo_/)
  })
})

describe('an endpoint that is there already', () => {
  test('is refused while nobody knows its secret, and taken with its secret', async () => {
    const stripe = await admin.addStripe('known')
    const app_id = 'app_known'
    const url = `${admin.tollbridge.url}/webhooks/stripe/${app_id}`
    const { id, secret } = await stripe.sdk.webhookEndpoints.create({
      url,
      enabled_events: ['*'],
      api_version: Stripe.API_VERSION,
    })
    const refused = await admin.activate(stripe, { app_id: undefined, public_url: admin.tollbridge.url })
    // Without app_id the key means the app of its mode, which belongs to another account.
    expect(errorOf(refused)).toMatchObject({ code: 'activation_refused', param: 'secret_key' })

    await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
    const unknown = await admin.activate(stripe, { app_id })
    expect(unknown.status).toBe(409)
    expect(errorOf(unknown)).toMatchObject({ code: 'signing_secret_unknown', webhook_endpoint: id })
    expect(errorOf(unknown)['message']).toContain('--replace')
    const before = await admin.operator('GET', `/v1/admin/apps/${app_id}`)
    expect(before.body).toMatchObject({ stripe_secret_key: 'unset', webhook_endpoint: null })

    const taken = await admin.activate(stripe, { app_id, signing_secret: secret })
    expect(taken.body).toMatchObject({ webhook_endpoint: { id, outcome: 'unchanged' } })
    expect(await endpointsAt(stripe)).toHaveLength(1)
    expect((await admin.activate(stripe, { app_id })).body).toMatchObject({ changed: [] })
  })

  test('with replace, a new one takes its place, and the old secret still counts for a day', async () => {
    const stripe = await admin.addStripe('replaced')
    const app_id = 'app_replaced'
    await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
    const first = await admin.activate(stripe, { app_id })
    const second = await admin.activate(stripe, { app_id, replace: true })
    expect(second.body).toMatchObject({ webhook_endpoint: { outcome: 'replaced' } })
    const endpoints = await endpointsAt(stripe)
    expect(endpoints.map(({ id }) => id)).toEqual([endpoint(second.body)['id']])
    expect(endpoints[0]?.id).not.toBe(endpoint(first.body)['id'])
    const secrets = dataOf(await admin.operator('GET', `/v1/admin/signing_secrets?app_id=${app_id}`))
    expect(secrets.map(({ status }) => status).sort()).toEqual(['active', 'rolling_out'])
  })

  test('a version of its own is named, since Stripe cannot change it', async () => {
    const stripe = await admin.addStripe('version')
    const app_id = 'app_version'
    await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
    const { secret } = await stripe.sdk.webhookEndpoints.create({
      url: `${admin.tollbridge.url}/webhooks/stripe/${app_id}`,
      enabled_events: ['*'],
      api_version: '2024-06-20',
    })
    const taken = await admin.activate(stripe, { app_id, signing_secret: secret })
    expect(JSON.stringify(taken.body['warnings'])).toContain('2024-06-20')
  })
})

describe('what is refused, with nothing changed', () => {
  let stripe: StripeStandIn
  const app_id = 'app_refused'

  beforeAll(async () => {
    stripe = await admin.addStripe('refused')
    await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  })

  const cases: [string, Record<string, unknown>, RegExp][] = [
    [
      'half a configuration, with the names of what is missing',
      { publishable_key: undefined, public_url: undefined, currency: undefined },
      /publishable_key is missing\. public_url is missing\. currency is missing/,
    ],
    [
      'a key of another form',
      { secret_key: 'pk_test_mistaken12345' },
      /secret_key is no secret or restricted key/,
    ],
    ['keys of two modes', { publishable_key: 'pk_live_other12345' }, /take both from one mode/],
    [
      'live keys for a test app',
      { secret_key: 'sk_live_other12345', publishable_key: 'pk_live_other12345' },
      /is a test app for good/,
    ],
    [
      'a live key for a sandbox, and plain http in live mode',
      { secret_key: 'sk_live_other12345', publishable_key: 'pk_live_other12345' },
      /public_url must be https.*never sent to a sandbox/,
    ],
    ['a reference that leads nowhere', { secret_key: 'env:TOLLBRIDGE_TEST_UNSET' }, /nothing is there/],
  ]
  test.each(cases)('%s', async (_what, more, message) => {
    const answer = await admin.activate(stripe, { app_id, ...more })
    expect([answer.status, errorOf(answer)['code']]).toEqual([400, 'activation_refused'])
    expect(errorOf(answer)['message']).toMatch(message)
    expect(await endpointsAt(stripe)).toEqual([])
    expect((await admin.operator('GET', `/v1/admin/apps/${app_id}`)).body).toMatchObject({
      stripe_secret_key: 'unset',
      public_url: null,
    })
  })

  test('a key that Stripe does not accept', async () => {
    stripe.proxy.answer = keyRejected
    const answer = await admin.activate(stripe, { app_id })
    stripe.proxy.answer = null
    expect(errorOf(answer)['message']).toContain('Stripe does not accept secret_key')
    expect(answer.text).not.toContain(stripe.secretKey)
  })

  test('a restricted key that lacks permissions, each by its name', async () => {
    stripe.proxy.answer = ({ method, path }) =>
      (method === 'POST' && path.startsWith('/v1/refunds')) || path === '/v1/events'
        ? permissionDenied()
        : null
    const answer = await admin.activate(stripe, { app_id, secret_key: 'rk_test_restricted12345' })
    stripe.proxy.answer = null
    expect(errorOf(answer)['message']).toContain(
      'The restricted key lacks Charges and Refunds write, Events read',
    )
    expect(await endpointsAt(stripe)).toEqual([])
  })

  test('a restricted key with them, and without the right to read the account, is taken', async () => {
    stripe.proxy.answer = ({ path }) => (path === '/v1/account' ? permissionDenied() : null)
    const answer = await admin.activate(stripe, { app_id, secret_key: 'rk_test_restricted12345' })
    stripe.proxy.answer = null
    expect(answer.body).toMatchObject({ app: { stripe_account: null, stripe_secret_key: 'set' } })
  })

  test('an unknown field, a wrong type and a foreign app, by name', async () => {
    const unknown = await admin.operator('POST', '/v1/admin/activate', { secret: 'x' })
    expect(errorOf(unknown)).toMatchObject({ code: 'parameter_invalid', param: 'secret' })
    const wrong = await admin.operator('POST', '/v1/admin/activate', { public_url: 'pay.example.com/path' })
    expect(errorOf(wrong)).toMatchObject({ code: 'parameter_invalid', param: 'public_url' })
    const foreign = await admin.activate(stripe, { app_id: 'app_nobody' })
    expect(errorOf(foreign)).toMatchObject({ code: 'app_unknown' })
  })

  test('the sandbox app, which needs no activation', async () => {
    const answer = await admin.activate(stripe, { app_id: admin.tollbridge.appId })
    expect(errorOf(answer)).toMatchObject({ code: 'managed_by_environment', param: 'app_id' })
  })

  test('a server key for another app, another address of Stripe, and references to the machine', async () => {
    const server = adminClient(admin.tollbridge.url, (await serverKeyWith(admin.tollbridge, ['admin'])).key)
    for (const body of [
      { app_id },
      { api_base: 'http://127.0.0.1:1' },
      { secret_key: 'env:HOME' },
      { signing_secret: 'file:/etc/hostname' },
    ]) {
      const answer = await server('POST', '/v1/admin/activate', body)
      expect([answer.status, errorOf(answer)['code']]).toEqual([403, 'operator_key_required'])
    }
  })
})

test('many activations at once make one endpoint', async () => {
  const stripe = await admin.addStripe('many')
  const app_id = 'app_many'
  await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  const answers = await Promise.all(Array.from({ length: 5 }, () => admin.activate(stripe, { app_id })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(await endpointsAt(stripe)).toHaveLength(1)
})

test('when Stripe fails to make the endpoint, nothing is half done, and a repeat succeeds', async () => {
  const stripe = await admin.addStripe('failing')
  const app_id = 'app_failing'
  await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  stripe.proxy.answer = ({ method, path }) =>
    method === 'POST' && path === '/v1/webhook_endpoints'
      ? { status: 500, body: { error: { type: 'api_error', message: 'no' } } }
      : null
  const failed = await admin.activate(stripe, { app_id })
  stripe.proxy.answer = null
  expect(errorOf(failed)).toMatchObject({ code: 'stripe_failed' })
  expect((await admin.operator('GET', `/v1/admin/apps/${app_id}`)).body).toMatchObject({
    stripe_secret_key: 'unset',
    public_url: null,
    webhook_endpoint: null,
  })
  expect((await admin.activate(stripe, { app_id })).body).toMatchObject({
    webhook_endpoint: { outcome: 'created' },
  })
})

test('a secret may be a reference, and follows what it points to', async () => {
  const stripe = await admin.addStripe('referenced')
  const app_id = 'app_referenced'
  await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  process.env['TOLLBRIDGE_TEST_STRIPE_KEY'] = stripe.secretKey
  try {
    const taken = await admin.activate(stripe, { app_id, secret_key: 'env:TOLLBRIDGE_TEST_STRIPE_KEY' })
    expect(taken.body).toMatchObject({ app: { stripe_secret_key: 'env:TOLLBRIDGE_TEST_STRIPE_KEY' } })
    expect((await admin.activate(stripe, { app_id, secret_key: undefined })).body).toMatchObject({
      changed: [],
    })
  } finally {
    delete process.env['TOLLBRIDGE_TEST_STRIPE_KEY']
  }
  const gone = await admin.operator('GET', `/v1/admin/doctor?app_id=${app_id}`)
  expect(gone.body['status']).toBe('fail')
  expect(gone.text).toContain('nothing is there')
})
