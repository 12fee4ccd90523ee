/** The React entry in a StrictMode app that knows published entries only, against the whole product. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { describe, expect, test } from 'vitest'
import type { StartOptions } from '../../../test/support/start-tollbridge.ts'
import {
  asServer,
  type Checkout,
  chargesTaken,
  fillCard,
  formOpen,
  openCheckout,
  type PageWindow,
  poll,
  refuse,
} from './support/open-checkout.ts'
import { about, bank, browser, CHALLENGED_CARD, DECLINED_CARD, frame } from './support/open-page.ts'

let bundled: Promise<string> | undefined

function reactApp(): Promise<string> {
  bundled ??= (async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL('./support/react-app.tsx', import.meta.url)),
      platform: 'browser',
      resolve: { conditionNames: ['source', 'import', 'module', 'browser', 'default'] },
      transform: { define: { 'process.env.NODE_ENV': '"development"' } },
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'iife' })
    return output[0].code
  })()
  return bundled
}

interface ReactShop extends Checkout {
  /** Errors and warnings of the page, React's among them. */
  readonly complaints: string[]
}

async function openShop(name: string, start: StartOptions = {}): Promise<ReactShop> {
  const shop = await openCheckout({ script: reactApp, start })
  const complaints: string[] = []
  shop.page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text())
  })
  shop.page.on('pageerror', (error) => complaints.push(String(error)))
  await shop.page.evaluate((it) => (window as unknown as { show(name: string): void }).show(it), name)
  return { ...shop, complaints }
}

const newsOf = ({ page }: Checkout) => page.evaluate(() => (window as unknown as PageWindow).news)

describe.skipIf(browser === null)(`<PayButton>${about}`, () => {
  test('pays, is busy meanwhile, says the result, and gets the focus back', async () => {
    const shop = await openShop('button')
    const button = shop.page.locator('button.buy')
    expect(await button.textContent()).toBe('Pay $19.99')
    await button.click()
    await formOpen(shop)
    expect(await button.getAttribute('aria-busy')).toBe('true')
    expect(await button.getAttribute('data-step')).toBe('form')
    await fillCard(shop)
    await shop.payButton.click()
    await poll(() => shop.page.getByRole('status').textContent()).toBe('The payment succeeded.')
    expect(await newsOf(shop)).toEqual(['succeeded'])
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(await button.getAttribute('data-status')).toBe('succeeded')
    expect(await button.evaluate((it) => it === document.activeElement)).toBe(true)
    expect(await chargesTaken(shop)).toHaveLength(1)
    // A paid order is not paid again; the next one is.
    await button.click({ force: true })
    expect(await shop.dialog.count()).toBe(0)
    await shop.page.getByRole('button', { name: 'Next order' }).click()
    expect(await button.textContent()).toBe('Pay $5.00')
    // The effect that begins anew comes after the new label.
    await poll(() => button.getAttribute('aria-disabled')).toBe('false')
    await button.click()
    await formOpen(shop)
    expect(shop.complaints).toEqual([])
  })

  test('a double click opens one form, and closing it leaves the button ready', async () => {
    const shop = await openShop('button')
    const button = shop.page.locator('button.buy')
    await button.dblclick()
    await formOpen(shop)
    expect(await shop.dialog.count()).toBe(1)
    await shop.page.keyboard.press('Escape')
    await poll(() => shop.page.getByRole('status').textContent()).toBe('The payment was canceled.')
    expect(await button.getAttribute('aria-disabled')).toBe('false')
    expect(await newsOf(shop)).toEqual(['canceled'])
  })

  test('an unknown outcome is no failure, and the next click asks for the same payment, even without an order', async () => {
    const shop = await openShop('cart')
    const button = shop.page.locator('button.buy')
    await button.click()
    await formOpen(shop)
    await fillCard(shop)
    // The server charges; what stands between refuses to tell of it.
    const between = /\/v1\/(stream|payments\/)/
    await shop.page.route(between, async (route) => {
      if (/confirm$/.test(route.request().url())) await route.fetch()
      await refuse(route, 403)
    })
    await shop.payButton.click()
    await formOpen(shop)
    await shop.page.keyboard.press('Escape')
    await poll(() => shop.page.getByRole('status').textContent()).toBe(
      'It is not known yet whether the payment succeeded.',
    )
    await shop.page.unroute(between)
    await button.click()
    await poll(() => shop.page.getByRole('status').textContent()).toBe('The payment succeeded.')
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('outside of a provider it says what is missing', async () => {
    const shop = await openShop('orphan')
    await poll(async () => String(await newsOf(shop))).toContain('TollbridgeProvider')
  })
})

describe.skipIf(browser === null)(`useWatch${about}`, () => {
  test('begins when the watch token comes after the id', async () => {
    const shop = await openShop('guest', { env: { REQUIRE_WATCH_TOKEN: 'true' } })
    const made = await asServer(shop, '/v1/payments', { order_id: 'order-9', amount: 900 })
    const give = (token: unknown) =>
      shop.page.evaluate((watched) => (window as unknown as { give(it: object): void }).give(watched), {
        paymentId: String(made['id']),
        watchToken: token,
      })
    const state = shop.page.locator('#watched')
    await give(null)
    await poll(() => state.textContent()).toContain('watch_token_required')
    await give(made['watch_token'])
    await poll(() => state.textContent()).toContain('requires_payment_method')
  })

  test('follows a payment after it was paid', async () => {
    const shop = await openShop('button')
    const watched = shop.page.locator('#watched')
    expect((await watched.textContent())?.trim()).toBe('nothing')
    await shop.page.locator('button.buy').click()
    await formOpen(shop)
    await fillCard(shop)
    await shop.payButton.click()
    await poll(() => watched.textContent()).toBe('succeeded 0')
    const [charge] = await chargesTaken(shop)
    await asServer(shop, `/v1/payments/${charge?.payment_intent}/refund`, {})
    await poll(() => watched.textContent()).toBe('succeeded 1999')
    expect(shop.complaints).toEqual([])
  })
})

describe.skipIf(browser === null)(`usePayment${about}`, () => {
  const stateOf = async ({ page }: Checkout) => (await page.locator('#state').textContent())?.trim()

  test('goes through its steps, with a decline and a challenge on the way', async () => {
    const shop = await openShop('hook')
    const seen: string[] = []
    await shop.page.exposeFunction('saw', (state: string) => seen.push(state.trim()))
    await shop.page.evaluate(() => {
      const state = document.getElementById('state') as HTMLElement
      const tell = () => (window as unknown as { saw(text: string): void }).saw(state.textContent ?? '')
      new MutationObserver(tell).observe(state, { characterData: true, subtree: true, childList: true })
    })
    expect(await stateOf(shop)).toBe('idle')
    await shop.page.getByRole('button', { name: 'Begin', exact: true }).click()
    await formOpen(shop)
    await fillCard(shop, DECLINED_CARD)
    await shop.payButton.click()
    await poll(() => shop.dialog.getByRole('alert').textContent()).toContain('declined')
    await frame(shop.page).locator('[name="cardnumber"]').fill(CHALLENGED_CARD)
    await shop.payButton.click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    await poll(() => stateOf(shop)).toBe('done succeeded')
    const steps = seen.filter((step, index) => step !== seen[index - 1])
    expect(steps.join(' ')).toMatch(
      /^opening form paying form paying authenticating (paying )?done succeeded$/,
    )
    // The browser itself notes the decline's status.
    expect(shop.complaints.filter((line) => !line.includes('402'))).toEqual([])
  })

  test('reset closes the form and begins anew; update changes what the form shows', async () => {
    const shop = await openShop('hook')
    const begin = shop.page.getByRole('button', { name: 'Begin', exact: true })
    const press = (id: string) => shop.page.locator(id).evaluate((it: HTMLElement) => it.click())
    await begin.click()
    await formOpen(shop)
    await press('#update')
    await poll(() => shop.payButton.textContent()).toBe('Pay $9.00')
    await press('#reset')
    await poll(() => shop.dialog.count()).toBe(0)
    expect(await stateOf(shop)).toBe('idle')
  })

  test('a component that goes takes its form with it', async () => {
    const shop = await openShop('hook')
    await shop.page.getByRole('button', { name: 'Lodge' }).click()
    await formOpen(shop)
    await shop.page.locator('#remove').evaluate((it: HTMLElement) => it.click())
    await poll(() => shop.dialog.count()).toBe(0)
    expect(shop.complaints).toEqual([])
  })
})

describe.skipIf(browser === null)(`<TollbridgeElements>${about}`, () => {
  test('gives Stripe’s own React elements the right Stripe.js, and charge takes what they make', async () => {
    const shop = await openShop('inline')
    const said = shop.page.locator('#said')
    await poll(() => said.textContent()).toBe('ready')
    await fillCard(shop)
    await shop.page.getByRole('button', { name: 'Buy' }).click()
    await poll(() => said.textContent()).toBe('succeeded')
    expect(await chargesTaken(shop)).toMatchObject([{ amount: 300 }])
    expect(shop.complaints).toEqual([])
  })
})
