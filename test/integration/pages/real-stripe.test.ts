/** What a server against real Stripe shows of itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../../packages/server/src/config.ts'
import { silentLog } from '../../../packages/server/src/log.ts'
import { type RunningServer, startServer } from '../../../packages/server/src/start/start-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-test-'))
const env = {
  PORT: '0',
  TOLLBRIDGE_DATA_DIR: folder,
  STRIPE_SECRET_KEY: 'sk_test_fromTheTests',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_fromTheTests',
  STRIPE_WEBHOOK_SECRET: 'whsec_fromTheTests',
  CURRENCY: 'chf',
  // Nobody is asked here, and nobody is there.
  STRIPE_API_BASE: 'http://127.0.0.1:9',
  REPAIR_INTERVAL_SECONDS: '0',
}
let server: RunningServer

beforeAll(async () => {
  server = await startServer(readConfig(env), silentLog)
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('the root page says that it runs, and nothing that a stranger has no business with', async () => {
  const answer = await fetch(`${server.url}/`)
  const html = await answer.text()
  expect(answer.status).toBe(200)
  expect(html).toContain('Tollbridge is running')
  for (const part of [
    server.appId,
    server.clientKey,
    'pk_test',
    'sk_test',
    '/examples/',
    '<script src',
    'chf',
  ]) {
    expect(html).not.toContain(part)
  }
  expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect((await fetch(`${server.url}/`, { method: 'HEAD' })).status).toBe(200)
})

test('there are no example shops', async () => {
  expect((await fetch(`${server.url}/examples/pay-button/`)).status).toBe(404)
})

test('its pages get Stripe.js from Stripe', async () => {
  const answer = await fetch(`${server.url}/v1/config`, {
    headers: { authorization: `Bearer ${server.clientKey}` },
  })
  expect(await answer.json()).toMatchObject({
    mode: 'test',
    livemode: false,
    publishable_key: 'pk_test_fromTheTests',
    stripe_js_url: 'https://js.stripe.com/endive/stripe.js',
    currency: 'chf',
  })
})

test('with live keys no other Stripe.js can be set', () => {
  const live = {
    ...env,
    STRIPE_API_BASE: '',
    STRIPE_SECRET_KEY: 'sk_live_fromTheTests',
    STRIPE_PUBLISHABLE_KEY: 'pk_live_fromTheTests',
    STRIPE_JS_URL: 'https://js.example.com/stripe.js',
  }
  expect(() => readConfig(live)).toThrow(ConfigError)
  expect(() => readConfig(live)).toThrow(/STRIPE_JS_URL/)
  expect(readConfig({ ...env, STRIPE_JS_URL: live.STRIPE_JS_URL }).STRIPE_JS_URL).toBe(live.STRIPE_JS_URL)
})
