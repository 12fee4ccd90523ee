/** Stripe's official library for Python, which knows nothing of Tollbridge, against the port for Stripe's SDKs. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('./python-sdk.py', import.meta.url))

/** null: it works here. Debian's package is for Debian's Python, whatever other is first in the path. */
async function findPython(): Promise<{ readonly python: string } | { readonly reason: string }> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      await run(python, ['-c', 'import stripe'])
      return { python }
    } catch {}
  }
  const reason = 'no Python with the library stripe is here (Debian: apt-get install python3-stripe)'
  if (process.env['TOLLBRIDGE_TESTS_REQUIRE']?.includes('python-stripe')) throw new Error(reason)
  return { reason }
}

const found = await findPython()

describe.skipIf('reason' in found)(`with Python${'reason' in found ? `: ${found.reason}` : ''}`, () => {
  let server: Tollbridge
  let seen: Record<string, unknown>
  beforeAll(async () => {
    server = await startTollbridge({ env: { STRIPE_PROXY_PORT: '0' } })
    const python = 'python' in found ? found.python : ''
    const { stdout } = await run(
      python,
      [SCRIPT, server.stripeProxyUrl ?? '', server.serverKey, server.clientKey],
      {
        env: { ...process.env, no_proxy: '*' },
      },
    )
    seen = JSON.parse(stdout) as Record<string, unknown>
  })
  afterAll(() => server?.stop())

  test('objects are made, changed and paged through', () => {
    expect(seen).toMatchObject({ name: 'Jo ü', metadata: { a: '1' }, paged: 5, deleted: true })
  })

  test('a payment succeeds and is refunded', () => {
    expect(seen).toMatchObject({ payment: 'succeeded', refund: 'succeeded' })
  })

  test('errors have the library’s own classes', () => {
    expect(seen).toMatchObject({
      declined: ['CardError', 402, 'card_declined'],
      missing: ['InvalidRequestError', 404, 'resource_missing'],
      refused: ['PermissionError', 403, 'stripe_call_refused'],
      client_key: ['AuthenticationError', 401, 'secret_key_required'],
    })
  })

  test('the same idempotency key is the same request', () => {
    expect(seen['same']).toBe(true)
  })
})
