/** The dialog for everybody: keyboard, focus, screen readers, a strict policy, dark and light, small and large. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { describe, expect, test } from 'vitest'
import {
  about,
  bank,
  browser,
  CHALLENGED_CARD,
  collect,
  DECLINED_CARD,
  formReady,
  frame,
  heard,
  openPage,
  type ShopPage,
  type ShopPageOptions,
  typeCard,
} from './support/open-page.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds in the page and in Stripe's frames, with the nodes at fault; and which texts it could measure. */
async function measured({ page }: ShopPage): Promise<{ faults: string[]; contrasts: string[] }> {
  for (const each of page.frames()) {
    await each.evaluate(axeSource)
    await each.evaluate("axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] })")
  }
  const { violations, incomplete, passes } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  )
  const untested = incomplete.filter(({ id }) => id === 'frame-tested')
  return {
    faults: [...violations, ...untested].map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
    ),
    contrasts: passes
      .filter(({ id }) => id === 'color-contrast')
      .flatMap(({ nodes }) => nodes.map(({ target }) => target.flat().at(-1) ?? '')),
  }
}

/** The entrance must be over, or its half-seen colors are measured. */
function still({ dialog }: ShopPage): Promise<unknown> {
  return dialog.evaluate((node) => Promise.all(node.getAnimations().map(({ finished }) => finished)))
}

/** A whole page of text: axe takes what lies outside of the root element, even if it is fixed, for invisible. */
const LONG = `<main><h1>Shop</h1><button id="opener">Pay</button>${'<p>Socks</p>'.repeat(60)}</main>`

async function openForm(options: ShopPageOptions = {}, data: object = {}): Promise<ShopPage> {
  const shop = await openPage(options)
  await shop.page.locator('#opener').focus()
  await collect(shop, { data })
  await formReady(shop)
  return shop
}

/** What has the focus, seen from the page: an element's id, class or tag. */
function focused({ page }: ShopPage): Promise<string> {
  return page.evaluate(() => {
    let active: Element | null = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return active?.id || active?.className || active?.localName || ''
  })
}

const PHONE = { width: 360, height: 740 }
const DESKTOP = { width: 1280, height: 800 }

describe.skipIf(browser === null)(`with the keyboard alone${about}`, () => {
  test('while the form loads the dialog itself has the focus, not a button that a key would press', async () => {
    const shop = await openPage({ stripeJs: false })
    await shop.page.route('**/stripe.js', () => {})
    await collect(shop)
    expect(await focused(shop)).toBe('dialog')
    await shop.page.keyboard.press('Tab')
    expect(await focused(shop)).toBe('cross')
  })

  test('the first field has the focus, and a card is saved without a mouse', async () => {
    const shop = await openForm()
    await expect.poll(() => focused(shop)).toBe('iframe')
    await shop.page.keyboard.type('4242424242424242' + '1234' + '123' + '94107')
    await shop.page.keyboard.press('Tab')
    await expect.poll(() => focused(shop)).toBe('cancel')
    await shop.page.keyboard.press('Tab')
    await expect.poll(() => focused(shop)).toBe('submit')
    await shop.page.keyboard.press('Space')
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test('Enter in a field sends the form', async () => {
    const shop = await openForm()
    await typeCard(shop)
    await frame(shop.page).locator('[name="cvc"]').press('Enter')
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test('Tab never leads into the page below', async () => {
    const shop = await openForm()
    const places = new Set<string>()
    for (let press = 0; press < 16; press++) {
      await shop.page.keyboard.press('Tab')
      places.add(await focused(shop))
    }
    expect([...places]).toEqual(expect.arrayContaining(['cross', 'iframe', 'cancel', 'submit']))
    expect(places).not.toContain('opener')
  })

  test.each(['Cancel', 'Save'])('the focus goes back to where it came from after %s', async (name) => {
    const shop = await openForm()
    if (name === 'Save') await typeCard(shop)
    await shop.button(name).click()
    await heard(shop)
    expect(await focused(shop)).toBe('opener')
  })

  test('the focus goes back after 3-D Secure, too', async () => {
    const shop = await openForm()
    await typeCard(shop, CHALLENGED_CARD)
    await shop.button('Save').click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    await heard(shop)
    expect(await focused(shop)).toBe('opener')
  })
})

describe.skipIf(browser === null)(`to screen readers${about}`, () => {
  test('it is a modal dialog with its title as its name, and errors are said', async () => {
    const shop = await openForm({}, { retry: true })
    await shop.page.getByRole('dialog', { name: 'Card Information' }).waitFor()
    expect(await shop.dialog.getAttribute('aria-modal')).toBe('true')
    const alert = shop.dialog.getByRole('alert')
    // A live region is heard only if it was there before its words.
    expect(await alert.count()).toBe(1)
    await typeCard(shop, DECLINED_CARD)
    await shop.button('Save').click()
    await expect.poll(() => alert.textContent()).toBe('Your card was declined.')
  })

  const cases = [PHONE, DESKTOP].flatMap((viewport) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      ['card', 'split', 'payment'].map((elementType) => ({ viewport, colorScheme, elementType })),
    ),
  )
  test.each(cases)(
    'axe finds nothing wrong: $elementType, $colorScheme, $viewport.width wide',
    async ({ viewport, colorScheme, elementType }) => {
      const shop = await openForm(
        { html: LONG, context: { viewport, colorScheme } },
        { elementType, retry: true },
      )
      await still(shop)
      const before = await measured(shop)
      expect(before.faults).toEqual([])
      expect(before.contrasts).toEqual(expect.arrayContaining(['#title', '.cancel', '.note']))
      await shop.button('Save').click()
      const missing = 'Your card number is incomplete.'
      if (elementType === 'payment') {
        await frame(shop.page, 'Secure payment input frame').getByText(missing).waitFor()
      } else await shop.dialog.getByText(missing).waitFor()
      await shop.page.locator('[data-state="ready"]').waitFor({ state: 'attached' })
      expect((await measured(shop)).faults).toEqual([])
    },
  )
})

describe.skipIf(browser === null)(`in any page${about}`, () => {
  test('a strict content security policy breaks nothing', async () => {
    const shop = await openForm(
      {
        policy:
          "default-src 'none'; script-src 'self' SANDBOX; style-src 'self'; frame-src SANDBOX; connect-src 'self' SANDBOX; img-src data:",
      },
      { retry: true },
    )
    expect(await shop.dialog.evaluate((dialog) => getComputedStyle(dialog).borderRadius)).toBe('18px')
    expect(
      await shop.page.locator('.tollbridge-box').evaluate((box) => getComputedStyle(box).borderTopWidth),
    ).toBe('1px')
    await typeCard(shop, DECLINED_CARD)
    await shop.button('Save').click()
    await shop.dialog.getByText('Your card was declined.').waitFor()
    await typeCard(shop, CHALLENGED_CARD)
    await shop.button('Save').click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
    const refused = shop.console.filter(({ text }) => /content security policy/i.test(text))
    expect(refused).toEqual([])
  })

  test('styles of the page do not reach it', async () => {
    const shop = await openForm({
      html: `<style>* { font-size: 40px !important; border-radius: 0 } button, h2, p, footer { display: none !important }
        dialog { width: 50px !important }</style><button id="opener">Pay</button>`,
    })
    expect(await shop.button('Save').isVisible()).toBe(true)
    expect(await shop.dialog.getByRole('heading').evaluate((title) => getComputedStyle(title).fontSize)).toBe(
      '20px',
    )
    expect((await shop.dialog.boundingBox())?.width).toBe(456)
  })

  test('a page themes it by custom properties, and the fields follow', async () => {
    const shop = await openForm({
      html: '<style>:root { --tollbridge-accent: rgb(0, 100, 50); --tollbridge-text: rgb(20, 30, 40); --tollbridge-radius: 2px }</style><button id="opener">Pay</button>',
    })
    const style = (name: string) =>
      shop
        .button('Save')
        .evaluate((node, property) => getComputedStyle(node).getPropertyValue(property), name)
    expect(await style('background-color')).toBe('rgb(0, 100, 50)')
    expect(await style('border-radius')).toBe('2px')
    const typed = frame(shop.page).locator('[name="cardnumber"]')
    expect(await typed.evaluate((node) => getComputedStyle(node).color)).toBe('rgb(20, 30, 40)')
  })

  test('it follows the system from light to dark while it is open', async () => {
    const shop = await openForm({ context: { colorScheme: 'light' } })
    const color = () =>
      frame(shop.page)
        .locator('[name="cardnumber"]')
        .evaluate((node) => getComputedStyle(node).color)
    const before = await color()
    await shop.page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(color).not.toBe(before)
    expect(await shop.dialog.evaluate((dialog) => getComputedStyle(dialog).backgroundColor)).toBe(
      'rgb(27, 31, 43)',
    )
  })

  test('a page with one look says so', async () => {
    const shop = await openForm({ context: { colorScheme: 'dark' }, options: { theme: 'light' } })
    expect(await shop.dialog.evaluate((dialog) => getComputedStyle(dialog).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    )
  })

  test.each(['card', 'split', 'payment'])(
    'on a phone 320 wide nothing of %s is cut off',
    async (elementType) => {
      const shop = await openForm({ context: { viewport: { width: 320, height: 568 } } }, { elementType })
      const { scroll, client, right } = await shop.dialog.evaluate((dialog) => ({
        scroll: dialog.scrollWidth,
        client: dialog.clientWidth,
        right: dialog.getBoundingClientRect().right,
      }))
      expect(scroll).toBe(client)
      expect(right).toBeLessThanOrEqual(320)
      await shop.button('Save').scrollIntoViewIfNeeded()
      for (const name of ['Close', 'Cancel', 'Save']) {
        expect((await shop.button(name).boundingBox())?.height).toBeGreaterThanOrEqual(44)
      }
    },
  )

  test('it moves only for those who like it', async () => {
    const moving = (shop: ShopPage) =>
      shop.page.evaluate(() => {
        const counts: number[] = []
        const animate = Element.prototype.animate
        Element.prototype.animate = function (...given) {
          counts.push(1)
          return animate.apply(this, given)
        }
        return new Promise<number>((resolve) => {
          ;(
            window as unknown as { tollbridge: { ui: { sendMessage(m: object): { close(): void } } } }
          ).tollbridge.ui.sendMessage({
            scope: 'plugin:stripe',
            name: 'collectPaymentInformation',
            data: { publicKey: 'pk_test_sandbox', dataSecret: 'seti_1_secret_1' },
          })
          setTimeout(() => resolve(counts.length))
        })
      })
    expect(await moving(await openPage({ context: { reducedMotion: 'no-preference' } }))).toBe(1)
    expect(await moving(await openPage({ context: { reducedMotion: 'reduce' } }))).toBe(0)
  })

  test('the page behind it stays where it is', async () => {
    const shop = await openForm({
      html: `<button id="opener">Pay</button>${'<p>Socks</p>'.repeat(200)}`,
    })
    await shop.page.mouse.move(5, 5)
    await shop.page.mouse.wheel(0, 500)
    expect(await shop.page.evaluate(() => scrollY)).toBe(0)
    await shop.button('Cancel').click()
    await heard(shop)
    expect(await shop.page.evaluate(() => getComputedStyle(document.documentElement).overflow)).toBe(
      'visible',
    )
    await shop.page.mouse.wheel(0, 500)
    await expect.poll(() => shop.page.evaluate(() => scrollY)).toBeGreaterThan(0)
  })

  test('it is above a dialog that the shop has open, and 3-D Secure above both', async () => {
    const shop = await openPage({
      html: '<dialog id="cart"><button id="opener">Pay</button></dialog>',
      script: 'document.querySelector("#cart").showModal()',
    })
    await collect(shop)
    await formReady(shop)
    await typeCard(shop, CHALLENGED_CARD)
    await shop.button('Save').click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
    expect(await focused(shop)).toBe('opener')
  })
})
