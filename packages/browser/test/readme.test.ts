/** The README's pages work as they stand there, with the reader's own address and key. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTollbridge } from '../../../test/support/start-tollbridge.ts'
import { connect } from '../../sandbox/test/support/start-sandbox.ts'
import { bundleSdk } from './support/bundle-sdk.ts'
import { about, browser, frame } from './support/open-page.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const samples = [...README.matchAll(/```html\n([\s\S]*?)```/g)].map(([, html]) => html ?? '')

async function openSample(index: number, replace: (html: string) => string = (html) => html) {
  const tollbridge = await startTollbridge()
  onTestFinished(() => tollbridge.stop())
  const { stripe } = connect(tollbridge.sandbox, tollbridge.sandboxUrl)
  const setupIntent = await stripe.setupIntents.create({ allowed_payment_method_types: ['card'] })
  const html = replace(samples[index] ?? '')
    .replace(/http:\/\/localhost:\d+/, tollbridge.url)
    .replace('YOUR_APP', tollbridge.appId)
    .replace('YOUR_CLIENT_KEY', tollbridge.clientKey)
    .replace('seti_…_secret_…', setupIntent.client_secret ?? '')
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">${html}</html>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const context = await (browser as Browser).newContext({ locale: 'en-US' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const lines: string[] = []
  page.on('console', (line) => void lines.push(line.text()))
  const sdk = await bundleSdk('script-tag.ts', 'iife')
  await page.route(`${tollbridge.url}/tollbridge.js`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: sdk }),
  )
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { page, lines, stripe }
}

describe.skipIf(browser === null)(`the README${about}`, () => {
  test('its first page takes a payment', async () => {
    const { page, stripe } = await openSample(0)
    await page.getByRole('button', { name: 'Pay by card' }).click()
    const form = frame(page, 'Secure payment input frame')
    await form.locator('[name="number"]').fill('4242424242424242')
    await form.locator('[name="expiry"]').fill('12 / 34')
    await form.locator('[name="cvc"]').fill('123')
    await form.locator('[name="country"]').selectOption('US')
    await form.locator('[name="postalCode"]').fill('94107')
    await page.getByRole('dialog').getByRole('button', { name: 'Pay $19.99' }).click()
    await page.getByText('Paid!').waitFor()
    const { data } = await stripe.paymentIntents.list()
    expect(data).toMatchObject([{ amount: 1999, currency: 'usd', status: 'succeeded' }])
  })

  test('its second page saves a card', async () => {
    const { page, lines } = await openSample(1)
    const card = frame(page)
    await card.locator('[name="cardnumber"]').fill('4242424242424242')
    await card.locator('[name="exp-date"]').fill('12 / 34')
    await card.locator('[name="cvc"]').fill('123')
    await card.locator('[name="postal"]').fill('94107')
    await page.getByRole('dialog', { name: 'Card Information' }).getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => lines.join('\n')).toMatch(/Saved as pm_/)
  })
})
