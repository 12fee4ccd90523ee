/** What a page is told of its app. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPageScripts } from '../../../packages/server/src/pages/page-script.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
beforeAll(async () => {
  server = await startTollbridge({ env: { CURRENCY: 'eur' } })
})
afterAll(() => server.stop())

const ask = (path: string, key?: string) =>
  fetch(server.url + path, {
    headers: {
      origin: 'https://shop.example',
      'accept-encoding': 'gzip, br',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
  })

test('a page that knows the address and its client key learns the rest', async () => {
  const answer = await ask('/v1/config', server.clientKey)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    object: 'config',
    app_id: server.appId,
    mode: 'sandbox',
    livemode: false,
    publishable_key: expect.stringMatching(/^pk_test_/),
    stripe_js_url: `${server.sandboxUrl}/stripe.js`,
    currency: 'eur',
    captcha: null,
  })
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  expect(await (await fetch(`${server.sandboxUrl}/stripe.js`)).text()).toContain('Stripe')
})

test('a server key is told the same, and nobody is told anything', async () => {
  const answers = [await ask('/v1/config', server.serverKey), await ask('/v1/config', server.clientKey)]
  expect(await answers[0]?.json()).toEqual(await answers[1]?.json())
  const refused = await ask('/v1/config')
  expect([refused.status, (await refused.json()).error.code]).toEqual([401, 'api_key_missing'])
})

test('the captcha that payers may be asked for is named', async () => {
  const guarded = await startTollbridge({
    env: { CAPTCHA_PROVIDER: 'turnstile', CAPTCHA_SITE_KEY: 'site-1', CAPTCHA_SECRET: 'secret-1' },
  })
  const answer = await fetch(`${guarded.url}/v1/config`, {
    headers: { authorization: `Bearer ${guarded.clientKey}` },
  })
  const text = await answer.text()
  await guarded.stop()
  expect(JSON.parse(text).captcha).toEqual({ provider: 'turnstile', site_key: 'site-1' })
  expect(text).not.toContain('secret-1')
})

const script = createPageScripts()('tollbridge.js')

// `npm test` builds it first; a test run without the build has nothing to give out.
test.skipIf(script === null)(
  'the browser SDK is given to pages of any origin, packed, and kept for ever only by its version',
  async () => {
    const plain = await ask('/tollbridge.js')
    expect(plain.status).toBe(200)
    expect(plain.headers.get('content-type')).toContain('text/javascript')
    expect(plain.headers.get('content-encoding')).toBe('br')
    expect(plain.headers.get('access-control-allow-origin')).toBe('*')
    expect(plain.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(plain.headers.get('cache-control')).toBe('no-cache')
    expect(Buffer.from(await plain.arrayBuffer())).toEqual(script?.bytes)

    const again = await fetch(`${server.url}/tollbridge.js`, {
      headers: { 'accept-encoding': 'br', 'if-none-match': plain.headers.get('etag') ?? '' },
    })
    expect([again.status, await again.text()]).toEqual([304, ''])

    const pinned = await ask(`/tollbridge.js?v=${script?.version}`)
    expect(pinned.headers.get('cache-control')).toContain('immutable')
    const other = await ask('/tollbridge.js?v=0000000000000000')
    expect([other.status, other.headers.get('cache-control')]).toEqual([200, 'no-cache'])

    const gzip = await fetch(`${server.url}/tollbridge.js`, {
      headers: { 'accept-encoding': 'gzip, br;q=0' },
    })
    expect(gzip.headers.get('content-encoding')).toBe('gzip')
    expect(gzip.headers.get('etag')).not.toBe(plain.headers.get('etag'))
    expect(Buffer.from(await gzip.arrayBuffer())).toEqual(script?.bytes)
    expect((await ask('/tollbridge.mjs')).status).toBe(200)
  },
)
