/** The shop that keeps cards: both samples of Slingr, from the page and from the shop's own server. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { bankButton, CARDS, cardFrame, dialog, dialogButton, typeCard } from './support/card-form.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'

const shops = openShops()
const PATH = '/examples/modal-checkout/'

/** Through the page's own form. */
async function saveCard(page: Page, number: string, button = 'Add a card'): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await typeCard(page, number)
  await dialogButton(page, 'Save').click()
}

describe.skipIf(browser === null)(`modal-checkout${skipped}`, () => {
  test('a card is saved by the page, and the shop’s server charges it', async () => {
    const { page } = await shops.visit(PATH)
    await saveCard(page, CARDS.good)
    await page.getByText('Your card is saved: visa •••• 4242.').first().waitFor()
    expect(await dialog(page).count()).toBe(0)
    await page.getByRole('button', { name: 'Pay with the saved card' }).click()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
    expect(await page.getByRole('button', { name: 'Paid' }).isDisabled()).toBe(true)
    // The card is the customer's, whatever becomes of the page.
    await page.reload()
    await page.getByText('visa •••• 4242').first().waitFor()
  })

  test('a declined card is told, and another one is saved', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    await saveCard(page, CARDS.declined)
    await page
      .getByRole('alert')
      .getByText(/declined/)
      .waitFor()
    expectFault(/402 .*\/confirm/)
    await saveCard(page, CARDS.good)
    await page.getByText('Your card is saved: visa •••• 4242.').first().waitFor()
  })

  test('3-D Secure of a later payment: the page lets the bank ask, and the server confirms', async () => {
    const { page } = await shops.visit(PATH)
    await saveCard(page, CARDS.asksBank)
    await bankButton(page, 'complete').click()
    await page.getByText('Your card is saved: visa •••• 3184.').first().waitFor()
    await page.getByRole('button', { name: 'Pay with the saved card' }).click()
    await bankButton(page, 'complete').click()
    await page.getByText('Stripe says the payment is requires_confirmation').first().waitFor()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('3-D Secure that fails charges nothing, and the next try may pass', async () => {
    const { page } = await shops.visit(PATH)
    await saveCard(page, CARDS.asksBank)
    await bankButton(page, 'complete').click()
    await page.getByText('Your card is saved').first().waitFor()
    const pay = page.getByRole('button', { name: 'Pay with the saved card' })
    await pay.click()
    await bankButton(page, 'fail').click()
    await page
      .getByRole('alert')
      .getByText(/authenticat/)
      .waitFor()
    await pay.click()
    await bankButton(page, 'complete').click()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('who gives up is told so, by the button and by the keyboard', async () => {
    const { page } = await shops.visit(PATH)
    const add = page.getByRole('button', { name: 'Add a card' })
    await add.click()
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await dialogButton(page, 'Cancel').click()
    await page.getByRole('alert').getByText('The form was closed before it was finished.').waitFor()
    expect(await add.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alert').getByText('The form was closed before it was finished.').waitFor()
    expect(await dialog(page).count()).toBe(0)
  })

  test('with the keyboard alone', async () => {
    const { page } = await shops.visit(PATH)
    await page.getByText('Espresso beans').waitFor()
    // Skips the link at the top.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await cardFrame(page).locator('[name="cardnumber"]:focus').waitFor()
    // The fields lead on to each other.
    await page.keyboard.type(`${CARDS.good}123412394107`)
    await page.keyboard.press('Enter')
    await page.getByText('Your card is saved: visa •••• 4242.').first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })
})
