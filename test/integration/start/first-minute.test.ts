/** A newcomer's first minute: start, paste the three commands, stop, start again. */
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import {
  freePort,
  npmStart,
  npmStartByNpm,
  type ProductProcess,
  startProduct,
  temporaryFolder,
} from '../../support/product-process.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const shell = promisify(execFile)
let settings: Record<string, string>
let product: ProductProcess

beforeAll(async () => {
  settings = {
    PORT: String(await freePort()),
    SANDBOX_PORT: String(await freePort()),
    TOLLBRIDGE_DATA_DIR: folder.path,
  }
})

/** The commands as they stand on the screen. */
function commands(): string[] {
  return product
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('  curl '))
    .map((line) => line.trim())
}

/** Runs a printed command in a shell, unchanged but for a time limit. */
async function paste(command: string, seconds = 10): Promise<string> {
  const { stdout } = await shell('timeout', [String(seconds), 'bash', '-c', command]).catch(
    (error: unknown) => {
      // The watch never ends by itself: `timeout` ends it, with what it has shown.
      if (typeof error === 'object' && error !== null && 'stdout' in error) return error as { stdout: string }
      throw error
    },
  )
  return stdout
}

describe('npm start', () => {
  test('prints where everything is, and answers /healthz by then', async () => {
    product = npmStart(settings)
    await product.printed('the next start keeps the data')
    const health = await fetch(`http://127.0.0.1:${settings['PORT']}/healthz`)
    expect(health.status).toBe(200)
    expect(product.stdout()).toContain(`Address         http://localhost:${settings['PORT']}`)
    expect(product.stdout()).toContain(`Local Stripe    http://127.0.0.1:${settings['SANDBOX_PORT']}`)
    expect(product.stdout().split('\n').length).toBeLessThan(40)
    expect(commands()).toHaveLength(3)
  }, 120_000)

  test('keeps the same facts in connection.json, which only its owner may read', () => {
    const file = join(folder.path, 'connection.json')
    const connection: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'))
    expect(Object.keys(connection).sort()).toEqual(['appId', 'clientKey', 'sandboxUrl', 'serverKey', 'url'])
    expect(product.stdout()).toContain(connection['appId'])
    expect(product.stdout()).toContain(connection['clientKey'])
    expect(product.stdout()).not.toContain(connection['serverKey'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('the three commands make a charge, show charge.succeeded arrive, and list its row', async () => {
    const [charge = '', watch = '', list = ''] = commands()
    const made: Record<string, unknown> = JSON.parse(await paste(charge))
    expect(made).toMatchObject({ object: 'charge', amount: 1999, status: 'succeeded' })
    // Whoever runs it again is the payer of that order, and nothing is charged anew.
    expect(JSON.parse(await paste(charge))).toMatchObject({ id: made['id'] })

    const shown = await paste(watch, 3)
    expect(shown).toContain('"type":"charge.succeeded"')
    expect(shown).toContain(String(made['id']))

    const rows: Record<string, unknown>[] = JSON.parse(await paste(list))
    expect(rows).toContainEqual(expect.objectContaining({ type: 'charge.succeeded', id: made['id'] }))
  }, 30_000)

  test('Ctrl-C stops it cleanly', async () => {
    product.child.kill('SIGTERM')
    expect(await product.exited).toBe(0)
    expect(product.stderr()).toBe('')
  })

  test('a second start keeps the data, the keys and the charges of the local Stripe', async () => {
    const before = JSON.parse(readFileSync(join(folder.path, 'connection.json'), 'utf8'))
    const [, , list = ''] = commands()
    product = startProduct(settings)
    await product.printed('the next start keeps the data')
    expect(JSON.parse(readFileSync(join(folder.path, 'connection.json'), 'utf8'))).toEqual(before)
    const rows: Record<string, unknown>[] = JSON.parse(await paste(list))
    expect(rows.map((row) => row['type'])).toContain('charge.succeeded')
    const chargeId = rows.find((row) => row['type'] === 'charge.succeeded')?.['id']
    const kept = await fetch(`${before.sandboxUrl}/v1/charges/${chargeId}`, {
      headers: { authorization: 'Bearer sk_test_fromTheTests' },
    })
    expect(await kept.json()).toMatchObject({ id: chargeId, status: 'succeeded' })

    // The webhooks of a new charge arrive over the endpoint of the first start.
    const [charge = ''] = commands()
    const { id } = JSON.parse(await paste(charge))
    await eventually(async () => {
      const url = `${before.url}/${before.appId}/${before.clientKey}/data/StripeEvents/count?where=id%3D'${id}'`
      return Number(await (await fetch(url)).text()) > 0
    })
  }, 30_000)

  test('where a payment is shown to its payer alone, the commands show his token', async () => {
    const other = temporaryFolder()
    const first = product
    product = startProduct({
      PORT: '0',
      SANDBOX_PORT: '0',
      TOLLBRIDGE_DATA_DIR: other.path,
      ORDER_IDS_ARE_SECRET: 'false',
    })
    await product.printed('the next start keeps the data')
    expect(product.stdout()).toContain('TOKEN=<what stands behind Tollbridge-Watch-Token>')
    const [charge = '', watch = '', list = ''] = commands()
    const token = /^tollbridge-watch-token: (\S+)/im.exec(await paste(charge))?.[1] ?? ''
    const shown = await paste(`TOKEN=${token}; ${watch}`, 2)
    expect(shown).toContain('"type":"charge.succeeded"')
    const rows: Record<string, unknown>[] = JSON.parse(await paste(`TOKEN=${token}; ${list}`))
    expect(rows.map((row) => row['type'])).toContain('charge.succeeded')
    product.child.kill('SIGTERM')
    expect(await product.exited).toBe(0)
    other.remove()
    product = first
  }, 30_000)

  test('a taken port is named, with the setting that changes it', async () => {
    const other = temporaryFolder()
    const second = startProduct({ ...settings, TOLLBRIDGE_DATA_DIR: other.path, SANDBOX_PORT: '0' })
    expect(await second.exited).toBe(1)
    expect(second.stderr()).toContain(`Port ${settings['PORT']} is taken`)
    expect(second.stderr()).toContain(`PORT=${Number(settings['PORT']) + 1} npm start`)
    const third = startProduct({ ...settings, TOLLBRIDGE_DATA_DIR: other.path, PORT: '0' })
    expect(await third.exited).toBe(1)
    expect(third.stderr()).toContain(`Port ${settings['SANDBOX_PORT']} is taken`)
    expect(third.stderr()).toContain('SANDBOX_PORT=')
    other.remove()
    product.child.kill('SIGINT')
    expect(await product.exited).toBe(0)
  })

  test('a SIGTERM to npm alone leaves no server behind', async () => {
    const byNpm = npmStartByNpm(settings)
    await byNpm.printed('the next start keeps the data')
    byNpm.child.kill('SIGTERM')
    // Resolves when everything that prints there has ended, the server included.
    await byNpm.exited
    expect(byNpm.stdout()).toContain('Stopping…')
    await expect(fetch(`http://127.0.0.1:${settings['PORT']}/healthz`)).rejects.toThrow()
  }, 60_000)
})
