/** What a shopper does in a card form and at the bank, by the names that Stripe's own frames have. */
import type { FrameLocator, Locator, Page } from 'playwright-core'

export const CARDS = {
  good: '4242424242424242',
  declined: '4000000000000002',
  noMoney: '4000000000009995',
  /** Asks for 3-D Secure each time. */
  asksBank: '4000002760003184',
} as const

export type FormKind = 'card' | 'payment'

export function cardFrame(page: Page, kind: FormKind = 'card'): FrameLocator {
  const title = kind === 'card' ? 'Secure card payment input frame' : 'Secure payment input frame'
  return page.frameLocator(`iframe[name^="__privateStripeFrame"][title="${title}"]`)
}

/** Types digit by digit; what was typed before is replaced. */
export async function typeCard(page: Page, number: string, kind: FormKind = 'card'): Promise<void> {
  const frame = cardFrame(page, kind)
  const fields: readonly (readonly [name: string, value: string])[] =
    kind === 'card'
      ? [
          ['cardnumber', number],
          ['exp-date', '1234'],
          ['cvc', '123'],
          ['postal', '94107'],
        ]
      : [
          ['number', number],
          ['expiry', '1234'],
          ['cvc', '123'],
          ['postalCode', '94107'],
        ]
  for (const [name, value] of fields) {
    const field = frame.locator(`[name="${name}"]`)
    // Not every form asks for a postal code.
    if (/^postal/.test(name) && (await field.count()) === 0) continue
    await field.fill('')
    await field.pressSequentially(value)
  }
}

/** The bank's own page, inside the challenge. */
export function bankFrame(page: Page): FrameLocator {
  return page
    .frameLocator('iframe[src*="three-ds-2-challenge"]')
    .frameLocator('iframe[name="stripe-challenge-frame"]')
}

export function bankButton(page: Page, what: 'complete' | 'fail'): Locator {
  return bankFrame(page).getByRole('button', { name: what === 'complete' ? /complete/i : /fail/i })
}

/** The dialog of the browser SDK. */
export function dialog(page: Page): Locator {
  return page.getByRole('dialog')
}

/** Its button, by what it does. */
export function dialogButton(page: Page, name: string | RegExp): Locator {
  return dialog(page).getByRole('button', { name })
}

/** Esc, until the dialog is gone. Chromium may never acknowledge a key whose frame it took away, so that is not waited for. */
export async function pressEscape(page: Page): Promise<void> {
  const pressed = page.keyboard.press('Escape').catch(() => undefined)
  const isGone = dialog(page).waitFor({ state: 'detached' })
  await Promise.race([pressed, isGone])
  await isGone
}
