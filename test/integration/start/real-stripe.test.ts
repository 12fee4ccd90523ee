/** The live path: the same command with Stripe keys set. Its Stripe is a sandbox on another address. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox } from '../../../packages/sandbox/src/index.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort, startProduct, temporaryFolder } from '../../support/product-process.ts'

const stripe = createSandbox()
const folder = temporaryFolder()
const keys = {
  STRIPE_SECRET_KEY: 'sk_test_fromTheTests1234',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_fromTheTests1234',
  CURRENCY: 'eur',
}
let settings: Record<string, string>
let url: string

beforeAll(async () => {
  const { url: apiBase } = await stripe.listen({ port: 0 })
  const port = await freePort()
  url = `http://localhost:${port}`
  const { secret } = stripe.ensureWebhookEndpoint({ url: `${url}/webhooks/stripe`, enabledEvents: ['*'] })
  settings = {
    ...keys,
    PORT: String(port),
    TOLLBRIDGE_DATA_DIR: folder.path,
    STRIPE_API_BASE: apiBase,
    STRIPE_WEBHOOK_SECRET: `whsec_theOldOne12345, ${secret}`,
    APP_ID: 'A1B2C3D4-0000-1111-2222-333344445555',
    CLIENT_KEY: '11112222-JS-KEY,33334444-REST-KEY',
  }
})
afterAll(async () => {
  await stripe.close()
  folder.remove()
})

describe('with Stripe keys set', () => {
  test('it starts no sandbox, shows the server key once, and keeps it out of every file', async () => {
    const product = startProduct(settings)
    await product.printed('the next start keeps the data')
    expect(product.stdout()).toContain('in test mode')
    const serverKey = /tbk_\S+/.exec(product.stdout())?.[0]
    expect(serverKey).toBeDefined()
    expect(existsSync(join(folder.path, 'connection.json'))).toBe(false)
    expect(existsSync(join(folder.path, 'sandbox.db'))).toBe(false)

    // Existing clients keep their application id and each of their API keys.
    for (const key of ['11112222-JS-KEY', '33334444-REST-KEY']) {
      const charge = await fetch(`${url}/${settings['APP_ID']}/${key}/services/Stripe/charge`, {
        method: 'POST',
        body: JSON.stringify({ token: 'tok_visa', amount: 1999 }),
      }).then((response) => response.json() as Promise<Record<string, unknown>>)
      expect(charge).toMatchObject({ object: 'charge', currency: 'eur' })
      await eventually(async () => {
        const events = await fetch(`${url}/v1/events?type=charge.succeeded`, {
          headers: { authorization: `Bearer ${serverKey}` },
        }).then((response) => response.text())
        return events.includes(String(charge['id']))
      })
    }

    // Against real Stripe an address without app and key stands for no app until a setting names one.
    const unnamed = await fetch(`${url}/api/services/Stripe/charge`, {
      method: 'POST',
      body: JSON.stringify({ token: 'tok_visa', amount: 1999 }),
    })
    expect([unnamed.status, await unnamed.text()]).toEqual([404, expect.stringContaining('DOMAIN_APP')])

    product.child.kill('SIGTERM')
    expect(await product.exited).toBe(0)
    for (const file of readdirSync(folder.path)) {
      expect(readFileSync(join(folder.path, file)).includes(serverKey ?? '')).toBe(false)
    }
    const again = startProduct({ ...settings, PUBLIC_URL: 'https://pay.example.com' })
    await again.printed('the next start keeps the data')
    expect(again.stdout()).not.toContain('tbk_')
    expect(again.stdout()).toContain('https://pay.example.com/webhooks/stripe')
    again.child.kill('SIGTERM')
    expect(await again.exited).toBe(0)
    expect(product.stderr() + again.stderr()).toBe('')
  }, 30_000)

  test('half a configuration is refused with the names of what is missing', async () => {
    const product = startProduct({ ...keys, TOLLBRIDGE_DATA_DIR: folder.path })
    expect(await product.exited).toBe(1)
    expect(product.stderr()).toContain('STRIPE_WEBHOOK_SECRET is missing')
    expect(product.stderr()).not.toContain('fromTheTests1234')
  })

  test('it refuses an app id or a client key that the folder knows from the sandbox, and says what to do', async () => {
    const { STRIPE_API_BASE, STRIPE_WEBHOOK_SECRET, APP_ID = '', CLIENT_KEY = '', ...stripeKeys } = settings
    const data = temporaryFolder()
    const common = { PORT: '0', SANDBOX_PORT: '0', TOLLBRIDGE_DATA_DIR: data.path }
    const sandbox = startProduct({ ...common, APP_ID, CLIENT_KEY })
    await sandbox.printed('the next start keeps the data')
    sandbox.child.kill('SIGTERM')
    expect(await sandbox.exited).toBe(0)

    const real = { ...stripeKeys, ...common, STRIPE_WEBHOOK_SECRET: 'whsec_ofTheTests' }
    for (const clash of [{ APP_ID }, { CLIENT_KEY }] as Record<string, string>[]) {
      const { APP_ID: _id, CLIENT_KEY: _key, ...rest } = real as Record<string, string>
      const product = startProduct({ ...rest, ...clash })
      expect(await product.exited).toBe(1)
      expect(product.stderr()).toMatch(/sandbox.*TOLLBRIDGE_DATA_DIR/)
      expect(product.stderr()).not.toMatch(/UNIQUE|SQLITE| at /)
    }
    data.remove()
  })

  test('a live key never meets a sandbox', async () => {
    const product = startProduct({
      ...settings,
      STRIPE_SECRET_KEY: 'sk_live_fromTheTests1234',
      STRIPE_PUBLISHABLE_KEY: 'pk_live_fromTheTests1234',
    })
    expect(await product.exited).toBe(1)
    expect(product.stderr()).toContain('a live key is never sent to a sandbox')
  })
})
