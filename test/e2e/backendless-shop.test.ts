/** The shop that is written for Backendless: token, charge, live message, stored rows. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { bankButton, CARDS, typeCard } from './support/card-form.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'

const shops = openShops()
const PATH = '/examples/backendless-shop/'

async function pay(page: Page, number: string): Promise<void> {
  await typeCard(page, number)
  await page.getByRole('button', { name: 'Pay' }).click()
}

const paid = (page: Page) => page.getByRole('status').getByText('Paid: €39.00. Thank you!')

describe.skipIf(browser === null)(`backendless-shop${skipped}`, () => {
  test('a token is charged, the live message says paid, and the row is shown', async () => {
    const { page } = await shops.visit(PATH)
    await pay(page, CARDS.good)
    await paid(page).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'charge.succeeded' })
    expect(await row.innerText()).toBe('charge.succeeded\t€39.00\tsucceeded')
  })

  test('a card without money is told, and another card pays the same order', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    await pay(page, CARDS.noMoney)
    await page
      .getByRole('alert')
      .getByText(/insufficient funds/)
      .waitFor()
    expectFault(/402 .*services\/Stripe\/charge/)
    await pay(page, CARDS.good)
    await paid(page).waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'charge.succeeded' }).count()).toBe(1)
  })

  test('3-D Secure is finished in the page before the money moves', async () => {
    const { page } = await shops.visit(PATH)
    await pay(page, CARDS.asksBank)
    await bankButton(page, 'complete').click()
    await paid(page).waitFor()
  })

  test('3-D Secure that fails charges nothing, and the same order can be paid again', async () => {
    const { page } = await shops.visit(PATH)
    await pay(page, CARDS.asksBank)
    await bankButton(page, 'fail').click()
    await page
      .getByRole('alert')
      .getByText(/authenticat/)
      .waitFor()
    await pay(page, CARDS.good)
    await paid(page).waitFor()
  })

  test('an incomplete card is told before anything is sent', async () => {
    const { page } = await shops.visit(PATH)
    await typeCard(page, '4242')
    await page.getByRole('button', { name: 'Pay' }).click()
    await page
      .getByRole('alert')
      .getByText(/incomplete/)
      .waitFor()
  })

  test('the price in the page counts for nothing: the catalog decides', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    // What a shopper with developer tools would do.
    await page.route('**/services/Stripe/charge', (route) => {
      const body = route.request().postDataJSON() as Record<string, unknown>
      return route.continue({ postData: JSON.stringify({ ...body, amount: 1 }) })
    })
    await pay(page, CARDS.good)
    await page
      .getByRole('alert')
      .getByText(/The price is 3900 minor units of eur/)
      .waitFor()
    expectFault(/400 .*services\/Stripe\/charge/)
  })

  test('a broken connection is told, and the same order is charged once when it is back', async () => {
    const { page, context, expectFault } = await shops.visit(PATH)
    await typeCard(page, CARDS.good)
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Pay' }).click()
    await page.getByRole('alert').getByText(/./).waitFor()
    await context.setOffline(false)
    expectFault(/ERR_INTERNET_DISCONNECTED/)
    await page.getByRole('button', { name: 'Pay' }).click()
    await paid(page).waitFor()
  })
})
