/** What a server key may call: by default, as an operator changes it, and while the brake is on. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashServerKey, serverKeyId } from '../../../packages/server/src/access/api-keys.ts'
import { runCli } from '../../../packages/server/src/cli/run-cli.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
let keyId: string
let rulesPath: string
beforeAll(async () => {
  server = await startTollbridge({ env: { STRIPE_PROXY_PORT: '0' } })
  keyId = serverKeyId(hashServerKey(server.serverKey))
  rulesPath = `/v1/admin/apps/${server.appId}/server_keys/${keyId}/passthrough`
})
afterAll(() => server?.stop())

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly error?: Record<string, unknown> }
}

async function ask(method: string, path: string, key: string, body?: unknown): Promise<Answer> {
  const isForm = typeof body === 'string'
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
const operator = () => server.operatorKey ?? ''
const setRules = (rules: unknown) => ask('POST', rulesPath, operator(), { rules })
const stripeCall = (method: string, path: string, form?: string) =>
  ask(method, `/v1/stripe${path}`, server.serverKey, form)

test('an operator narrows a key, which counts from the next call on', async () => {
  expect((await ask('GET', rulesPath, operator())).body).toMatchObject({
    object: 'passthrough_rules',
    rules: ['default'],
    in_full: expect.arrayContaining(['* /v1/*', '!* /v1/webhook_endpoints*']),
    changed: null,
  })
  expect((await setRules(['GET /v1/customers*', '!GET /v1/customers/*/sources'])).status).toBe(200)
  expect((await stripeCall('GET', '/v1/customers')).status).toBe(200)
  const refused = await stripeCall('POST', '/v1/customers', 'email=a%40example.com')
  expect(refused).toMatchObject({
    status: 403,
    body: { error: { type: 'permission_error', code: 'stripe_call_refused', rule: null } },
  })
  expect((await stripeCall('GET', '/v1/customers/cus_1/sources')).body.error).toMatchObject({
    rule: '!GET /v1/customers/*/sources',
    message: expect.stringContaining(`tollbridge keys passthrough ${server.appId} ${keyId}`),
  })
  await setRules(['default'])
  expect((await stripeCall('POST', '/v1/customers', 'email=a%40example.com')).status).toBe(200)
})

test('an operator widens a key', async () => {
  expect((await stripeCall('GET', '/v1/webhook_endpoints')).status).toBe(403)
  await setRules(['default', 'GET /v1/webhook_endpoints'])
  expect((await stripeCall('GET', '/v1/webhook_endpoints')).status).toBe(200)
  expect((await stripeCall('DELETE', '/v1/webhook_endpoints/we_1')).status).toBe(403)
  await setRules(['default'])
})

test('a key cannot widen itself, and other apps’ keys see nothing of it', async () => {
  expect(await ask('POST', rulesPath, server.serverKey, { rules: ['* /v1/*'] })).toMatchObject({
    status: 403,
    body: { error: { code: 'operator_key_required' } },
  })
  const other = await ask('POST', '/v1/admin/apps', operator(), {
    name: 'Other',
    mode: 'test',
    scopes: ['read', 'admin'],
  })
  const otherKey = String(other.body['server_key'])
  expect((await ask('GET', rulesPath, otherKey)).status).toBe(403)
  expect((await ask('GET', `/v1/admin/stripe_calls?app_id=${server.appId}`, otherKey)).status).toBe(403)
  expect((await ask('GET', '/v1/admin/stripe_calls', otherKey)).body['data']).toEqual([])
  const notActivated = await ask('GET', '/v1/stripe/v1/customers', otherKey)
  expect(notActivated.body.error).toMatchObject({ code: 'app_not_activated' })
})

test.each([
  [[], 'must be 1 to 100 rules'],
  [['customers'], '"customers", which does not read as a rule'],
  [['!POST /v1/payouts'], 'begin it with the word default'],
  ['GET /v1/x', 'must be a list of rules'],
])('%j is no list of rules', async (rules, reason) => {
  const answer = await setRules(rules)
  expect(answer).toMatchObject({
    status: 400,
    body: { error: { code: 'parameter_invalid', param: 'rules' } },
  })
  expect(answer.body.error?.['message']).toContain(reason)
})

test('an unknown key is named', async () => {
  const answer = await ask('GET', rulesPath.replace(keyId, 'key_unknown'), operator())
  expect(answer).toMatchObject({ status: 404, body: { error: { code: 'resource_missing' } } })
})

test('the command line shows and changes the rules of a running server', async () => {
  const run = async (...rules: string[]) => {
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    const env = { PORT: '0', SANDBOX_PORT: '0', TOLLBRIDGE_DATA_DIR: server.dataDir }
    const args = ['keys', 'passthrough', server.appId, keyId, ...rules]
    const code = await runCli({ args, env, terminal: { stdout, stderr, stdin: new PassThrough() } })
    return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
  }
  expect(await run('GET /v1/balance')).toMatchObject({ code: 0, out: 'GET /v1/balance\n' })
  expect((await stripeCall('GET', '/v1/balance')).status).toBe(200)
  expect((await stripeCall('GET', '/v1/customers')).status).toBe(403)
  expect(await run('nonsense')).toMatchObject({
    code: 1,
    err: expect.stringContaining('does not read as a rule'),
  })
  expect(await run('default')).toMatchObject({ code: 0 })
  expect((await run()).out).toContain('!* /v1/webhook_endpoints*')
  expect((await stripeCall('GET', '/v1/customers')).status).toBe(200)
})

test('the brake stops new charges, and nothing else', async () => {
  const form = 'amount=500&currency=usd&payment_method=pm_card_visa&confirm=true&capture_method=manual'
  const more = '&allowed_payment_method_types[]=card'
  const held = await stripeCall('POST', '/v1/payment_intents', form + more)
  expect(held.status).toBe(200)
  await ask('POST', '/v1/admin/brake', operator(), { on: true, reason: 'Stocktaking' })
  for (const path of ['/v1/payment_intents', '/v1/charges', '/v1/payment_intents/pi_1/confirm']) {
    expect(await stripeCall('POST', path, form)).toMatchObject({
      status: 503,
      body: { error: { code: 'charges_stopped', message: expect.stringContaining('Stocktaking') } },
    })
  }
  const id = String(held.body['id'])
  expect((await stripeCall('POST', `/v1/payment_intents/${id}/capture`, '')).status).toBe(200)
  expect((await stripeCall('POST', '/v1/refunds', `payment_intent=${id}`)).status).toBe(200)
  expect((await stripeCall('GET', '/v1/payment_intents')).status).toBe(200)
  await ask('POST', '/v1/admin/brake', operator(), { on: false })
  expect((await stripeCall('POST', '/v1/payment_intents', form + more)).status).toBe(200)
})
