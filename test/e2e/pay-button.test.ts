/** The shop with a cart: one button from the price to the goods. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { bankButton, CARDS, cardFrame, dialog, dialogButton, typeCard } from './support/card-form.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'

const shops = openShops()
const PATH = '/examples/pay-button/'

const payButton = (page: Page) => page.getByRole('button', { name: 'Pay €14.50', exact: true })
const shipped = (page: Page) => page.getByRole('status').getByText(/is paid and on its way/)
const live = (page: Page, text: string) => page.getByRole('status').getByText(text)

async function openForm(page: Page): Promise<void> {
  await payButton(page).click()
  await cardFrame(page).locator('[name="cardnumber"]').waitFor()
}

const submit = (page: Page) => dialogButton(page, /^Pay/).click()

/** Every PaymentIntent of the local Stripe that was paid. */
async function chargesOf(): Promise<number> {
  const answer = await fetch(`${shops.tollbridge.sandboxUrl}/v1/charges?limit=100`, {
    headers: { authorization: 'Bearer sk_test_fromTheTests' },
  })
  const { data } = (await answer.json()) as { readonly data: readonly { readonly status: string }[] }
  return data.filter(({ status }) => status === 'succeeded').length
}

describe.skipIf(browser === null)(`pay-button${skipped}`, () => {
  test('a cart is paid, the payment is told live, and the shop’s server ships it', async () => {
    const { page } = await shops.visit(PATH)
    await openForm(page)
    expect(await dialog(page).innerText()).toContain('€14.50')
    await typeCard(page, CARDS.good)
    await submit(page)
    await shipped(page).waitFor()
    await live(page, 'The payment is succeeded.').waitFor()
    expect(await dialog(page).count()).toBe(0)
  })

  test('the amount follows the cart', async () => {
    const { page } = await shops.visit(PATH)
    await payButton(page).waitFor()
    await page.getByRole('button', { name: 'More: Kneaded eraser' }).click()
    await page.getByRole('button', { name: 'More: Kneaded eraser' }).click()
    await page.getByRole('button', { name: 'Pay €20.90', exact: true }).click()
    await typeCard(page, CARDS.good)
    expect(await dialog(page).innerText()).toContain('€20.90')
    await submit(page)
    await shipped(page).waitFor()
  })

  test('who closes the form and changes the cart pays the new price', async () => {
    const { page } = await shops.visit(PATH)
    await openForm(page)
    await dialogButton(page, 'Cancel').click()
    await page.getByText('You closed the form. Nothing was charged.').waitFor()
    await page.getByRole('button', { name: 'Less: Dotted notebook' }).click()
    await page.getByRole('button', { name: 'More: Six graphite pencils' }).click()
    await page.getByRole('button', { name: 'Pay €8.90', exact: true }).click()
    await typeCard(page, CARDS.good)
    expect(await dialog(page).innerText()).toContain('€8.90')
    await submit(page)
    await shipped(page).waitFor()
  })

  test('a cart that is changed in a second tab is paid there, at its new price', async () => {
    const { page } = await shops.visit(PATH)
    await openForm(page)
    await dialogButton(page, 'Cancel').click()
    const second = await page.context().newPage()
    await second.goto(page.url())
    await second.getByRole('button', { name: 'More: Six graphite pencils' }).click()
    await second.getByRole('button', { name: 'Pay €23.40', exact: true }).click()
    await typeCard(second, CARDS.good)
    expect(await dialog(second).innerText()).toContain('€23.40')
    await submit(second)
    await shipped(second).waitFor()
  })

  test('a declined card stays in the form with its reason, and another card pays', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    await openForm(page)
    await typeCard(page, CARDS.declined)
    await submit(page)
    await dialog(page)
      .getByRole('alert')
      .getByText(/declined/)
      .waitFor()
    expectFault(/402 .*\/confirm/)
    await typeCard(page, CARDS.good)
    await submit(page)
    await shipped(page).waitFor()
  })

  test('3-D Secure is finished in the form', async () => {
    const { page } = await shops.visit(PATH)
    await openForm(page)
    await typeCard(page, CARDS.asksBank)
    await submit(page)
    await bankButton(page, 'complete').click()
    await shipped(page).waitFor()
  })

  test('3-D Secure that fails charges nothing, and another card pays', async () => {
    const { page } = await shops.visit(PATH)
    const before = await chargesOf()
    await openForm(page)
    await typeCard(page, CARDS.asksBank)
    await submit(page)
    await bankButton(page, 'fail').click()
    await dialog(page).getByRole('alert').getByText(/./).waitFor()
    expect(await chargesOf()).toBe(before)
    await typeCard(page, CARDS.good)
    await submit(page)
    await shipped(page).waitFor()
    expect(await chargesOf()).toBe(before + 1)
  })

  test('with the keyboard alone', async () => {
    const { page } = await shops.visit(PATH)
    await payButton(page).focus()
    await page.keyboard.press('Enter')
    await cardFrame(page).locator('[name="cardnumber"]:focus').waitFor()
    await page.keyboard.type(`${CARDS.good}123412394107`)
    await page.keyboard.press('Enter')
    await shipped(page).waitFor()
  })

  test('reload in the middle: the same order is paid once', async () => {
    const { page } = await shops.visit(PATH)
    const before = await chargesOf()
    await openForm(page)
    await typeCard(page, CARDS.asksBank)
    await submit(page)
    await bankButton(page, 'complete').waitFor()
    // The shopper reloads while the bank asks, and it asks again: nothing has to be typed twice.
    await page.reload()
    await payButton(page).click()
    await bankButton(page, 'complete').click()
    await shipped(page).waitFor()
    expect(await chargesOf()).toBe(before + 1)
  })

  test('who paid and closed the page too early is served at the next visit', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    await page.route('**/api/paid', (route) => route.abort())
    await openForm(page)
    await typeCard(page, CARDS.good)
    await submit(page)
    await live(page, 'The payment is succeeded.').waitFor()
    await page.unroute('**/api/paid')
    expectFault(/ERR_FAILED .*\/api\/paid/)
    await page.reload()
    await shipped(page).waitFor()
  })

  test('two tabs: the order is paid once, and the second tab learns it', async () => {
    const visit = await shops.visit(PATH)
    const before = await chargesOf()
    const second = await shops.anotherTab(visit, PATH)
    await openForm(visit.page)
    await openForm(second)
    await typeCard(visit.page, CARDS.good)
    await submit(visit.page)
    await shipped(visit.page).waitFor()
    await second.getByRole('status').getByText('is on its way already').waitFor()
    expect(await dialog(second).count()).toBe(0)
    expect(await chargesOf()).toBe(before + 1)
  })

  test('an answer that is lost on the way is asked for again, and charged once', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    const before = await chargesOf()
    await openForm(page)
    await typeCard(page, CARDS.good)
    let losses = 0
    await page.route('**/v1/payments/*/confirm', async (route) => {
      if (losses++ > 0) return route.continue()
      // The server acts, and its answer never arrives.
      await route.fetch()
      return route.abort('connectionreset')
    })
    await submit(page)
    await shipped(page).waitFor()
    expectFault(/ERR_CONNECTION_RESET .*\/confirm/)
    expect(await chargesOf()).toBe(before + 1)
  })

  test('the stream is lost and comes back: what happened meanwhile is told', async () => {
    const { page, context, allowFault } = await shops.visit(PATH)
    let paymentId = ''
    page.on('request', (request) => {
      paymentId = /\/v1\/payments\/(pi_\w+)\/confirm/.exec(request.url())?.[1] ?? paymentId
    })
    await openForm(page)
    await typeCard(page, CARDS.good)
    await submit(page)
    await live(page, 'The payment is succeeded.').waitFor()
    await context.setOffline(true)
    const refund = await fetch(`${shops.tollbridge.url}/v1/payments/${paymentId}/refund`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shops.tollbridge.serverKey}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(refund.status).toBe(200)
    await context.setOffline(false)
    await live(page, '€14.50 was given back.').waitFor()
    // The page may have asked while there was no network.
    allowFault(/net::ERR_INTERNET_DISCONNECTED/)
  })
})
