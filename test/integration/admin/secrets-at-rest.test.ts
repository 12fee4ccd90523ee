/** No secret stands in plain in the database, its files or the logs; and the master key can be changed. */

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../../packages/server/src/config.ts'
import { createLog, silentLog } from '../../../packages/server/src/log.ts'
import { openWorkbench } from '../../../packages/server/src/start/open-workbench.ts'
import { call } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/product-process.ts'
import { startTollbridge } from '../../support/start-tollbridge.ts'
import { adminClient, type Json } from './admin-client.ts'
import { type AdminSetup, startAdmin } from './start-admin.ts'

/** Every value of every table, as a dump of the database would show them. */
function dump(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const text = tables.map(({ name }) => {
    const rows = database.prepare(`SELECT * FROM "${name}"`).all()
    return rows
      .flatMap((row) => Object.values(row))
      .map((value) =>
        value instanceof Uint8Array
          ? `${Buffer.from(value).toString('hex')} ${Buffer.from(value).toString('latin1')}`
          : String(value),
      )
      .join('\n')
  })
  database.close()
  return text.join('\n')
}

/** The bytes of every file of a folder, what SQLite has not overwritten yet among them. */
function filesOf(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

describe('a server that was activated, rolled, charged and refused', () => {
  const folder = temporaryFolder()
  let admin: AdminSetup
  let log = ''
  const secrets = new Map<string, string>()

  beforeAll(async () => {
    const lines = new Writable({
      write(chunk, _encoding, done) {
        log += String(chunk)
        done()
      },
    })
    admin = await startAdmin({ dataDir: folder.path, log: createLog('debug', lines) })
    const stripe = await admin.addStripe('sealed')
    const app_id = 'app_sealed'
    const made = await admin.operator('POST', '/v1/admin/apps', { app_id, mode: 'test' })
    await admin.activate(stripe, { app_id })
    await admin.operator('POST', '/v1/admin/signing_secrets/roll', {
      app_id,
      signing_secret: 'whsec_rolledInTheDumpTest',
    })
    const added = await admin.operator('POST', `/v1/admin/apps/${app_id}/server_keys`)

    // What fails is logged as well.
    stripe.proxy.answer = () => ({ status: 500, body: { error: { type: 'api_error', message: 'no' } } })
    await admin.operator('GET', `/v1/admin/doctor?app_id=${app_id}`)
    stripe.proxy.answer = null
    await admin.activate(stripe, { app_id, secret_key: 'sk_live_refusedInTheDumpTest' })
    await adminClient(admin.tollbridge.url, 'tbo_forgedInTheDumpTest')('GET', '/v1/admin/apps')
    await fetch(`${admin.tollbridge.url}/webhooks/stripe/${app_id}`, {
      method: 'POST',
      headers: { 'stripe-signature': 't=1,v1=00' },
      body: '{}',
    })
    const charge = await fetch(
      `${admin.tollbridge.url}/${app_id}/${(made.body['client_keys'] as string[])[0]}/services/Stripe/charge`,
      { method: 'POST', body: JSON.stringify({ token: 'tok_visa', amount: 900 }) },
    )
    secrets.set('watch token', charge.headers.get('tollbridge-watch-token') ?? 'none')
    secrets.set('Stripe key', stripe.secretKey)
    secrets.set('refused Stripe key', 'sk_live_refusedInTheDumpTest')
    secrets.set('rolled signing secret', 'whsec_rolledInTheDumpTest')
    secrets.set('any signing secret', 'whsec_')
    secrets.set('forged operator key', 'tbo_forgedInTheDumpTest')
    secrets.set('operator key', admin.operatorKey)
    secrets.set('server key of the new app', String(made.body['server_key']))
    secrets.set('another server key', String(added.body['server_key']))
    secrets.set('server key of the default app', admin.tollbridge.serverKey)
    for (const line of readFileSync(join(folder.path, 'key'), 'utf8').split('\n')) {
      if (line.length === 44 && !line.startsWith('#')) secrets.set('master key', line)
    }
  })
  afterAll(async () => {
    await admin.stop()
    folder.remove()
  })

  test('there is something to find', () => {
    expect(secrets.size).toBe(11)
    for (const secret of secrets.values()) expect(secret.length).toBeGreaterThanOrEqual(6)
    expect(log).toContain('Webhook refused')
    expect(filesOf(folder.path).get('connection.json')).toContain(admin.tollbridge.serverKey)
  })

  test('no table holds a secret in plain, and the watch key neither', () => {
    const text = dump(join(folder.path, 'tollbridge.db'))
    expect(text).toContain('app_sealed')
    expect(text).toMatch(/tb1\.[0-9a-f]{8}\./)
    for (const [what, secret] of secrets) expect(text.includes(secret), what).toBe(false)
    expect(text).not.toContain('plain:')
  })

  test('no file of the database holds one', () => {
    for (const [name, content] of filesOf(folder.path)) {
      if (!name.startsWith('tollbridge.db')) continue
      for (const [what, secret] of secrets) expect(content.includes(secret), `${what} in ${name}`).toBe(false)
    }
  })

  test('no line of the log holds one, at the most talkative level', () => {
    expect(log.split('\n').length).toBeGreaterThan(10)
    for (const [what, secret] of secrets) expect(log.includes(secret), what).toBe(false)
  })

  test('client secrets are sealed in the log and in messages, and whoever may read them reads them', async () => {
    const { tollbridge } = admin
    const made = await call(tollbridge, '/v1/payments', { body: { amount: 1999, order_id: 'sealed-order' } })
    const secret = String(made.body['client_secret'])
    expect(secret).toMatch(/^pi_\w+_secret_\w+$/)
    const payload = await eventually(async () => {
      const { body } = await call(
        tollbridge,
        `/v1/events?where=${encodeURIComponent(`paymentIntentId = '${made.body['id']}'`)}`,
      )
      const events = (body['data'] ?? []) as readonly Json[]
      return events.map((event) => JSON.stringify(event)).find((text) => text.includes(secret)) ?? null
    })
    expect(payload).toContain('payment_intent.created')
    const sent = await call(tollbridge, '/v1/ui/messages', {
      body: {
        scope: 'plugin:stripe',
        name: 'handleCardAction',
        data: { clientSecret: secret },
        target: 'users',
        targetUsers: ['somebody'],
        callbacks: { onSuccess: 'paid', onFail: 'failed' },
      },
    })
    expect([sent.status, sent.body]).toMatchObject([201, {}])
    const text = dump(join(folder.path, 'tollbridge.db'))
    expect(text).toContain(String(made.body['id']))
    expect(text).toContain(`${made.body['id']}_secret_tb1.`)
    const hidden = secret.slice(secret.indexOf('_secret_') + '_secret_'.length)
    expect(text).not.toContain(hidden)
    for (const [name, content] of filesOf(folder.path)) {
      if (name.startsWith('tollbridge.db')) expect(content.includes(hidden), name).toBe(false)
    }
  })

  test('the key file is for its owner alone', () => {
    expect(statSync(join(folder.path, 'key')).mode & 0o777).toBe(0o600)
  })
})

describe('the master key', () => {
  test('may come from the environment; a new first key seals, the old one still opens', async () => {
    const folder = temporaryFolder()
    const [older, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
    const first = await startAdmin({ dataDir: folder.path, env: { TOLLBRIDGE_KEY: older } })
    const { operatorKey } = first
    const stripe = await first.addStripe('rotated')
    const { body } = await first.activate(stripe)
    const appId = String((body['app'] as Json)['id'])
    await first.tollbridge.stop()
    expect(readdirSync(folder.path)).not.toContain('key')

    const second = await startTollbridge({
      dataDir: folder.path,
      env: { TOLLBRIDGE_KEY: `${newer}, ${older}` },
    })
    const operator = adminClient(second.url, operatorKey)
    const checks = (await operator('GET', `/v1/admin/doctor?app_id=${appId}`)).body['checks'] as Json[]
    expect(checks.find(({ name }) => name === 'secrets')).toMatchObject({ status: 'ok' })
    await second.stop()

    // A strange key opens nothing, and the start says so.
    const strange = randomBytes(32).toString('base64')
    const third = await startTollbridge({ dataDir: folder.path, env: { TOLLBRIDGE_KEY: strange } }).catch(
      (error: unknown) => error,
    )
    expect(String(third)).toMatch(/sealed with the master key [0-9a-f]{8}, which neither/)
    expect(String(third)).toContain('tollbridge secrets discard-unreadable')

    // Lost for good: what nobody can open goes, and an activation with the keys mends the app.
    const bench = await openWorkbench(
      readConfig({ TOLLBRIDGE_KEY: strange, TOLLBRIDGE_DATA_DIR: folder.path }),
      silentLog,
    )
    const discarded = await bench.discardUnreadable()
    expect(discarded.map(({ name }) => name)).toContain('stripe_secret_key')
    await bench.close()
    const fourth = await startTollbridge({ dataDir: folder.path, env: { TOLLBRIDGE_KEY: strange } })
    const mended = await adminClient(fourth.url, operatorKey)('POST', '/v1/admin/activate', {
      ...first.activation(stripe, { public_url: fourth.url }),
      app_id: appId,
      replace: true,
    })
    expect(mended.body).toMatchObject({ changed: expect.arrayContaining(['stripe_secret_key']) })
    await fourth.stop()
    await stripe.proxy.close()
    await stripe.sandbox.close()
    folder.remove()
  }, 30_000)

  test('what an older version stored in plain is sealed at the next start, and wiped from the files', async () => {
    const folder = temporaryFolder()
    const first = await startAdmin({ dataDir: folder.path })
    const { appId } = first.tollbridge
    await first.stop()
    const plain = randomBytes(32).toString('hex')
    const database = new DatabaseSync(join(folder.path, 'tollbridge.db'))
    database.prepare("UPDATE secrets SET value = ? WHERE name = 'watch_signing_key'").run(`plain:${plain}`)
    database.close()
    const holds = () => [...filesOf(folder.path).values()].some((content) => content.includes(plain))
    expect(holds()).toBe(true)

    const second = await startTollbridge({ dataDir: folder.path })
    await eventually(() => !holds(), { what: 'the plain key to be wiped' })
    const { sandboxUrl } = second
    expect(sandboxUrl).toContain('http')
    expect(second.appId).toBe(appId)
    await second.stop()
    expect(holds()).toBe(false)
    folder.remove()
  }, 30_000)

  test('a setting that is no key is refused without being repeated', async () => {
    expect(() => readConfig({ TOLLBRIDGE_KEY: 'dG9vIHNob3J0' })).toThrow(
      /TOLLBRIDGE_KEY must be one or more keys/,
    )
    expect(() => readConfig({ TOLLBRIDGE_KEY: 'dG9vIHNob3J0' })).not.toThrow(/dG9vIHNob3J0/)
  })
})
