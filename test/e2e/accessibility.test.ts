/** axe-core over each page of the shops, and over each dialog that they open, light and dark, phone and desktop. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { violationsOf } from './support/axe.ts'
import {
  bankButton,
  CARDS,
  cardFrame,
  dialog,
  dialogButton,
  pressEscape,
  typeCard,
} from './support/card-form.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'

const shops = openShops()

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  ([320, 1280] as const).map((width) => ({ colorScheme, viewport: { width, height: 800 } })),
)

/** Where a page stands when it is looked at. */
const STATES: readonly (readonly [name: string, path: string, reach: (page: Page) => Promise<unknown>])[] = [
  ['pay-button', 'pay-button', (page) => page.getByRole('button', { name: 'Pay €14.50' }).waitFor()],
  [
    'pay-button, its form',
    'pay-button',
    async (page) => {
      await page.getByRole('button', { name: 'Pay €14.50' }).click()
      await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    },
  ],
  [
    'pay-button, a declined card',
    'pay-button',
    async (page) => {
      await page.getByRole('button', { name: 'Pay €14.50' }).click()
      await typeCard(page, CARDS.declined)
      await dialogButton(page, /^Pay/).click()
      await dialog(page)
        .getByRole('alert')
        .getByText(/declined/)
        .waitFor()
    },
  ],
  [
    'pay-button, the bank asks',
    'pay-button',
    async (page) => {
      await page.getByRole('button', { name: 'Pay €14.50' }).click()
      await typeCard(page, CARDS.asksBank)
      await dialogButton(page, /^Pay/).click()
      await bankButton(page, 'complete').waitFor()
    },
  ],
  [
    'pay-button, paid',
    'pay-button',
    async (page) => {
      await page.getByRole('button', { name: 'Pay €14.50' }).click()
      await typeCard(page, CARDS.good)
      await dialogButton(page, /^Pay/).click()
      await page.getByText('is paid and on its way').waitFor()
    },
  ],
  ['modal-checkout', 'modal-checkout', (page) => page.getByText('Espresso beans').waitFor()],
  [
    'modal-checkout, its dialog',
    'modal-checkout',
    async (page) => {
      await page.getByRole('button', { name: 'Add a card' }).click()
      await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    },
  ],
  [
    'modal-checkout, given up',
    'modal-checkout',
    async (page) => {
      await page.getByRole('button', { name: 'Add a card' }).click()
      await cardFrame(page).locator('[name="cardnumber"]').waitFor()
      await pressEscape(page)
      await page
        .getByRole('alert')
        .getByText(/closed/)
        .waitFor()
    },
  ],
  [
    'backendless-shop',
    'backendless-shop',
    (page) => cardFrame(page).locator('[name="cardnumber"]').waitFor(),
  ],
  [
    'backendless-shop, paid',
    'backendless-shop',
    async (page) => {
      await typeCard(page, CARDS.good)
      await page.getByRole('button', { name: 'Pay' }).click()
      await page.getByRole('cell', { name: 'charge.succeeded' }).waitFor()
    },
  ],
]

describe.skipIf(browser === null)(`accessibility${skipped}`, () => {
  test.each(STATES)('%s', async (_name, shop, reach) => {
    const { page, allowFault } = await shops.visit(`/examples/${shop}/`)
    await reach(page)
    allowFault(/402 .*\/confirm/)
    // A journey takes seconds; the page follows the system's look and a window that is drawn larger while it is open.
    for (const { colorScheme, viewport } of LOOKS) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      expect(await violationsOf(page), `${colorScheme}, ${viewport.width} wide`).toEqual([])
      const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
      expect(fits, `nothing is wider than ${viewport.width} pixels`).toBe(true)
    }
  })
})
