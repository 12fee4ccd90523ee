/** A shop of another origin, whose pages load the sandbox's Stripe.js, in a Chromium. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, FrameLocator, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { onTestFinished } from 'vitest'
import { sharedChromium } from '../../../../../test/support/chromium.ts'
import { createSandbox } from '../../../src/index.ts'
import { connect, type TestSandbox } from '../../support/start-sandbox.ts'

export const { browser, reason } = await sharedChromium()

export interface Shop extends TestSandbox {
  page: Page
  /** Everything the page's console said, by kind. */
  console: { type: string; text: string }[]
  origin: string
}

export interface ShopOptions {
  /** Body of the page. */
  html?: string
  context?: BrowserContextOptions
  /** Content security policy of the page; SANDBOX is replaced by the sandbox's origin. */
  policy?: string
  scriptPath?: string
  /** Another browser than the one that the tests share. */
  browser?: Browser
}

/** Opens a page that has `window.shop` and, as `window.stripe`, what the official loader resolved to. */
export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const sandbox = createSandbox({ seed: 'elements' })
  const { url } = await sandbox.listen({ port: 0 })
  onTestFinished(() => sandbox.close())
  const script = await shopScript()
  const server = createServer((request, response) => {
    if (request.url === '/shop.js') return response.setHeader('content-type', 'text/javascript').end(script)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (options.policy)
      response.setHeader('content-security-policy', options.policy.replaceAll('SANDBOX', url))
    return response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title>
<link rel="icon" href="data:,"><script src="${url}${options.scriptPath ?? '/stripe.js'}"></script>
<body>${options.html ?? ''}<script src="/shop.js"></script></body></html>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const context = await (options.browser ?? (browser as Browser)).newContext({
    locale: 'en-US',
    ...options.context,
  })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  const lines: Shop['console'] = []
  page.on('console', (line) => {
    if (!line.text().includes('React DevTools')) lines.push({ type: line.type(), text: line.text() })
  })
  page.on('pageerror', (error) => void lines.push({ type: 'pageerror', text: String(error) }))
  await page.goto(origin)
  await page.evaluate(async () => {
    const tools = window as unknown as {
      shop: { loadStripe(key: string): Promise<unknown> }
      stripe: unknown
    }
    tools.stripe = await tools.shop.loadStripe('pk_test_sandbox')
  })
  return { ...connect(sandbox, url), page, console: lines, origin }
}

let bundled: Promise<string> | undefined

function shopScript(): Promise<string> {
  bundled ??= (async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL('./shop-script.ts', import.meta.url)),
      platform: 'browser',
      transform: { define: { 'process.env.NODE_ENV': '"development"' } },
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'iife' })
    return output[0].code
  })()
  return bundled
}

/** The frame of an element, found as people's own test helpers find it. */
export function elementFrame(page: Page, title = 'Secure card payment input frame'): FrameLocator {
  return page.frameLocator(`iframe[name^="__privateStripeFrame"][title="${title}"]`)
}

export function bankFrame(page: Page): FrameLocator {
  return page
    .frameLocator('iframe[src*="three-ds-2-challenge"]')
    .frameLocator('iframe[name="stripe-challenge-frame"]')
}

/** Types a card as a buyer does: digit by digit into the first field, which leads on to the next. */
export async function typeCard(frame: FrameLocator, card: { number?: string } = {}): Promise<void> {
  await frame.locator('[name="cardnumber"]').click()
  await frame.locator('[name="cardnumber"]').pressSequentially(card.number ?? '4242424242424242')
  await frame.locator('[name="exp-date"]').pressSequentially('1234')
  await frame.locator('[name="cvc"]').pressSequentially('123')
  await frame.locator('[name="postal"]').pressSequentially('94107')
}
