/** The axe run over a shop's page and every frame in it, in light and dark. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { inPage, mount } from './support/in-page.ts'
import { browser, elementFrame, openShop, reason, type Shop } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const PLACE = `<style>:root { color-scheme: light dark } body { font: 16px system-ui; margin: 20px }</style>
<main><h1>Shop</h1><form><label for="card">Card</label><div id="card"></div><div id="number"></div><div id="expiry"></div>
<div id="cvc"></div><div id="iban"></div><div id="payment"></div><div id="express"></div><button>Pay</button></form></main>`

interface AxeResults {
  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
}

/** What axe finds in the page and in each of its frames. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = []
  const ground = await page.evaluate(() =>
    matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff',
  )
  for (const frame of page.frames()) {
    // Straight into each frame: axe's own way between frames is closed by their origin and policy. What belongs to
    // a page as a whole, axe asks of no frame.
    const rules = frame.parentFrame()
      ? {
          region: { enabled: false },
          'landmark-one-main': { enabled: false },
          'page-has-heading-one': { enabled: false },
        }
      : {}
    // The colours of a card's text are the page's choice, for its own ground, which axe cannot see from in here.
    if (/inner-(card|iban)/.test(frame.url())) {
      await frame.evaluate(
        (color) => document.documentElement.style.setProperty('background-color', color),
        ground,
      )
    }
    await frame.evaluate(axe)
    const results = (await frame.evaluate(
      (options) =>
        (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(options),
      { iframes: false, rules },
    )) as AxeResults
    for (const { id, nodes } of results.violations) {
      for (const { html, failureSummary } of nodes) {
        found.push(
          `${new URL(frame.url()).pathname} ${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`,
        )
      }
    }
  }
  return found
}

async function everything(dark: boolean): Promise<Shop> {
  const shop = await openShop({
    html: PLACE,
    context: { colorScheme: dark ? 'dark' : 'light', viewport: { width: 700, height: 1400 } },
  })
  const style = dark
    ? { base: { color: '#f1f3fa', '::placeholder': { color: '#a6aec0' } }, invalid: { color: '#ff8091' } }
    : {}
  await mount(shop, [
    { type: 'cardNumber', at: '#number', options: { style, showIcon: true } },
    { type: 'cardExpiry', at: '#expiry', options: { style } },
    { type: 'cardCvc', at: '#cvc', options: { style } },
    { type: 'iban', at: '#iban', options: { style } },
  ])
  await mount(shop, [{ type: 'card', at: '#card', options: { style } }])
  const appearance = { theme: dark ? 'night' : 'stripe' }
  const group = { mode: 'payment', amount: 1999, currency: 'eur', appearance }
  await mount(shop, [{ type: 'expressCheckout', at: '#express' }], group)
  await mount(shop, [{ type: 'payment', at: '#payment' }], {
    ...group,
    allowedPaymentMethodTypes: ['card', 'sepa_debit'],
  })
  return shop
}

describe.skipIf(browser === null)(`axe finds nothing${about}`, () => {
  test.each([
    ['light', false],
    ['dark', true],
  ])('in any element, empty, wrong and filled in, in %s', async (_, dark) => {
    const shop = await everything(dark)
    expect(await violations(shop.page)).toEqual([])
    await inPage(shop, 'await group.submit()')
    await elementFrame(shop.page).locator('[name="cardnumber"]').fill('4242424242424241')
    expect(await violations(shop.page)).toEqual([])
    const payment = elementFrame(shop.page, 'Secure payment input frame')
    await payment.getByRole('tab', { name: 'SEPA Debit' }).click()
    await payment.locator('[name="iban"]').fill('AT321904300235473204')
    expect(await violations(shop.page)).toEqual([])
  })

  test.each([
    ['light', false],
    ['dark', true],
  ])('in the accordion and in the challenge, in %s', async (_, dark) => {
    const shop = await openShop({
      html: '<style>:root { color-scheme: light dark }</style><main><h1>Shop</h1><div id="a"></div><button>Pay</button></main>',
      context: { colorScheme: dark ? 'dark' : 'light' },
    })
    await mount(shop, [{ type: 'payment', at: '#a', options: { layout: 'accordion' } }], {
      mode: 'payment',
      amount: 1999,
      currency: 'eur',
      allowedPaymentMethodTypes: ['card', 'sepa_debit'],
      appearance: { theme: dark ? 'night' : 'flat', labels: 'floating' },
    })
    const intent = await shop.stripe.paymentIntents.create({ amount: 1999, currency: 'usd' })
    await inPage(
      shop,
      "void stripe.confirmCardPayment(given, { payment_method: 'pm_card_authenticationRequired' })",
      intent.client_secret,
    )
    await shop.page
      .frameLocator('iframe[src*="three-ds-2-challenge"]')
      .frameLocator('#challengeFrame')
      .getByRole('button', { name: 'Complete' })
      .waitFor()
    expect(await violations(shop.page)).toEqual([])
  })
})
