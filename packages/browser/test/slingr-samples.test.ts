/** The two samples of Slingr's page, unchanged, in a page that has nothing but the script tag of a real server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTollbridge } from '../../../test/support/start-tollbridge.ts'
import { connect } from '../../sandbox/test/support/start-sandbox.ts'
import { bundleSdk } from './support/bundle-sdk.ts'
import { about, bank, browser, frame } from './support/open-page.ts'

const COLLECT = `
var publicKey = app.endpoints.stripe._configuration.publishableKey;

sys.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: {
       publicKey: publicKey,
       title: 'Card Information',
       dataSecret: setupIntent,
       elementType: 'card',
       elementOptions: null
    },
    callbacks: {
      onSuccess: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for onSuccess");
        sys.logs.debug(JSON.stringify(originalMessage));
        sys.logs.debug("Here is the callback data for onSuccess");
        sys.logs.debug(JSON.stringify(callbackData));
      },
      onFail: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for onFail");
        sys.logs.debug(JSON.stringify(originalMessage));
        sys.logs.debug("Here is the callback data for onFail");
        sys.logs.debug(JSON.stringify(callbackData));
      }
    }
});`

const ACT = `
var publicKey = app.endpoints.stripe._configuration.publishableKey;

sys.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'handleCardAction',
    data: {
       publicKey: publicKey,
       clientSecret: clientSecret
    },
    callbacks: {
      cardActionCallback: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for cardActionCallback");
        sys.logs.debug(JSON.stringify(originalMessage));
        sys.logs.debug("Here is the callback data for cardActionCallback");
        sys.logs.debug(JSON.stringify(callbackData));
      }
    }
});`

/** A page of another origin with the script tag; `run` runs a sample as the page's own code, with what its server gave. */
async function openShop() {
  const tollbridge = await startTollbridge()
  onTestFinished(() => tollbridge.stop())
  const tag = `<script src="${tollbridge.url}/tollbridge.js" data-app-id="${tollbridge.appId}" data-client-key="${tollbridge.clientKey}" data-slingr></script>`
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><body>${tag}</body></html>`,
    )
    request.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const context = await (browser as Browser).newContext({ locale: 'en-US' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  const logs: string[] = []
  const errors: string[] = []
  page.on('console', (line) => {
    if (line.type() === 'debug') logs.push(line.text())
    if (line.type() === 'error') errors.push(line.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  // From the sources, so that no stale build is tested.
  const sdk = await bundleSdk('script-tag.ts', 'iife')
  await page.route(`${tollbridge.url}/tollbridge.js`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: sdk }),
  )
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const run = (sample: string, given: Record<string, unknown>) =>
    page.addScriptTag({
      content: `${Object.entries(given)
        .map(([name, value]) => `var ${name} = ${JSON.stringify(value)};`)
        .join('\n')}\n${sample}`,
    })
  return { ...connect(tollbridge.sandbox, tollbridge.sandboxUrl), tollbridge, page, logs, errors, run }
}

describe.skipIf(browser === null)(`Slingr's samples${about}`, () => {
  test.each([
    ['at once, before the server has told the key', false],
    ['later', true],
  ])('collectPaymentInformation saves a card, run %s', async (_, later) => {
    const { page, run, logs, errors, stripe } = await openShop()
    const world = 'app.endpoints.stripe._configuration.publishableKey'
    if (later) await expect.poll(() => page.evaluate(world)).toMatch(/^pk_test_/)
    const setupIntent = await stripe.setupIntents.create({ allowed_payment_method_types: ['card'] })
    await run(COLLECT, { setupIntent })
    const card = frame(page)
    await card.locator('[name="cardnumber"]').fill('4242424242424242')
    await card.locator('[name="exp-date"]').fill('12 / 34')
    await card.locator('[name="cvc"]').fill('123')
    await card.locator('[name="postal"]').fill('94107')
    await page.getByRole('dialog', { name: 'Card Information' }).getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => logs.length).toBe(4)
    expect(logs[0]).toBe('Here is the original message for onSuccess')
    expect(JSON.parse(logs[1] ?? '')).toMatchObject({ data: { dataSecret: { id: setupIntent.id } } })
    expect(JSON.parse(logs[3] ?? '')).toMatchObject({
      setupIntent: { id: setupIntent.id, status: 'succeeded' },
    })
    expect(errors).toEqual([])
  })

  test('handleCardAction leads a payment to its confirmation', async () => {
    const { page, run, logs, stripe } = await openShop()
    const intent = await stripe.paymentIntents.create({
      amount: 700,
      currency: 'usd',
      allowed_payment_method_types: ['card'],
      confirmation_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_authenticationRequired',
    })
    await run(ACT, { clientSecret: intent.client_secret })
    await bank(page).getByRole('button', { name: 'Complete' }).click()
    await expect.poll(() => logs.length).toBe(4)
    expect(JSON.parse(logs[3] ?? '')).toMatchObject({
      paymentIntent: { status: 'requires_confirmation' },
      result: { paymentIntent: { status: 'requires_confirmation' } },
    })
    expect((await stripe.paymentIntents.confirm(intent.id)).status).toBe('succeeded')
  })

  test('the tag alone makes window.tollbridge, which knows its app', async () => {
    const { page, tollbridge } = await openShop()
    expect(
      await page.evaluate(() =>
        (window as unknown as { tollbridge: { ready(): Promise<unknown> } }).tollbridge.ready(),
      ),
    ).toMatchObject({
      object: 'config',
      app_id: tollbridge.appId,
      mode: 'sandbox',
      stripe_js_url: `${tollbridge.sandboxUrl}/stripe.js`,
    })
    expect(
      await page.evaluate(() => JSON.stringify((window as unknown as { app: unknown }).app)),
    ).not.toMatch(/sk_|whsec_/)
  })

  test('a client key of another app is refused', async () => {
    const { page, tollbridge } = await openShop()
    const code = await page.evaluate(
      async ({ url, clientKey }) => {
        const world = window as unknown as {
          Tollbridge: { createTollbridge(options: object): { ready(): Promise<unknown> } }
        }
        const other = world.Tollbridge.createTollbridge({ url, clientKey, appId: 'app_other' })
        return other.ready().then(
          () => 'taken',
          (error: { code: string }) => error.code,
        )
      },
      { url: tollbridge.url, clientKey: tollbridge.clientKey },
    )
    expect(code).toBe('app_mismatch')
  })
})
