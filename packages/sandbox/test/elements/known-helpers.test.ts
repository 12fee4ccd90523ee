/** The ways in which people's own tests find and fill Stripe's elements, one test for each. */
import type { Browser, Frame, Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { launchChromium } from '../../../../test/support/chromium.ts'
import { CARD_FORM, inPage, lastChange, mount } from './support/in-page.ts'
import { browser, openShop, reason, type Shop } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`
const PLACE =
  '<form id="form"><div id="a"></div><div id="b"></div><div id="c"></div><button>Pay</button></form>'

async function cardShop(): Promise<Shop> {
  const shop = await openShop({ html: CARD_FORM })
  await mount(shop, [{ type: 'card', at: '#card' }])
  return shop
}

const isComplete = (shop: Shop, type: string) =>
  expect.poll(() => lastChange(shop, type)).toMatchObject({ complete: true })

describe.skipIf(browser === null)(`the card element${about}`, () => {
  test.each<[string, (page: Page) => Promise<unknown>]>([
    [
      'by the frame name and input names',
      async (page) => {
        const frame = page.frameLocator('iframe[name^="__privateStripeFrame"]')
        await frame.locator('[name="cardnumber"]').fill('4242424242424242')
        await frame.locator('[name="exp-date"]').fill('12/34')
        await frame.locator('[name="cvc"]').fill('123')
        await frame.locator('[name="postal"]').fill('12345')
      },
    ],
    [
      'by the frame title and placeholders',
      async (page) => {
        const frame = page.frameLocator('iframe[title="Secure card payment input frame"]')
        await frame.locator('[placeholder="Card number"]').pressSequentially('4242 4242 4242 4242')
        await frame.getByPlaceholder('MM / YY').fill('12 / 34')
        await frame.getByPlaceholder('CVC').fill('123')
        await frame.getByPlaceholder('ZIP').fill('12345')
      },
    ],
    [
      'by role and name, as a recorder writes it down',
      async (page) => {
        const frame = page.locator('iframe[name^="__privateStripeFrame"]').contentFrame()
        await frame.getByRole('textbox', { name: 'Credit or debit card number' }).fill('4242424242424242')
        await frame.getByRole('textbox', { name: 'Credit or debit card expiration date' }).fill('1234')
        await frame.getByRole('textbox', { name: 'Credit or debit card CVC/CVV' }).fill('123')
        await frame.getByRole('textbox', { name: 'ZIP' }).fill('12345')
      },
    ],
    [
      'by the address of the frame and the class of the input',
      async (page) => {
        const frame = page.frame({ url: /elements-inner-card/ }) as Frame
        expect(frame.url()).toContain('componentName=card&')
        await frame.fill('.InputElement[name=cardnumber]', '')
        await frame.fill('.InputElement[name=cardnumber]', '4242424242424242')
        await frame.fill('.InputElement[name=exp-date]', '555')
        await frame.fill('.InputElement[name=cvc]', '333')
        await frame.fill('.InputElement[name=postal]', '66666')
      },
    ],
    [
      'by the payment permission of the frame and autocomplete',
      async (page) => {
        const frame = page.frameLocator('iframe[allow="payment *; publickey-credentials-get *"]')
        await frame.locator('input[autocomplete="cc-number"]').fill('4242424242424242')
        await frame.locator('input[autocomplete="cc-exp"]').fill('12 / 34')
        await frame.locator('input[autocomplete="cc-csc"]').fill('123')
        await frame.locator('input[autocomplete="billing postal-code"]').fill('12345')
      },
    ],
    [
      'all by the keyboard, from a click into the wrapper',
      async (page) => {
        await page
          .locator('.__PrivateStripeElement')
          .first()
          .click({ position: { x: 90, y: 8 } })
        await page.keyboard.type('42424242424242421234123' + '12345', { delay: 5 })
      },
    ],
  ])('%s', async (_, fill) => {
    const shop = await cardShop()
    await fill(shop.page)
    await isComplete(shop, 'card')
    expect((await inPage(shop, 'return stripe.createToken(el.card)')).token.card.last4).toBe('4242')
  })

  test('as cypress-plugin-stripe-elements does, through the documents of all frames', async () => {
    // With chromeWebSecurity off, as the plugin asks for, a page may look into frames of other origins.
    const launched = await launchChromium({
      switches: ['--disable-web-security', '--disable-site-isolation-trials'],
    })
    onTestFinished(async () => void (await launched.browser?.close()))
    const shop = await openShop({ html: CARD_FORM, browser: launched.browser as Browser })
    await mount(shop, [{ type: 'card', at: '#card' }])
    const values = { cardNumber: '4242424242424242', cardExpiry: '1234', cardCvc: '123', postalCode: '90210' }
    for (const [field, value] of Object.entries(values)) {
      await inPage(
        shop,
        `const selector = 'input[data-elements-stable-field-name="' + given.field + '"]'
         const found = [...document.querySelectorAll('iframe')].flatMap((frame) => [...frame.contentDocument.querySelectorAll(selector)])
         if (found.length !== 1) throw new Error(given.field + ' was found ' + found.length + ' times')
         const input = found[0], view = input.ownerDocument.defaultView
         if (input.disabled) throw new Error('disabled')
         input.focus()
         const set = Object.getOwnPropertyDescriptor(view.HTMLInputElement.prototype, 'value').set
         const type = (text, inputType) => {
           set.call(input, text)
           input.dispatchEvent(new view.InputEvent('input', { bubbles: true, data: text.at(-1) ?? null, inputType }))
         }
         type('', 'deleteContentBackward')
         for (const key of given.value) type(input.value + key, 'insertText')`,
        { field, value },
      )
    }
    await isComplete(shop, 'card')
  })
})

describe.skipIf(browser === null)(`the split card${about}`, () => {
  test.each<[string, (page: Page) => Promise<unknown>]>([
    [
      'by the component in the address of its frames',
      async (page) => {
        const frame = (name: string) => page.frameLocator(`iframe[src*="componentName=${name}"]`)
        await frame('cardNumber').locator('input').fill('4242424242424242')
        await frame('cardExpiry').locator('input').fill('12/34')
        await frame('cardCvc').locator('input').fill('123')
      },
    ],
    [
      'by the titles of its frames',
      async (page) => {
        const frame = (title: string) => page.frameLocator(`iframe[title="Secure ${title} input frame"]`)
        await frame('card number').locator('[name="cardnumber"]').fill('4242424242424242')
        await frame('expiration date').locator('[name="exp-date"]').fill('12/34')
        await frame('CVC').locator('[name="cvc"]').fill('123')
      },
    ],
    [
      'by the places that the page has for it',
      async (page) => {
        await page.locator('#a').click()
        await page.keyboard.type('4242424242424242')
        await page.locator('#b').click()
        await page.keyboard.type('1234')
        await page.locator('#c').click()
        await page.keyboard.type('123')
      },
    ],
  ])('%s', async (_, fill) => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [
      { type: 'cardNumber', at: '#a' },
      { type: 'cardExpiry', at: '#b' },
      { type: 'cardCvc', at: '#c' },
    ])
    await fill(shop.page)
    for (const type of ['cardNumber', 'cardExpiry', 'cardCvc']) await isComplete(shop, type)
    expect((await inPage(shop, 'return stripe.createToken(el.cardNumber)')).token.object).toBe('token')
  })
})

describe.skipIf(browser === null)(`the payment element${about}`, () => {
  test.each<[string, (page: Page) => Promise<unknown>]>([
    [
      'by the ids of its fields',
      async (page) => {
        const frame = page.frameLocator('iframe[title="Secure payment input frame"]')
        await frame.locator('#Field-numberInput').fill('4242424242424242')
        await frame.locator('#Field-expiryInput').fill('1234')
        await frame.locator('#Field-cvcInput').fill('123')
        await frame.locator('select#Field-countryInput').selectOption('United States')
        await frame.locator('#Field-postalCodeInput').fill('12234')
      },
    ],
    [
      'by names',
      async (page) => {
        const frame = page.frameLocator('iframe[name^="__privateStripeFrame"]').first()
        await frame.locator('input[name="number"]').pressSequentially('4242 4242 4242 4242', { delay: 5 })
        await frame.locator('input[name="expiry"]').pressSequentially('12 / 34', { delay: 5 })
        await frame.locator('input[name="cvc"]').fill('123')
        await frame.locator('[name="country"]').selectOption('US')
        await frame.locator('[name="postalCode"]').fill('12234')
      },
    ],
    [
      'by placeholders',
      async (page) => {
        const frame = page.frameLocator('internal:attr=[title="Secure payment input frame"i]')
        await frame.getByPlaceholder('1234 1234 1234 1234').fill('4242 4242 4242 4242')
        await frame.getByPlaceholder('MM / YY').fill('05 / 50')
        await frame.getByPlaceholder('CVC').fill('222')
        await frame.getByRole('combobox', { name: 'Country' }).selectOption('US')
        await frame.getByPlaceholder('12345', { exact: true }).fill('12345')
      },
    ],
    [
      'by role and name, as a recorder writes it down',
      async (page) => {
        const frame = page.locator('iframe[title="Secure payment input frame"]').contentFrame()
        await frame.getByTestId('card').click()
        await frame.getByRole('textbox', { name: 'Card number' }).fill('4242 4242 4242 4242')
        await frame.getByRole('textbox', { name: 'Expiration date MM / YY' }).fill('10 / 30')
        await frame.getByRole('textbox', { name: 'Security code' }).fill('123')
        await frame.getByLabel('Country').selectOption('US')
        await frame.getByRole('textbox', { name: 'ZIP code' }).fill('80110')
      },
    ],
    [
      'by its tabs and labels',
      async (page) => {
        const frame = page.frameLocator('[name*=__privateStripeFrame]').first()
        const tabs = frame.getByRole('tablist', { name: 'Payment Methods' })
        await tabs.getByRole('tab', { name: 'SEPA Debit' }).click()
        await tabs.getByTestId('card').click()
        await frame.getByLabel('Card number').fill('4242424242424242')
        await frame.getByLabel('Expiration').fill('1234')
        await frame.getByLabel('Security code').fill('123')
        await frame.getByLabel('ZIP').fill('80110')
      },
    ],
  ])('%s', async (_, fill) => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [{ type: 'payment', at: '#a' }], {
      mode: 'payment',
      amount: 1000,
      currency: 'eur',
      allowedPaymentMethodTypes: ['card', 'sepa_debit'],
    })
    await fill(shop.page)
    await isComplete(shop, 'payment')
    expect(await inPage(shop, 'return group.submit()')).toEqual({ selectedPaymentMethod: 'card' })
  })

  test('arrows lead along its tabs, and Tab from the chosen one into its form', async () => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [{ type: 'payment', at: '#a' }], {
      mode: 'payment',
      amount: 1000,
      currency: 'eur',
      allowedPaymentMethodTypes: ['card', 'sepa_debit'],
    })
    const frame = shop.page.frameLocator('iframe[title="Secure payment input frame"]')
    await frame.getByRole('tab', { name: 'Card' }).focus()
    await shop.page.keyboard.press('ArrowRight')
    expect(await frame.getByRole('tab', { selected: true }).textContent()).toBe('SEPA Debit')
    await shop.page.keyboard.press('Tab')
    expect(await frame.getByLabel('Full name').evaluate((node) => node === document.activeElement)).toBe(true)
  })

  test('an accordion by its buttons', async () => {
    const shop = await openShop({ html: PLACE })
    const options = { layout: { type: 'accordion', defaultCollapsed: true } }
    await mount(shop, [{ type: 'payment', at: '#a', options }], {
      mode: 'payment',
      amount: 1000,
      currency: 'eur',
      allowedPaymentMethodTypes: ['card', 'sepa_debit'],
    })
    const frame = shop.page.frameLocator('iframe[title="Secure payment input frame"]')
    await frame.locator('[role="button"][data-value="card"]').click()
    await frame.getByLabel('Card number').waitFor()
    expect(await frame.getByRole('button', { name: 'Card', expanded: true }).count()).toBe(1)
  })
})

describe.skipIf(browser === null)(`the 3-D Secure challenge${about}`, () => {
  const challenge = 'iframe[src*="three-ds-2-challenge"]'

  test.each<[string, string, (page: Page) => Promise<unknown>]>([
    [
      'by its frames and ids',
      'succeeded',
      (page) =>
        page
          .locator('iframe[name^="__privateStripeFrame"]')
          .last()
          .contentFrame()
          .frameLocator('#challengeFrame')
          .locator('#test-source-authorize-3ds')
          .click(),
    ],
    [
      'by any frame inside, and the word on the button',
      'succeeded',
      (page) =>
        page
          .frameLocator(challenge)
          .frameLocator('iframe')
          .getByRole('button', { name: /^complete$/i })
          .click(),
    ],
    [
      'by text',
      'succeeded',
      async (page) => {
        const bank = page.frameLocator(challenge).frameLocator('[name="stripe-challenge-frame"]')
        await bank.getByText('3D Secure 2 Test Page').waitFor()
        await bank.locator('text=Complete').click()
      },
    ],
    [
      'by the frame of its name among all frames',
      'failed',
      async (page) => {
        await page.frameLocator(challenge).locator('#challengeFrame').waitFor()
        const find = () => page.frames().find((frame) => frame.name() === 'stripe-challenge-frame')
        await expect.poll(find).toBeDefined()
        await find()?.click('#test-source-fail-3ds')
      },
    ],
    [
      'by its way out',
      'failed',
      (page) => page.frameLocator(challenge).getByRole('button', { name: 'Cancel' }).click(),
    ],
  ])('%s', async (_, outcome, answer) => {
    const shop = await cardShop()
    const intent = await shop.stripe.paymentIntents.create({ amount: 1999, currency: 'usd' })
    const result = inPage(
      shop,
      "return stripe.confirmCardPayment(given, { payment_method: 'pm_card_authenticationRequired' })",
      intent.client_secret,
    )
    await answer(shop.page)
    expect(await result).toMatchObject(
      outcome === 'succeeded'
        ? { paymentIntent: { status: 'succeeded' } }
        : { error: { code: 'payment_intent_authentication_failure' } },
    )
    await expect.poll(() => shop.page.locator(challenge).count()).toBe(0)
  })
})
