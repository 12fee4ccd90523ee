/** Stripe.js in the page: loaded when it is needed, once, and again after a failure. And what the SDK weighs. */
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bundleSdk } from './support/bundle-sdk.ts'
import { about, browser, collect, formReady, heard, openPage, type ShopPage } from './support/open-page.ts'

function scripts({ page }: ShopPage): Promise<string[]> {
  return page.evaluate(() => [...document.scripts].map(({ src }) => new URL(src).pathname))
}

/** Runs a function body in the page with `tollbridge`; a thrown error comes back as its facts. */
function inPage(shop: ShopPage, body: string) {
  return shop.page.evaluate(async (code) => {
    try {
      return await new Function('tollbridge', `return (async () => { ${code} })()`)(
        (window as unknown as { tollbridge: unknown }).tollbridge,
      )
    } catch (error) {
      const { name, type, code, message, param } = error as Record<string, unknown>
      return { thrown: { name, type, code, message, param } }
    }
  }, body)
}

describe.skipIf(browser === null)(`Stripe.js in the page${about}`, () => {
  test('nothing is loaded and nobody is asked before it is needed', async () => {
    const shop = await openPage()
    const requests: string[] = []
    shop.page.on('request', (request) => requests.push(request.url()))
    await inPage(shop, 'await new Promise((done) => setTimeout(done, 300))')
    expect(requests).toEqual([])
    expect(await scripts(shop)).toEqual(['/tollbridge.js', '/setup.js'])
  })

  test('importing the ESM entry injects no script', async () => {
    const shop = await openPage()
    const code = await bundleSdk('index.ts', 'esm')
    await shop.page.route('**/tollbridge.mjs', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: code }),
    )
    const outcome = await inPage(
      shop,
      `const sdk = await import(location.origin + '/tollbridge.mjs')
       await new Promise((done) => setTimeout(done, 300))
       return { exports: Object.keys(sdk), scripts: document.scripts.length, stripe: 'Stripe' in window }`,
    )
    expect(outcome).toEqual({
      exports: expect.arrayContaining(['createTollbridge', 'TollbridgeError']),
      scripts: 2,
      stripe: false,
    })
  })

  test('whoever asks at the same time shares one script and one object a key', async () => {
    const shop = await openPage()
    const same = await inPage(
      shop,
      `const [a, b, other] = await Promise.all([tollbridge.stripe('pk_test_a'), tollbridge.stripe('pk_test_a'), tollbridge.stripe('pk_test_b')])
       const again = await Tollbridge.createTollbridge({ url: location.origin, stripeJsUrl: document.querySelector('script[src$="/stripe.js"]').src }).stripe('pk_test_a')
       return [a === b, a === other, a === again]`,
    )
    expect(same).toEqual([true, false, true])
    expect((await scripts(shop)).filter((path) => path === '/stripe.js')).toHaveLength(1)
    expect(shop.console.filter(({ type }) => type !== 'info')).toEqual([])
  })

  test('a script that cannot be loaded is onFail in clear words, and the next try works', async () => {
    const shop = await openPage({ stripeJs: false })
    await collect(shop)
    const [first] = await heard(shop)
    expect(first).toMatchObject({
      name: 'onFail',
      data: {
        error: {
          type: 'api_connection_error',
          code: 'stripe_js_unavailable',
          message: expect.stringMatching(/could not be loaded from .*Check the connection/),
        },
      },
    })
    expect(await shop.dialog.count()).toBe(0)
    await shop.page.unroute('**/stripe.js')
    await collect(shop)
    await formReady(shop)
  })

  test('a policy that forbids the script is said the same way', async () => {
    const shop = await openPage({ policy: "default-src 'none'; script-src 'self'; style-src 'self'" })
    await collect(shop)
    expect(await heard(shop)).toMatchObject([
      {
        name: 'onFail',
        data: {
          error: {
            code: 'stripe_js_unavailable',
            message: expect.stringContaining('content security policy'),
          },
        },
      },
    ])
  })

  const REAL = 'https://js.stripe.com/endive/stripe.js'
  const STAND_IN = 'window.Stripe = Object.assign((key) => ({ key }), { version: "endive" })'

  test("Stripe's own script comes from Stripe, and a second try works there, too", async () => {
    const shop = await openPage({ options: { stripeJsUrl: REAL } })
    let tries = 0
    await shop.page.route(REAL, (route) => {
      tries += 1
      return tries === 1 ? route.abort() : route.fulfill({ contentType: 'text/javascript', body: STAND_IN })
    })
    expect(await inPage(shop, "await tollbridge.stripe('pk_test_a')")).toMatchObject({
      thrown: { name: 'TollbridgeError', code: 'stripe_js_unavailable' },
    })
    expect(await inPage(shop, "return (await tollbridge.stripe('pk_test_a')).key")).toBe('pk_test_a')
    expect(tries).toBe(2)
    expect(await shop.page.locator('script[src^="https://js.stripe.com"]').count()).toBe(1)
  })

  test("a tag of the page for Stripe's script is waited for, not loaded again", async () => {
    const shop = await openPage({ options: { stripeJsUrl: REAL } })
    let tries = 0
    await shop.page.route('https://js.stripe.com/v3/', (route) => {
      tries += 1
      return route.fulfill({ contentType: 'text/javascript', body: STAND_IN })
    })
    const key = await inPage(
      shop,
      `document.head.append(Object.assign(document.createElement('script'), { src: 'https://js.stripe.com/v3/', async: true }))
       return (await tollbridge.stripe('pk_test_a')).key`,
    )
    expect([key, tries]).toEqual(['pk_test_a', 1])
  })

  test('a tag for another script of Stripe, such as Terminal, is left alone', async () => {
    const shop = await openPage()
    await shop.page.route('https://js.stripe.com/**', (route) => route.fulfill({ body: '' }))
    await shop.page.addScriptTag({ url: 'https://js.stripe.com/terminal/v1/' })
    await collect(shop)
    await formReady(shop)
    expect(await shop.page.locator('script[src*="terminal"]').count()).toBe(1)
  })

  test("a page that has Stripe's own script, while the app is in a sandbox, is told", async () => {
    const shop = await openPage({
      script: `window.Stripe = () => {}
        document.head.append(Object.assign(document.createElement('script'), { src: 'https://js.stripe.com/v3/', type: 'text/plain' }))`,
    })
    expect(await inPage(shop, "await tollbridge.stripe('pk_test_a')")).toMatchObject({
      thrown: { code: 'stripe_js_mismatch', message: expect.stringContaining('Remove the script tag') },
    })
  })

  test.each([
    ['pk_live_x', 'publishable_key_invalid', /refuses live keys/],
    ['sk_test_x', 'publishable_key_invalid', /should not use your secret key/],
  ])('the key %s is refused: %s', async (key, code, message) => {
    const shop = await openPage()
    await collect(shop, { data: { publicKey: key } })
    expect(await heard(shop)).toMatchObject([
      {
        name: 'onFail',
        data: { error: { code, message: expect.stringMatching(message), param: 'publicKey' } },
      },
    ])
  })

  test('a server that cannot be reached is said, and asked again by the next call', async () => {
    const shop = await openPage({
      options: { url: 'http://127.0.0.1:9', clientKey: 'x', stripeJsUrl: undefined },
    })
    await collect(shop, { data: { publicKey: undefined } })
    expect(await heard(shop)).toMatchObject([
      { name: 'onFail', data: { error: { type: 'api_connection_error', code: 'server_unreachable' } } },
    ])
    expect(await inPage(shop, 'await tollbridge.ready()')).toMatchObject({
      thrown: { code: 'server_unreachable' },
    })
  })
})

test('createTollbridge without an address says so at once', async () => {
  const { createTollbridge } = await import('../src/index.ts')
  expect(() => createTollbridge({ url: '' })).toThrow(/needs `url`/)
  expect(() => createTollbridge({ url: 'pay.shop.example' })).toThrow(/such as https/)
})

test('the script is under 16,000 bytes, compressed', async () => {
  const code = await bundleSdk('script-tag.ts', 'iife')
  expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThan(16_000)
})
