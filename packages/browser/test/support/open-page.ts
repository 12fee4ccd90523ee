/** A shop's page with the SDK, in a Chromium, and a real sandbox whose Stripe.js it loads. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, FrameLocator, Locator, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { sharedChromium } from '../../../../test/support/chromium.ts'
import { createSandbox } from '../../../sandbox/src/index.ts'
import { connect, type TestSandbox } from '../../../sandbox/test/support/start-sandbox.ts'
import { bundleSdk } from './bundle-sdk.ts'

export const { browser, reason } = await sharedChromium()
export const about = reason === null ? '' : ` (skipped: ${reason})`

export interface ShopPage extends TestSandbox {
  readonly page: Page
  readonly origin: string
  /** What the page's console said, by kind, without debug lines. */
  readonly console: { type: string; text: string }[]
  /** The dialog itself. */
  readonly dialog: Locator
  button(name: string): Locator
}

export interface ShopPageOptions {
  /** Body of the page. */
  readonly html?: string
  readonly context?: BrowserContextOptions
  /** Content security policy; SANDBOX is replaced by the sandbox's origin. */
  readonly policy?: string
  /** A script file of the page. */
  readonly script?: string
  /** Options of createTollbridge beside the addresses. */
  readonly options?: object
  /** False: Stripe.js has its address but does not answer. */
  readonly stripeJs?: boolean
}

let bundled: Promise<string> | undefined

/** The page has `window.tollbridge`, for the sandbox's own Stripe.js and the key `pk_test_sandbox`. */
export async function openPage(given: ShopPageOptions = {}): Promise<ShopPage> {
  const sandbox = createSandbox({ seed: 'browser' })
  const { url } = await sandbox.listen({ port: 0 })
  onTestFinished(() => sandbox.close())
  bundled ??= bundleSdk('script-tag.ts', 'iife')
  const sdk = await bundled
  const setup = { url, stripeJsUrl: `${url}/stripe.js`, ...given.options }
  const scripts: Record<string, string> = {
    '/tollbridge.js': sdk,
    '/setup.js': `window.tollbridge = Tollbridge.createTollbridge(${JSON.stringify(setup)})
      window.heard = []
      window.note = (name) => (message, data) => { window.heard.push({ name, message, data }) }
      ${given.script ?? ''}`,
  }
  const server = createServer((request, response) => {
    const script = scripts[request.url ?? '']
    if (script !== undefined) return response.setHeader('content-type', 'text/javascript').end(script)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (given.policy) response.setHeader('content-security-policy', given.policy.replaceAll('SANDBOX', url))
    return response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Shop</title><link rel="icon" href="data:,">
<body>${given.html ?? '<main><h1>Shop</h1><button id="opener">Pay by card</button></main>'}
<script src="/tollbridge.js"></script><script src="/setup.js"></script></body></html>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const context = await (browser as Browser).newContext({ locale: 'en-US', ...given.context })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  const lines: ShopPage['console'] = []
  page.on('console', (line) => {
    if (line.type() !== 'debug') lines.push({ type: line.type(), text: line.text() })
  })
  page.on('pageerror', (error) => void lines.push({ type: 'pageerror', text: String(error) }))
  if (given.stripeJs === false) await page.route('**/stripe.js', (route) => route.abort())
  await page.goto(origin)
  const dialog = page.locator('[data-tollbridge-dialog] dialog')
  return {
    ...connect(sandbox, url),
    page,
    origin,
    console: lines,
    dialog,
    button: (name) => dialog.getByRole('button', { name, exact: true }),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the page's callbacks were given
export type Heard = { name: string; message: any; data: any }

/** Waits until so many callbacks ran, and gives them. */
export async function heard(shop: ShopPage, count = 1): Promise<Heard[]> {
  await shop.page.waitForFunction(
    (wanted) => (window as unknown as { heard: unknown[] }).heard.length >= wanted,
    count,
  )
  return shop.page.evaluate(() => (window as unknown as { heard: Heard[] }).heard)
}

export function frame(page: Page, title = 'Secure card payment input frame'): FrameLocator {
  return page.frameLocator(`iframe[name^="__privateStripeFrame"][title="${title}"]`)
}

export function bank(page: Page): FrameLocator {
  return page
    .frameLocator('iframe[src*="three-ds-2-challenge"]')
    .frameLocator('iframe[name="stripe-challenge-frame"]')
}

export const GOOD_CARD = '4242424242424242'
export const DECLINED_CARD = '4000000000000002'
export const CHALLENGED_CARD = '4000002760003184'

/** Types a whole card into the one-line field. */
export async function typeCard({ page }: ShopPage, number = GOOD_CARD): Promise<void> {
  await frame(page).locator('[name="cardnumber"]').fill(number)
  await frame(page).locator('[name="exp-date"]').fill('12 / 34')
  await frame(page).locator('[name="cvc"]').fill('123')
  await frame(page).locator('[name="postal"]').fill('94107')
}

export interface Collect {
  readonly data?: object
  readonly callbacks?: readonly string[]
  readonly extras?: object
}

/** A SetupIntent of the sandbox, for cards alone. */
export function setupIntent({ stripe }: TestSandbox) {
  return stripe.setupIntents.create({ allowed_payment_method_types: ['card'] })
}

/** Sends collectPaymentInformation, whose run becomes `window.run`; its callbacks are noted. Does not wait for the form. */
export async function collect(shop: ShopPage, given: Collect = {}): Promise<void> {
  const { data = {}, callbacks = ['onSuccess', 'onFail'], extras = {} } = given
  const dataSecret = 'dataSecret' in data ? undefined : await setupIntent(shop)
  await shop.page.evaluate(
    ([message, names]) => {
      const world = window as unknown as {
        tollbridge: { ui: { sendMessage(message: object): unknown } }
        note(name: string): unknown
        run: unknown
      }
      world.run = world.tollbridge.ui.sendMessage({
        ...message,
        callbacks: Object.fromEntries(names.map((name) => [name, world.note(name)])),
      })
    },
    [
      {
        scope: 'plugin:stripe',
        name: 'collectPaymentInformation',
        data: {
          publicKey: 'pk_test_sandbox',
          title: 'Card Information',
          dataSecret,
          elementType: 'card',
          ...data,
        },
        ...extras,
      },
      callbacks,
    ] as const,
  )
}

/** The form can be typed into. */
export function formReady({ page }: ShopPage): Promise<void> {
  return page.locator('[data-tollbridge-dialog][data-state="ready"]').waitFor({ state: 'attached' })
}
