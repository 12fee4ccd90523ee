/** docs/backup.md, run as it stands there: what was paid since a backup is not paid again after it was put back. */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { settings } from '../../../packages/server/src/config.ts'
import { call, charge } from '../../support/api-client.ts'
import { temporaryFolder } from '../../support/product-process.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const guide = readFileSync(join(root, 'docs/backup.md'), 'utf8')
const folder = temporaryFolder()
afterAll(() => folder.remove())
const bin = join(folder.path, 'bin')
const main = join(root, 'packages/server/src/main.ts')

beforeAll(() => {
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'tollbridge'),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=source "${main}" "$@"\n`,
  )
  chmodSync(join(bin, 'tollbridge'), 0o755)
})

/** The commands below a heading, in their order. */
function commandsBelow(heading: string): readonly string[] {
  const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block.trim())
  if (blocks.length === 0) throw new Error(`docs/backup.md has no commands below "${heading}"`)
  return blocks
}

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let folders = 0
let place: string
let dataDir: string
let server: Tollbridge | null = null

function fresh(): void {
  folders += 1
  place = join(folder.path, String(folders))
  dataDir = join(place, 'data')
  mkdirSync(place)
}

afterEach(async () => {
  await server?.stop()
  server = null
})

async function start(): Promise<Tollbridge> {
  server = await startTollbridge({ dataDir, env: { REPAIR_INTERVAL_SECONDS: '0' } })
  return server
}

async function stop(): Promise<void> {
  await server?.stop()
  server = null
}

function run(script: string): Promise<Ran> {
  const blank = Object.fromEntries(Object.keys(settings).map((name) => [name, '']))
  const env = {
    ...process.env,
    ...blank,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    TOLLBRIDGE_DATA_DIR: dataDir,
    PORT: '0',
    SANDBOX_PORT: '0',
  }
  return new Promise((resolve) => {
    execFile('sh', ['-euc', script], { cwd: place, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

async function succeed(script: string): Promise<string> {
  const { code, stdout, stderr } = await run(script)
  expect({ script, code, stderr }).toEqual({ script, code: 0, stderr: '' })
  return stdout
}

/** What the page of an order keeps, in each folder: the proof that it is the payer, which outlives a restore. */
const proofs = new Map<string, string>()

const paid = async (orderId: string) => {
  if (server === null) throw new Error('no server runs')
  const proof = proofs.get(join(place, orderId))
  const { status, body, headers } = await charge(
    server,
    { amount: 1999, token: 'tok_visa', order_id: orderId },
    { headers: proof === undefined ? {} : { 'tollbridge-watch-token': proof } },
  )
  expect([status, body]).toMatchObject([200, { status: 'succeeded' }])
  proofs.set(join(place, orderId), headers.get('tollbridge-watch-token') ?? '')
  return String(body['id'])
}

/** The charges that Stripe has made. */
async function charges(): Promise<string[]> {
  const { hostname, port } = new URL(server?.sandboxUrl ?? '')
  const stripe = new Stripe('sk_test_any', { host: hostname, port: Number(port), protocol: 'http' })
  return (await stripe.charges.list({ limit: 100 })).data.map(({ id }) => id).sort()
}

describe('the guide', () => {
  test('brings back what was paid since, and charges no order twice', async () => {
    fresh()
    await start()
    const first = await paid('order-1')
    const [backup = '', forced = '', keepKey = ''] = commandsBelow('Make a backup')
    const said = await succeed(backup)
    expect(said).toMatch(/Backed up to backup-1\.db: .* of 1 app; read through, and whole\./)
    expect(said).toContain('The master key (the key file) is not in it')
    expect(statSync(join(place, 'backup-1.db')).mode & 0o077).toBe(0)
    expect(existsSync(join(place, 'backup-1.db.partial'))).toBe(false)
    expect(await run(backup)).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') })
    await succeed(forced)
    await succeed(keepKey)

    const second = await paid('order-2')
    const [restore = '', bringKey = ''] = commandsBelow('Restore')
    expect(await run(restore)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Another Tollbridge is running'),
    })
    const sandboxApp = server?.appId
    await stop()
    rmSync(join(dataDir, 'key'))
    // Without its key, the restored database could not even be opened for the comparison.
    await succeed(bringKey)
    const restored = await succeed(restore)
    expect(restored).toContain(`tollbridge.db.before-restore`)
    expect(restored).toMatch(
      new RegExp(`${sandboxApp}: level with Stripe\\. 1 payments compared|level with Stripe`),
    )

    await start()
    expect(server?.appId).toBe(sandboxApp)
    expect(await paid('order-2')).toBe(second)
    expect(await paid('order-1')).toBe(first)
    expect(await charges()).toEqual([first, second].sort())
    const list = await call(server as never, '/v1/payments')
    expect((list.body['data'] as { order_id: string }[]).map((it) => it.order_id).sort()).toEqual([
      'order-1',
      'order-2',
    ])
    // The old one is a backup too.
    await stop()
    expect(await succeed(`tollbridge restore ${join(dataDir, 'tollbridge.db.before-restore')}`)).toContain(
      'level with Stripe',
    )
  })

  test('for a folder that was put back by other means', async () => {
    fresh()
    await start()
    await paid('order-1')
    await stop()
    for (const command of commandsBelow('Put back by other means')) {
      expect(await succeed(command)).toContain('level with Stripe')
    }
  })
})

test('a copy that is put back by hand is compared at the start, with no command', async () => {
  fresh()
  await start()
  await paid('order-1')
  await stop()
  copyFileSync(join(dataDir, 'tollbridge.db'), join(place, 'by-hand.db'))
  await start()
  const second = await paid('order-2')
  await stop()
  copyFileSync(join(place, 'by-hand.db'), join(dataDir, 'tollbridge.db'))
  await start()
  expect(await paid('order-2')).toBe(second)
  expect(await charges()).toHaveLength(2)
})

test.each([
  ['no file at all', 'nothing.db', () => {}, 'There is no file'],
  ['no database', 'text.db', (file: string) => writeFileSync(file, 'x'.repeat(9_000)), 'is not a database'],
  [
    'another program’s',
    'other.db',
    (file: string) => writeFileSync(file, ''),
    'is not a database of Tollbridge',
  ],
] as const)('a restore from %s is refused, and changes nothing', async (_what, name, make, sentence) => {
  fresh()
  await start()
  await stop()
  const before = readFileSync(join(dataDir, 'tollbridge.db'))
  make(join(place, name))
  const { code, stderr } = await run(`tollbridge restore ${name}`)
  expect(code).toBe(1)
  expect(stderr).toContain(sentence)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(readFileSync(join(dataDir, 'tollbridge.db'))).toEqual(before)
  expect(existsSync(join(dataDir, 'tollbridge.db.restoring'))).toBe(false)
})
