/** A shop's page that pays through a whole Tollbridge: server, local Stripe with its webhooks, SDK, Chromium. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page, Route } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { call } from '../../../../test/support/api-client.ts'
import {
  type StartOptions,
  startTollbridge,
  type Tollbridge,
} from '../../../../test/support/start-tollbridge.ts'
import { LOCAL_SECRET_KEY } from '../../../server/src/start/local-stripe.ts'
import { bundleSdk } from './bundle-sdk.ts'
import { browser, frame, GOOD_CARD } from './open-page.ts'

export interface Checkout {
  readonly server: Tollbridge
  readonly origin: string
  readonly context: BrowserContext
  readonly page: Page
  readonly dialog: Locator
  /** The button that pays. */
  readonly payButton: Locator
  /** Another tab of the same shopper. */
  newTab(): Promise<Checkout>
}

export interface CheckoutOptions {
  readonly server?: Tollbridge
  readonly start?: StartOptions
  readonly context?: BrowserContextOptions
  /** Options of createTollbridge beside the addresses and keys. */
  readonly options?: object
  /** The page's own script, in place of the script tag's; it gets `window.setup`. */
  readonly script?: () => Promise<string>
}

let bundled: Promise<string> | undefined

/** The page has `window.tollbridge`, and `window.news` for what a test wants to look at. */
export async function openCheckout(given: CheckoutOptions = {}): Promise<Checkout> {
  const server = given.server ?? (await startTollbridge(given.start))
  if (given.server === undefined) onTestFinished(() => server.stop())
  bundled ??= bundleSdk('script-tag.ts', 'iife')
  const { url, appId, clientKey } = server
  const setup = { url, appId, clientKey, locale: 'en-US', ...given.options }
  const scripts: Record<string, string> = {
    '/tollbridge.js': await bundled,
    '/setup.js': `window.setup = ${JSON.stringify(setup)}; window.news = []
      if (window.Tollbridge) window.tollbridge = Tollbridge.createTollbridge(setup)`,
    '/shop.js': (await given.script?.()) ?? '',
  }
  const shop = createServer((request, response) => {
    const script = scripts[request.url ?? '']
    if (script !== undefined) return response.setHeader('content-type', 'text/javascript').end(script)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    return response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Shop</title><link rel="icon" href="data:,"><body><main id="root"><h1>Shop</h1><button id="opener">Buy</button></main>
${given.script ? '' : '<script src="/tollbridge.js"></script>'}<script src="/setup.js"></script><script src="/shop.js"></script></body></html>`)
  })
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    shop.closeAllConnections()
    shop.close()
  })
  const origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
  const context = await (browser as Browser).newContext({ locale: 'en-US', ...given.context })
  onTestFinished(() => context.close())
  const openTab = async (): Promise<Checkout> => {
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    await page.goto(origin)
    const dialog = page.locator('[data-tollbridge-dialog] dialog')
    const payButton = dialog.getByRole('button', { name: /^Pay/ })
    return { server, origin, context, page, dialog, payButton, newTab: openTab }
  }
  return openTab()
}

/** What runs in the page. */
export interface PageWindow {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK as an untyped page has it
  readonly tollbridge: any
  readonly news: unknown[]
  // biome-ignore lint/suspicious/noExplicitAny: a run, or what the test puts there
  run: any
  outcome: unknown
}

/** Calls tollbridge.pay in the page; its run becomes `window.run`, its outcome `window.outcome`. */
export function startPay({ page }: Checkout, request: object): Promise<void> {
  return page.evaluate((asked) => {
    const world = window as unknown as PageWindow
    world.outcome = undefined
    world.run = world.tollbridge.pay(asked)
    world.run.settled.then((outcome: { error?: unknown }) => {
      world.outcome = {
        ...outcome,
        error: outcome.error && { ...outcome.error, message: String(outcome.error) },
      }
    })
  }, request)
}

export interface Outcome {
  readonly status: string
  readonly payment: { readonly id: string; readonly amount: number; readonly status: string } | null
  readonly error?: { readonly code: string; readonly type: string; readonly message: string }
}

/** Waits for the outcome. */
export async function outcomeOf({ page }: Checkout): Promise<Outcome> {
  await page.waitForFunction(() => (window as unknown as PageWindow).outcome !== undefined)
  return page.evaluate(() => (window as unknown as PageWindow).outcome) as Promise<Outcome>
}

/** The form of `pay` can be typed into. */
export async function formOpen({ page }: Checkout): Promise<void> {
  await page.locator('[data-tollbridge-dialog][data-state="ready"]').waitFor({ state: 'attached' })
}

/** Starts paying by the one-line card field, up to the form. */
export async function openCardForm(shop: Checkout, request: object): Promise<void> {
  await startPay(shop, { element: 'card', ...request })
  await formOpen(shop)
}

export async function fillCard({ page }: Checkout, number = GOOD_CARD): Promise<void> {
  const card = frame(page)
  await card.locator('[name="cardnumber"]').fill(number)
  await card.locator('[name="exp-date"]').fill('12 / 34')
  await card.locator('[name="cvc"]').fill('123')
  await card.locator('[name="postal"]').fill('94107')
}

export interface ChargeRow {
  readonly id: string
  readonly amount: number
  readonly currency: string
  readonly paid: boolean
  readonly payment_intent: string
}

/** What was taken from cards, as Stripe tells; tries that were declined are left out. */
export async function chargesTaken({ server }: Checkout): Promise<ChargeRow[]> {
  const response = await fetch(`${server.sandboxUrl}/v1/charges?limit=100`, {
    headers: { authorization: `Bearer ${LOCAL_SECRET_KEY}` },
  })
  const { data } = (await response.json()) as { data: ChargeRow[] }
  return data.filter(({ paid }) => paid)
}

/** Asks the server with its server key. */
export async function asServer({ server }: Checkout, path: string, body?: object) {
  const answer = await call(server, path, body === undefined ? {} : { body })
  if (answer.status >= 400) throw new Error(JSON.stringify(answer.body))
  return answer.body
}

/** Answers in the server's place: no, for good. */
export function refuse(route: Route, status: number): Promise<void> {
  const error = { type: 'invalid_request_error', code: 'refused', message: 'Somebody said no.' }
  return route.fulfill({ status, headers: { 'access-control-allow-origin': '*' }, json: { error } })
}

/** `expect.poll`, with the patience that a busy machine asks for. */
export function poll<T>(probe: () => T) {
  return expect.poll(probe, { timeout: 15_000 })
}
