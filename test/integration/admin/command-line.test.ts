/** The command line as people use it: beside a running server, with exit codes for scripts. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settings } from '../../../packages/server/src/config.ts'
import { freePort, startProduct, temporaryFolder } from '../../support/product-process.ts'
import { adminClient, type Json } from './admin-client.ts'
import { type AdminSetup, type StripeStandIn, startAdmin } from './start-admin.ts'

let admin: AdminSetup
let stripe: StripeStandIn
beforeAll(async () => {
  admin = await startAdmin()
  stripe = await admin.addStripe('cli')
})
afterAll(() => admin.stop())

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs `tollbridge …` on the data folder of the running server; `input` goes to its standard input. */
function tollbridge(args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Outcome> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in settings)))
  const own = { TOLLBRIDGE_DATA_DIR: admin.tollbridge.dataDir, ORDER_IDS_ARE_SECRET: 'false', ...env }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=source', 'packages/server/src/main.ts', ...args],
      { cwd: root, env: { ...clean, ...own } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
    child.stdin?.end(input)
  })
}

const activation = (more: readonly string[] = []) => [
  'activate',
  '--publishable-key',
  stripe.publishableKey,
  '--public-url',
  admin.tollbridge.url,
  '--currency',
  'usd',
  '--api-base',
  stripe.proxy.url,
  ...more,
]

describe('tollbridge', () => {
  test('--help lists the commands, and each has help of its own', async () => {
    const help = await tollbridge(['--help'])
    expect(help.code).toBe(0)
    for (const name of ['start', 'activate', 'doctor', 'apps', 'keys', 'secrets', 'forget']) {
      expect(help.stdout).toContain(`  ${name}`)
    }
    const [doctor, keys] = await Promise.all([
      tollbridge(['doctor', '--help']),
      tollbridge(['keys', 'roll-signing-secret', '--help']),
    ])
    expect(doctor.stdout).toContain('Exit code: 0')
    expect(keys.stdout).toContain('--overlap <seconds>')
  })

  test('a wrong call exits with 2 and says what is wrong', async () => {
    const calls = [
      [['frobnicate'], 'There is no command frobnicate'],
      [['doctor', '--wat'], "unknown option '--wat'"],
      [['apps', 'show'], "missing required argument 'app-id'"],
      [['apps', 'create'], '--mode <mode>'],
      [['forget', '--customer', 'pi_1'], '--customer must be the id of a customer'],
    ] as const
    const outcomes = await Promise.all(calls.map(([args]) => tollbridge(args)))
    for (const [index, [, message]] of calls.entries()) {
      expect(outcomes[index]?.stderr).toContain(message)
      expect(outcomes[index]?.code).toBe(2)
    }
  })

  test('activate takes the secret key from standard input, and the running server takes it over', async () => {
    const first = await tollbridge(activation(['--secret-key', '-']), `${stripe.secretKey}\n`)
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    expect(first.stdout).toContain('The app is active in test mode.')
    expect(first.stdout).not.toContain(stripe.secretKey)
    const appId = /App id +(\S+)/.exec(first.stdout)?.[1] ?? ''

    const again = await tollbridge(['activate', '--app', appId, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: [], warnings: [] })
    expect((await stripe.sdk.webhookEndpoints.list()).data).toHaveLength(1)
    const doctor = await admin.operator('GET', `/v1/admin/doctor?app_id=${appId}`)
    expect(doctor.body['status']).toBe('ok')
  })

  test('half an activation fails with 1 and names what is missing', async () => {
    const half = await tollbridge(['activate', '--app', 'app_new', '--secret-key', stripe.secretKey])
    expect(half.code).toBe(1)
    expect(half.stderr).toContain('There is no app app_new')
    const other = await tollbridge(['activate', '--secret-key', 'sk_live_other1234567'])
    expect(other.code).toBe(1)
    expect(other.stderr).toContain('publishable_key is missing. public_url is missing. currency is missing.')
    expect(other.stderr).not.toContain('sk_live_other1234567')
  })

  test('doctor exits with 0 when nothing fails and with 1 when something does', async () => {
    const good = await tollbridge(['doctor'])
    expect(good.code).toBe(0)
    expect(good.stdout).toMatch(/ok +round_trip/)
    expect(good.stdout).toContain('Nothing fails.')

    const { data } = await stripe.sdk.webhookEndpoints.list()
    const id = data[0]?.id ?? ''
    await stripe.sdk.webhookEndpoints.update(id, { disabled: true })
    const [bad, json] = await Promise.all([tollbridge(['doctor']), tollbridge(['doctor', '--json'])])
    await stripe.sdk.webhookEndpoints.update(id, { disabled: false })
    expect([bad.code, json.code]).toEqual([1, 1])
    expect(bad.stdout).toMatch(/fail +endpoint_status +The webhook endpoint we_\w+ is disabled/)
    const statuses = (JSON.parse(json.stdout) as { data: Json[] }).data.map((it) => it['status'])
    expect(statuses).toEqual(['ok', 'fail'])
  })

  test('apps and keys are made, shown and ended, in force for the running server at once', async () => {
    const made = await tollbridge(['apps', 'create', '--mode', 'test', '--name', 'Second shop'])
    expect(made.stdout).toMatch(/It may +read, payments, refunds, ui\n/)
    const asked = await tollbridge(['apps', 'create', '--mode', 'test', '--scopes', 'read,admin'])
    expect(asked.stdout).toMatch(/It may +read, admin\n/)
    const appId = /App id +(\S+)/.exec(made.stdout)?.[1] ?? ''
    const serverKey = /tbk_\S+/.exec(made.stdout)?.[0] ?? ''
    expect((await tollbridge(['apps', 'list'])).stdout).toContain(`${appId}  test  Second shop`)
    expect((await tollbridge(['apps', 'show', appId])).stdout).toMatch(/Stripe key +unset/)

    await tollbridge(['keys', 'rotate-client', appId])
    const added = await tollbridge(['keys', 'add-server', appId, '--scopes', 'read,admin'])
    const fresh = adminClient(admin.tollbridge.url, /tbk_\S+/.exec(added.stdout)?.[0] ?? '')
    await expect
      .poll(async () => (await fresh('GET', `/v1/admin/apps/${appId}`)).body['client_keys'], {
        timeout: 5000,
      })
      .toHaveLength(2)
    const shown = await fresh('GET', `/v1/admin/apps/${appId}`)
    const [{ id: keyId = '' } = {}] = shown.body['server_keys'] as { id?: string }[]
    expect((await tollbridge(['keys', 'revoke-server', appId, keyId])).code).toBe(0)
    const old = adminClient(admin.tollbridge.url, serverKey)
    await expect.poll(async () => (await old('GET', '/v1/events')).status, { timeout: 5000 }).toBe(401)
    const freshId = String((shown.body['server_keys'] as Json[])[1]?.['id'])
    const scopes = (...more: string[]) => tollbridge(['keys', 'scopes', appId, freshId, ...more])
    expect((await scopes()).stdout).toMatch(
      new RegExp(`^${freshId}  ….{4}  read, admin  made .* by command_line:`),
    )
    const changed = await scopes('--add', 'refunds,ui', '--remove', 'admin')
    expect(changed.stdout).toContain('read, refunds, ui')
    expect((await scopes('--add', 'everything')).code).toBe(2)
    expect((await tollbridge(['apps', 'show', appId])).stdout).toContain('read, refunds, ui')

    const trail = await tollbridge(['audit', '--app', appId])
    const lines = trail.stdout.trim().split('\n')
    expect(lines.map((line) => line.split(/ +/)[1])).toEqual([
      'server_key.changed',
      'server_key.revoked',
      'server_key.created',
      'client_key.created',
      'app.created',
    ])
    expect(lines[0]).toMatch(/by command_line:\S+ .*scopes_before=\["read","admin"\]/)
    expect(trail.stdout).not.toContain('tbk_')
    const json = await tollbridge(['audit', '--action', 'server_key.revoked', '--limit', '1', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ data: [{ action: 'server_key.revoked', target: keyId }] })

    expect((await tollbridge(['apps', 'disable', appId])).stdout).toContain('is disabled')
    expect((await tollbridge(['apps', 'list'])).stdout).toContain(`${appId}  test, disabled`)
  }, 60_000)

  test('signing secrets are added, rolled and retired without ever being shown', async () => {
    const { appId } = admin.tollbridge
    const added = await tollbridge(['keys', 'add-signing-secret', appId, '-'], 'whsec_fromTheTerminal1\n')
    const id = added.stdout.trim()
    const rolled = await tollbridge([
      'keys',
      'roll-signing-secret',
      appId,
      'whsec_fromTheTerminal2',
      '--overlap',
      '60',
    ])
    const listed = await tollbridge(['keys', 'signing-secrets', appId])
    expect(listed.stdout).toMatch(new RegExp(`${id}  rolling_out until`))
    expect(listed.stdout).toContain(`${rolled.stdout.trim()}  active`)
    expect(listed.stdout).not.toContain('whsec_')
    expect((await tollbridge(['keys', 'retire-signing-secret', appId, id])).code).toBe(0)
    expect((await tollbridge(['keys', 'add-signing-secret', appId, 'nonsense'])).code).toBe(1)
  }, 60_000)

  test('secrets rotate seals everything again, under a running server that goes on', async () => {
    const keyFile = join(admin.tollbridge.dataDir, 'key')
    const before = readFileSync(keyFile, 'utf8')
    const rotated = await tollbridge(['secrets', 'rotate'])
    expect(rotated.stdout).toMatch(/Sealed again: [1-9]/)
    expect(readFileSync(keyFile, 'utf8')).not.toBe(before)
    expect((await admin.operator('GET', '/v1/admin/doctor')).body['status']).toBe('ok')
    await admin.tollbridge.sandbox.idle()
  })

  test('a key file that others can read is a warning', async () => {
    const keyFile = join(admin.tollbridge.dataDir, 'key')
    const { chmodSync } = await import('node:fs')
    chmodSync(keyFile, 0o644)
    const warned = await tollbridge(['doctor', '--app', admin.tollbridge.appId])
    chmodSync(keyFile, 0o600)
    expect(warned.code).toBe(0)
    expect(warned.stdout).toMatch(/warn +secrets +Others on this machine can read the key file/)
  })

  test('the operator key is rotated: the old one opens nothing more', async () => {
    const rotated = await tollbridge(['keys', 'rotate-operator'])
    expect((await admin.operator('GET', '/v1/admin/apps')).status).toBe(401)
    const fresh = adminClient(admin.tollbridge.url, rotated.stdout.trim())
    expect((await fresh('GET', '/v1/admin/apps')).status).toBe(200)
  })

  test('forget takes a customer out of every app', async () => {
    const forgotten = await tollbridge(['forget', '--customer', 'cus_nobody'])
    expect(forgotten.code).toBe(0)
    expect(forgotten.stdout).toContain(`${admin.tollbridge.appId}: 0 events are about cus_nobody`)
  })
})

test('an activated app becomes the default with APP_ID, without the local Stripe', async () => {
  const folder = temporaryFolder()
  const port = String(await freePort())
  const env = { TOLLBRIDGE_DATA_DIR: folder.path, PORT: port }
  const account = await admin.addStripe('default')
  const activated = await tollbridge(
    [
      'activate',
      '--secret-key',
      '-',
      '--publishable-key',
      account.publishableKey,
      '--public-url',
      `http://localhost:${port}`,
      '--currency',
      'eur',
      '--api-base',
      account.proxy.url,
    ],
    account.secretKey,
    env,
  )
  const appId = /App id +(\S+)/.exec(activated.stdout)?.[1] ?? ''
  const product = startProduct({ ...env, APP_ID: appId })
  await product.printed('the next start keeps the data')
  expect(product.stdout()).toContain('against Stripe, in test mode')
  const doctor = await tollbridge(['doctor'], '', { ...env, APP_ID: appId })
  expect(doctor.stdout).toContain('Nothing fails.')
  product.child.kill('SIGTERM')
  expect(await product.exited).toBe(0)

  // Stripe keys in the settings would be a second account for the same app.
  const clash = startProduct({
    ...env,
    APP_ID: appId,
    STRIPE_SECRET_KEY: 'sk_test_another12345',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_another12345',
    STRIPE_WEBHOOK_SECRET: 'whsec_another12345',
    CURRENCY: 'usd',
  })
  expect(await clash.exited).toBe(1)
  expect(clash.stderr()).toContain('was activated with Stripe keys of its own')

  writeFileSync(join(folder.path, 'key'), 'not a key\n')
  const broken = startProduct({ ...env, APP_ID: appId })
  expect(await broken.exited).toBe(1)
  expect(broken.stderr()).toContain('is not 32 bytes in base64')
  folder.remove()
}, 60_000)
