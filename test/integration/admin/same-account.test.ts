/** One Stripe account, one app: a second app on it is refused, by HTTP, at the command line and at a start. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActivationInput } from '../../../packages/server/src/admin/activation-request.ts'
import { readConfig } from '../../../packages/server/src/config.ts'
import { silentLog } from '../../../packages/server/src/log.ts'
import { openWorkbench } from '../../../packages/server/src/start/open-workbench.ts'
import { startServer } from '../../../packages/server/src/start/start-server.ts'
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

/** As the command line hands it over. */
function inputOf({ app_id: appId, secret_key, publishable_key }: Record<string, unknown>): ActivationInput {
  return {
    appId: String(appId),
    secretKey: String(secret_key),
    publishableKey: String(publishable_key),
    publicUrl: admin.tollbridge.url,
    currency: 'usd',
    apiBase: stripe.proxy.url,
  }
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

  test('is refused at the command line too, also without the settings of the server', async () => {
    const workbench = await openWorkbench(readConfig({ TOLLBRIDGE_DATA_DIR: folder }), silentLog)
    await expect(
      workbench.activate(inputOf(otherKeys), { actor: { kind: 'command_line', id: 'ada' }, address: null }),
    ).rejects.toMatchObject({ code: 'account_taken', details: { app: 'app_first' } })
    await workbench.close()
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
    // As versions did that did not look; nothing of today writes this.
    const database = new DatabaseSync(join(folder, 'tollbridge.db'))
    const write = (disabledAt: number | null) => {
      database.prepare('UPDATE apps SET disabled_at = ? WHERE app_id = ?').run(disabledAt, 'app_second')
      database.exec('UPDATE app_changes SET version = version + 1')
    }
    write(null)
    expect(await check()).toMatchObject({ status: 'fail', fix: 'tollbridge apps disable app_second' })
    write(Date.now())
    database.close()
  })
})

describe('two processes that activate at once: one wins, and the other leaves nothing', () => {
  test.each([{ isNew: false }, { isNew: true }])('where it makes its app: $isNew', async ({ isNew }) => {
    const raced = await startAdmin()
    const account = await raced.addStripe('raced')
    const [late, rival] = isNew ? [undefined, undefined] : ['app_late', 'app_rival']
    for (const app_id of isNew ? [] : [late, rival]) {
      await raced.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
    }
    const elsewhere = await openWorkbench(
      readConfig({ TOLLBRIDGE_DATA_DIR: raced.tollbridge.dataDir }),
      silentLog,
    )
    let winner: string | null = null
    // The other process comes in when this one has found the account free, and looks at the endpoints.
    account.proxy.answer = async ({ method, path }) => {
      if (`${method} ${path}` !== 'GET /v1/webhook_endpoints') return null
      account.proxy.answer = null
      const { record } = await elsewhere.activate(
        {
          appId: rival,
          secretKey: 'sk_test_anotherOfTheAccount3',
          publishableKey: 'pk_test_anotherOfTheAccount3',
          publicUrl: raced.tollbridge.url,
          currency: 'usd',
          apiBase: account.proxy.url,
        },
        { actor: { kind: 'command_line', id: 'ada' }, address: null },
      )
      winner = record.appId
      return null
    }
    const refused = await raced.activate(account, late === undefined ? {} : { app_id: late })
    await elsewhere.close()
    expect([refused.status, errorOf(refused)]).toEqual([
      409,
      expect.objectContaining({ code: 'account_taken', app: winner }),
    ])
    expect((await account.sdk.webhookEndpoints.list()).data).toHaveLength(1)
    const { body } = await raced.operator('GET', '/v1/admin/apps')
    const active = (body['data'] as Json[]).filter(({ mode }) => mode === 'test')
    const states = active.map((app) => [app['id'], app['stripe_secret_key'], app['stripe_account'] === null])
    expect(states).toEqual([...(isNew ? [] : [['app_late', 'unset', true]]), [winner, 'set', false]])
    await raced.stop()
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

test('the account of the settings is taken also for a command that does not have them', async () => {
  const other = await admin.addStripe('settings')
  const dataDir = mkdtempSync(join(tmpdir(), 'tollbridge-test-'))
  const server = await startServer(
    readConfig({
      PORT: '0',
      TOLLBRIDGE_DATA_DIR: dataDir,
      STRIPE_SECRET_KEY: other.secretKey,
      STRIPE_PUBLISHABLE_KEY: other.publishableKey,
      STRIPE_WEBHOOK_SECRET: 'whsec_ofTheSettings12345',
      STRIPE_API_BASE: other.proxy.url,
      CURRENCY: 'usd',
    }),
    silentLog,
  )
  const workbench = await openWorkbench(readConfig({ TOLLBRIDGE_DATA_DIR: dataDir }), silentLog)
  const by = { actor: { kind: 'command_line', id: 'ada' }, address: null } as const
  const { record } = await workbench.manager.create({ name: '', mode: 'test' }, by)
  const keys = { secret_key: 'sk_test_anotherOfTheAccount2', publishable_key: other.publishableKey }
  const wanted = { ...inputOf({ app_id: record.appId, ...keys }), apiBase: other.proxy.url }
  await expect(workbench.activate(wanted, by)).rejects.toMatchObject({
    code: 'account_taken',
    details: { app: server.appId },
  })
  await workbench.close()
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
})
