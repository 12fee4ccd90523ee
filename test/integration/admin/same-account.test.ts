/** One Stripe account, one app: a second app on it is refused, by HTTP, at the command line and at a start. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../packages/server/src/clock.ts'
import { readConfig } from '../../../packages/server/src/config.ts'
import { silentLog } from '../../../packages/server/src/log.ts'
import { startServer } from '../../../packages/server/src/start/start-server.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import { errorOf, type Json } from './admin-client.ts'
import { type AdminSetup, type StripeStandIn, startAdmin } from './start-admin.ts'
import { permissionDenied } from './stripe-proxy.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-test-'))
let admin: AdminSetup
let stripe: StripeStandIn
beforeAll(async () => {
  admin = await startAdmin({ dataDir: folder })
  stripe = await admin.addStripe('shared')
  for (const app_id of ['app_first', 'app_second']) {
    await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
  }
  expect((await admin.activate(stripe, { app_id: 'app_first' })).status).toBe(200)
})
afterAll(async () => {
  await admin.stop()
  rmSync(folder, { recursive: true, force: true })
})

const endpoints = async () => (await stripe.sdk.webhookEndpoints.list()).data.length
/** The same account under keys of another name. */
const otherKeys = {
  app_id: 'app_second',
  secret_key: 'sk_test_anotherOfTheAccount1',
  publishable_key: 'pk_test_anotherOfTheAccount1',
}

describe('a second app on the account of an enabled one', () => {
  test('is refused, names the first, and changes nothing here or at Stripe', async () => {
    const before = await endpoints()
    for (const keys of [{ app_id: 'app_second' }, otherKeys]) {
      const refused = await admin.activate(stripe, keys)
      expect([refused.status, errorOf(refused)]).toEqual([
        409,
        expect.objectContaining({ code: 'account_taken', app: 'app_first' }),
      ])
      expect(String(errorOf(refused)['message'])).toContain('tollbridge apps disable app_first')
    }
    expect(await endpoints()).toBe(before)
    const { body } = await admin.operator('GET', '/v1/admin/apps/app_second')
    expect(body).toMatchObject({ stripe_secret_key: 'unset', stripe_account: null })
  })

  test('is found by its keys where a restricted key does not show the account', async () => {
    stripe.proxy.answer = ({ path }) => (path === '/v1/account' ? permissionDenied() : null)
    const refused = await admin.activate(stripe, { app_id: 'app_second' })
    stripe.proxy.answer = null
    expect(errorOf(refused)['code']).toBe('account_taken')
  })

  test('the first one is activated again as often as one likes', async () => {
    expect((await admin.activate(stripe, { app_id: 'app_first' })).body).toMatchObject({ changed: [] })
  })

  test('the account is free once the first is disabled, which is then not enabled beside the second', async () => {
    await admin.operator('POST', '/v1/admin/apps/app_first/disable')
    expect((await admin.activate(stripe, otherKeys)).status).toBe(200)
    const refused = await admin.operator('POST', '/v1/admin/apps/app_first/enable')
    expect([refused.status, errorOf(refused)['code']]).toEqual([409, 'account_taken'])
    await admin.operator('POST', '/v1/admin/apps/app_second/disable')
    expect((await admin.operator('POST', '/v1/admin/apps/app_first/enable')).status).toBe(200)
  })

  test('the doctor says so where two apps came to one account before', async () => {
    const check = async () => {
      const { body } = await admin.operator('GET', '/v1/admin/doctor?app_id=app_first')
      return (body['checks'] as Json[]).find(({ name }) => name === 'account')
    }
    expect(await check()).toMatchObject({ status: 'ok' })
    const store = await openSqliteStore({
      file: join(folder, 'tollbridge.db'),
      autoMigrate: false,
      clock: systemClock,
      isGuest: true,
    })
    await store.apps.update('app_second', { disabledAt: null })
    expect(await check()).toMatchObject({ status: 'fail', fix: 'tollbridge apps disable app_second' })
    await store.apps.update('app_second', { disabledAt: Date.now() })
    await store.close()
  })
})

test('a start with the keys of that account in its settings is refused', async () => {
  await admin.tollbridge.stop()
  const settings = {
    PORT: '0',
    TOLLBRIDGE_DATA_DIR: folder,
    STRIPE_SECRET_KEY: 'sk_test_ofTheSettings12345',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_ofTheSettings12345',
    STRIPE_WEBHOOK_SECRET: 'whsec_ofTheSettings12345',
    STRIPE_API_BASE: stripe.proxy.url,
    CURRENCY: 'usd',
  }
  await expect(startServer(readConfig(settings), silentLog)).rejects.toThrow(
    /app_first has this Stripe account/,
  )
})
