/** The data folder is the server's own: nobody else's, one server's at a time, and watched while it runs. */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import Stripe from 'stripe'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { startProduct, temporaryFolder } from '../../support/product-process.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

const root = temporaryFolder()
afterAll(() => root.remove())

const stripeAt = (url: string) => {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), protocol: 'http' } as const
}

let folders = 0
const freshFolder = (mode = 0o700) => {
  folders += 1
  const path = join(root.path, String(folders))
  mkdirSync(path, { mode })
  chmodSync(path, mode)
  return path
}

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of running.splice(0)) await it.stop()
})

async function start(
  dataDir: string,
  options: Parameters<typeof startTollbridge>[0] = {},
): Promise<Tollbridge> {
  const tollbridge = await startTollbridge({ dataDir, ...options })
  running.push(tollbridge)
  return tollbridge
}

describe('a start is refused', () => {
  test('on a folder that others may write', async () => {
    const folder = freshFolder(0o777)
    await expect(start(folder)).rejects.toThrow(`chmod go-w ${folder}`)
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    'tollbridge.db',
    'tollbridge.db-wal',
    'key',
    'connection.json',
    'connection.json.new',
    'tollbridge.mark',
    'sandbox.db',
  ])('with a link in the place of %s', async (name) => {
    const folder = freshFolder()
    const elsewhere = join(freshFolder(), 'elsewhere')
    writeFileSync(elsewhere, '', { mode: 0o600 })
    symlinkSync(elsewhere, join(folder, name))
    await expect(start(folder)).rejects.toThrow(`${join(folder, name)} is a link`)
    rmSync(join(folder, name))
    linkSync(elsewhere, join(folder, name))
    await expect(start(folder)).rejects.toThrow(`${join(folder, name)} has a second name`)
  })

  test('beside another server, until that one is gone, however it went', async () => {
    const folder = freshFolder()
    const first = startProduct({ PORT: '0', SANDBOX_PORT: '0', TOLLBRIDGE_DATA_DIR: folder })
    await first.printed('the next start keeps the data')
    await expect(start(folder)).rejects.toThrow('Another Tollbridge is running on the data folder')
    first.child.kill('SIGKILL')
    await first.exited
    await start(folder)
  })
})

describe('a database that is taken away under a running server', () => {
  test('is noticed, said, and nothing is acknowledged until it is back', async () => {
    const lines: string[] = []
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const folder = freshFolder()
    const tollbridge = await start(folder, { log: createLog('warn', destination) })
    const { url, appId, clientKey, serverKey, sandbox, sandboxUrl } = tollbridge
    const { secret } = sandbox.ensureWebhookEndpoint({ url: `${url}/webhooks/stripe`, enabledEvents: ['*'] })
    const deliver = (id: string) => {
      const payload = JSON.stringify({
        id,
        object: 'event',
        type: 'customer.created',
        created: 1,
        livemode: false,
        data: { object: { id: 'cus_1', object: 'customer' } },
      })
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret })
      return fetch(`${url}/webhooks/stripe`, {
        method: 'POST',
        body: payload,
        headers: { 'Stripe-Signature': signature, 'Content-Type': 'application/json' },
      })
    }
    const charge = (orderId: string) =>
      fetch(`${url}/${appId}/${clientKey}/services/Stripe/charge`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ amount: 1999, token: 'tok_visa', order_id: orderId }),
      })
    const events = () => fetch(`${url}/v1/events`, { headers: { Authorization: `Bearer ${serverKey}` } })
    expect((await deliver('evt_1')).status).toBe(200)

    const file = join(folder, 'tollbridge.db')
    renameSync(file, `${file}.away`)
    // Before any look at the file: the commit itself finds out.
    expect((await deliver('evt_2')).status).toBe(503)
    expect((await charge('order-1')).status).toBe(503)
    const refused = await events()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'store_unavailable' } })
    expect(lines.join('')).toContain('is gone')
    expect(lines.join('')).toContain('tollbridge restore')
    await vi.waitFor(() => expect(existsSync(`${file}.rescued`)).toBe(true))
    // Nothing was charged for an order that could not be written down.
    expect((await new Stripe('sk_test_x', stripeAt(sandboxUrl)).paymentIntents.list()).data).toEqual([])

    renameSync(`${file}.away`, file)
    await vi.waitFor(async () => expect((await deliver('evt_2')).status).toBe(200), { timeout: 5_000 })
    expect((await charge('order-1')).status).toBe(200)
  })
})
