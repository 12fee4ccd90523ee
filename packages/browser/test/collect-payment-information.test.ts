/** Saving a card in the dialog: every way that it can end, against the sandbox's Stripe. */
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
  GOOD_CARD,
  heard,
  openPage,
  type ShopPage,
  setupIntent,
  typeCard,
} from './support/open-page.ts'

const NUMBER = 'Secure card number input frame'
const EXPIRY = 'Secure expiration date input frame'
const CODE = 'Secure CVC input frame'
const PAYMENT = 'Secure payment input frame'

async function openForm(data: object = {}, callbacks?: readonly string[]): Promise<ShopPage> {
  const shop = await openPage()
  await collect(shop, { data, ...(callbacks && { callbacks }) })
  await formReady(shop)
  return shop
}

describe.skipIf(browser === null)(`collectPaymentInformation${about}`, () => {
  test('a good card is saved, and onSuccess gets the SetupIntent in both shapes', async () => {
    const shop = await openForm()
    expect(await shop.dialog.getByRole('heading').textContent()).toBe('Card Information')
    await typeCard(shop)
    await shop.button('Save').click()
    const [first] = await heard(shop)
    expect(first?.name).toBe('onSuccess')
    const { setupIntent: saved, result } = first?.data ?? {}
    expect(saved).toMatchObject({ object: 'setup_intent', status: 'succeeded' })
    expect(result).toEqual({ setupIntent: saved })
    expect((await shop.stripe.setupIntents.retrieve(saved.id)).status).toBe('succeeded')
    expect(await shop.dialog.count()).toBe(0)
    expect(await shop.page.locator('iframe').count()).toBe(0)
  })

  test('the message comes back whole, with an id, and without its callbacks', async () => {
    const shop = await openPage()
    await collect(shop, { extras: { companyId: 7, cart: { items: [1, 2] } } })
    await formReady(shop)
    await shop.button('Cancel').click()
    const [first] = await heard(shop)
    expect(first?.message).toMatchObject({
      id: expect.stringMatching(/^uim_/),
      scope: 'plugin:stripe',
      name: 'collectPaymentInformation',
      companyId: 7,
      cart: { items: [1, 2] },
      data: { title: 'Card Information', dataSecret: { object: 'setup_intent' } },
    })
    expect(first?.message).not.toHaveProperty('callbacks')
  })

  test('a decline closes the dialog and is onFail, once, in both shapes', async () => {
    const shop = await openForm()
    await typeCard(shop, DECLINED_CARD)
    await shop.button('Save').click()
    const [first] = await heard(shop)
    expect(first).toMatchObject({
      name: 'onFail',
      data: {
        error: { type: 'card_error', code: 'card_declined', decline_code: 'generic_decline' },
        result: { error: { code: 'card_declined' } },
      },
    })
    expect(await shop.dialog.count()).toBe(0)
  })

  test('with retry a decline stays, keeps what was typed, and another card is saved', async () => {
    const shop = await openForm({ retry: true })
    await typeCard(shop, DECLINED_CARD)
    await shop.button('Save').click()
    await expect.poll(() => shop.dialog.getByRole('alert').textContent()).toBe('Your card was declined.')
    expect(await frame(shop.page).locator('[name="cardnumber"]').inputValue()).toBe('4000 0000 0000 0002')
    await frame(shop.page).locator('[name="cardnumber"]').fill(GOOD_CARD)
    expect(await shop.dialog.getByRole('alert').textContent()).toBe('')
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test('with retry, giving up after a decline tells of it', async () => {
    const shop = await openForm({ retry: true })
    await typeCard(shop, DECLINED_CARD)
    await shop.button('Save').click()
    await shop.dialog.getByText('Your card was declined.').waitFor()
    await shop.button('Cancel').click()
    expect(await heard(shop)).toMatchObject([
      { name: 'onFail', data: { error: { type: 'user_canceled', last_error: { code: 'card_declined' } } } },
    ])
  })

  test('an unfinished card is no failure: the dialog says what is missing', async () => {
    const shop = await openForm()
    await shop.button('Save').click()
    await expect
      .poll(() => shop.dialog.getByRole('alert').textContent())
      .toBe('Your card number is incomplete.')
    await typeCard(shop)
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test('a mistake in the number is said while it is typed', async () => {
    const shop = await openForm()
    await frame(shop.page).locator('[name="cardnumber"]').fill('4242424242424241')
    await expect.poll(() => shop.dialog.getByRole('alert').textContent()).toBe('Your card number is invalid.')
  })

  test('3-D Secure completed saves the card; the challenge is on top of the dialog', async () => {
    const shop = await openForm()
    await typeCard(shop, CHALLENGED_CARD)
    await shop.button('Save').click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await heard(shop)).toMatchObject([
      { name: 'onSuccess', data: { setupIntent: { status: 'succeeded' } } },
    ])
  })

  test.each([
    ['a bank that says no', '#test-source-fail-3ds'],
    ['a challenge that is closed', 'cross'],
  ])('3-D Secure: %s is onFail, or another try', async (_, way) => {
    const shop = await openForm({ retry: true })
    await typeCard(shop, CHALLENGED_CARD)
    await shop.button('Save').click()
    await bank(shop.page).locator('#test-source-fail-3ds').waitFor()
    if (way === 'cross') {
      await shop.page
        .frameLocator('iframe[src*="three-ds-2-challenge"]')
        .getByLabel('Cancel authentication')
        .click()
    } else await bank(shop.page).locator(way).click()
    await expect
      .poll(() => shop.dialog.getByRole('alert').textContent())
      .toMatch(/unable to authenticate your payment method/)
    await frame(shop.page).locator('[name="cardnumber"]').fill(GOOD_CARD)
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test.each([
    ['Esc', (shop: ShopPage) => shop.page.keyboard.press('Escape')],
    ['the Cancel button', (shop: ShopPage) => shop.button('Cancel').click()],
    ['the cross', (shop: ShopPage) => shop.button('Close').click()],
  ])('giving up by %s is onCancel', async (_, giveUp) => {
    const shop = await openForm({}, ['onSuccess', 'onFail', 'onCancel'])
    await giveUp(shop)
    const all = await heard(shop)
    expect(all).toMatchObject([{ name: 'onCancel', data: { error: { type: 'user_canceled' } } }])
    expect(await shop.dialog.count()).toBe(0)
  })

  test('giving up without an onCancel is onFail with user_canceled', async () => {
    const shop = await openForm()
    await shop.page.keyboard.press('Escape')
    expect(await heard(shop)).toEqual([
      expect.objectContaining({
        name: 'onFail',
        data: {
          error: { type: 'user_canceled', code: 'canceled', message: expect.stringContaining('closed') },
          result: expect.objectContaining({ error: expect.anything() }),
        },
      }),
    ])
  })

  test('Esc inside of a Stripe field gives up too', async () => {
    const shop = await openForm()
    await frame(shop.page).locator('[name="cardnumber"]').press('Escape')
    expect(await heard(shop)).toMatchObject([{ data: { error: { type: 'user_canceled' } } }])
  })

  test('a click beside the dialog does nothing, unless the message asks for it', async () => {
    const shop = await openForm()
    await shop.page.mouse.click(5, 5)
    expect(await shop.dialog.isVisible()).toBe(true)
    await shop.button('Cancel').click()
    await heard(shop)
    await collect(shop, { data: { closeOnBackdrop: true }, callbacks: ['onCancel'] })
    await formReady(shop)
    await shop.dialog.getByRole('heading').click()
    expect(await shop.dialog.isVisible()).toBe(true)
    await shop.page.mouse.click(5, 5)
    expect(await heard(shop, 2)).toMatchObject([{}, { name: 'onCancel' }])
  })

  test('two clicks and an Enter are one confirmation', async () => {
    const shop = await openForm({ retry: true })
    let confirmations = 0
    await shop.page.route('**/confirm', async (route) => {
      confirmations += 1
      await route.continue()
    })
    await typeCard(shop, CHALLENGED_CARD)
    await shop.page.evaluate(() => {
      const shadow = document.querySelector('[data-tollbridge-dialog]')?.shadowRoot
      const button = shadow?.querySelector<HTMLElement>('.submit')
      button?.click()
      button?.click()
      document.querySelector<HTMLFormElement>('.tollbridge-form')?.requestSubmit()
    })
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
    expect(confirmations).toBe(1)
  })

  test('while the card is being saved nothing gives up', async () => {
    const shop = await openForm()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await shop.page.route('**/confirm', async (route) => {
      await held
      await route.continue()
    })
    await typeCard(shop)
    await shop.button('Save').click()
    await shop.page.locator('[data-state="busy"]').waitFor({ state: 'attached' })
    for (let press = 0; press < 3; press++) await shop.page.keyboard.press('Escape')
    expect(await shop.button('Cancel').isDisabled()).toBe(true)
    expect(await shop.dialog.getByRole('status').textContent()).toBe('One moment…')
    expect(await shop.dialog.isVisible()).toBe(true)
    release()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test("what Stripe's own script lays over the page can be reached while the dialog is busy", async () => {
    const shop = await openForm()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await shop.page.route('**/confirm', async (route) => {
      await held
      await route.continue()
    })
    await typeCard(shop)
    await shop.button('Save').click()
    await shop.page.locator('[data-state="busy"]').waitFor({ state: 'attached' })
    // As stripe.js does it: a box over everything by its z-index, not in the browser's top layer.
    await shop.page.evaluate(() => {
      const box = document.createElement('div')
      box.style.cssText = 'position:fixed;inset:0;z-index:2147483647'
      box.innerHTML = '<button id="bank" style="position:absolute;inset:0">Bank</button>'
      document.body.append(box)
      box.onclick = () => box.remove()
    })
    await shop.page.locator('#bank').click()
    // The page below stays out of reach.
    expect(await shop.page.locator('main').evaluate((main: HTMLElement) => main.inert)).toBe(true)
    release()
    await heard(shop)
    expect(await shop.page.locator('main').evaluate((main: HTMLElement) => main.inert)).toBe(false)
  })

  test.each(['cardNumber', 'split'])(
    'elementType %s: number, expiry and code in labelled fields',
    async (elementType) => {
      const shop = await openForm({
        elementType,
        elementOptions: { placeholder: 'Digits', cardCvc: { placeholder: 'Three digits' } },
      })
      expect(await frame(shop.page, NUMBER).locator('[name="cardnumber"]').getAttribute('placeholder')).toBe(
        'Digits',
      )
      expect(await frame(shop.page, CODE).locator('[name="cvc"]').getAttribute('placeholder')).toBe(
        'Three digits',
      )
      const fields = [
        [
          'Card number',
          GOOD_CARD,
          frame(shop.page, NUMBER).locator('[name="cardnumber"]'),
          '4242 4242 4242 4242',
        ],
        ['Expiry date', '1234', frame(shop.page, EXPIRY).locator('[name="exp-date"]'), '12 / 34'],
        ['Security code', '123', frame(shop.page, CODE).locator('[name="cvc"]'), '123'],
      ] as const
      for (const [label, typed, input, shown] of fields) {
        // A click on the label leads into its field.
        await shop.page.getByText(label, { exact: true }).click()
        await expect.poll(() => input.evaluate((node) => node.ownerDocument.hasFocus())).toBe(true)
        await shop.page.keyboard.type(typed)
        await expect.poll(() => input.inputValue()).toBe(shown)
      }
      await shop.button('Save').click()
      expect(await heard(shop)).toMatchObject([
        { name: 'onSuccess', data: { setupIntent: { status: 'succeeded' } } },
      ])
    },
  )

  test('elementType payment: Stripe’s whole form, its own messages, and the card is saved', async () => {
    const shop = await openForm({ elementType: 'payment' })
    await shop.button('Save').click()
    await frame(shop.page, PAYMENT).getByText('Your card number is incomplete.').waitFor()
    await expect.poll(() => shop.page.locator('[data-state="ready"]').count()).toBe(1)
    expect(await shop.dialog.getByRole('alert').textContent()).toBe('')
    const field = (name: string) => frame(shop.page, PAYMENT).locator(`[name="${name}"]`)
    await field('number').fill(GOOD_CARD)
    await field('expiry').fill('12 / 34')
    await field('cvc').fill('123')
    await field('country').selectOption('US')
    await field('postalCode').fill('94107')
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([
      { name: 'onSuccess', data: { setupIntent: { status: 'succeeded' } } },
    ])
  })

  test.each(['idealBank', 'epsBank', 'paymentRequestButton', 'nonsense', 7, {}])(
    'elementType %s is onFail in clear words, and never a dialog',
    async (elementType) => {
      const shop = await openPage()
      await collect(shop, { data: { elementType } })
      expect(await heard(shop)).toMatchObject([
        {
          name: 'onFail',
          data: {
            error: {
              type: 'invalid_element_type',
              code: 'invalid_element_type',
              message: expect.stringContaining('elementType can be card'),
            },
          },
        },
      ])
      expect(await shop.dialog.count()).toBe(0)
    },
  )

  test.each([
    ['absent', undefined, 'parameter_missing'],
    ['of a payment', 'pi_1_secret_x', 'parameter_invalid'],
    ['a wrong type', 7, 'parameter_invalid'],
    ['an intent without its secret', { id: 'seti_1' }, 'parameter_missing'],
  ])('dataSecret %s is onFail that names it', async (_, dataSecret, code) => {
    const shop = await openPage()
    await collect(shop, { data: { dataSecret } })
    expect(await heard(shop)).toMatchObject([
      { name: 'onFail', data: { error: { code, param: 'dataSecret' } } },
    ])
  })

  test('dataSecret as a string and the key as publickKey, as old pages spell it', async () => {
    const shop = await openPage()
    const intent = await setupIntent(shop)
    await collect(shop, {
      data: {
        publicKey: undefined,
        publickKey: 'pk_test_sandbox',
        dataSecret: intent.client_secret,
        elementOptions: null,
      },
    })
    await formReady(shop)
    await typeCard(shop)
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess', data: { setupIntent: { id: intent.id } } }])
  })

  test.each(['collectPaymentInformation', 'handleCardAction'])(
    '%s on a connected account: Stripe.js is told of it',
    async (name) => {
      const shop = await openPage()
      await shop.page.evaluate(() => {
        const world = window as unknown as { made: unknown[]; Stripe: unknown }
        world.made = []
        world.Stripe = (...given: unknown[]) => {
          world.made.push(given)
          throw new Error('Seen.')
        }
      })
      const [dataSecret, clientSecret] = ['seti_1_secret_1', 'pi_1_secret_1']
      await collect(shop, {
        extras: {
          name,
          data: { publicKey: 'pk_test_sandbox', stripeAccount: 'acct_1', dataSecret, clientSecret },
        },
        callbacks: ['onFail'],
      })
      await heard(shop)
      const made = await shop.page.evaluate(() => (window as unknown as { made: unknown[] }).made)
      expect(made).toEqual([['pk_test_sandbox', { stripeAccount: 'acct_1' }]])
    },
  )

  test('elementOptions reach the element: no postal code is asked for', async () => {
    const shop = await openForm({
      elementOptions: { hidePostalCode: true, style: { base: { color: 'rgb(1, 2, 3)' } } },
    })
    expect(await frame(shop.page).locator('[name="postal"]').isVisible()).toBe(false)
    const color = await frame(shop.page)
      .locator('[name="cardnumber"]')
      .evaluate((input) => getComputedStyle(input).color)
    expect(color).toBe('rgb(1, 2, 3)')
    await frame(shop.page).locator('[name="cardnumber"]').fill(GOOD_CARD)
    await frame(shop.page).locator('[name="exp-date"]').fill('12/34')
    await frame(shop.page).locator('[name="cvc"]').fill('123')
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test.each(['card', 'payment'])(
    'a SetupIntent that was done before is no success (%s)',
    async (elementType) => {
      const shop = await openPage()
      const intent = await setupIntent(shop)
      await collect(shop, { data: { dataSecret: intent, elementType } })
      await formReady(shop)
      const { payment_method: before } = await shop.stripe.setupIntents.confirm(intent.id, {
        payment_method: 'pm_card_mastercard',
      })
      if (elementType === 'card') await typeCard(shop)
      else {
        const field = (name: string) => frame(shop.page, PAYMENT).locator(`[name="${name}"]`)
        await field('number').fill(GOOD_CARD)
        await field('expiry').fill('12 / 34')
        await field('cvc').fill('123')
        await field('postalCode').fill('94107')
      }
      await shop.button('Save').click()
      // The card that was typed now is saved nowhere.
      expect(await heard(shop)).toMatchObject([
        {
          name: 'onFail',
          data: {
            error: {
              type: 'invalid_request_error',
              code: 'setup_intent_unexpected_state',
              message: expect.any(String),
              setup_intent: { id: intent.id, status: 'succeeded', payment_method: before },
            },
          },
        },
      ])
    },
  )

  describe('when the answer to a try that saved the card gets lost', () => {
    async function loseAnswer(then: 'known' | 'unknown') {
      const shop = await openPage()
      const intent = await setupIntent(shop)
      await collect(shop, { data: { dataSecret: intent, retry: true } })
      await formReady(shop)
      const lose = { times: 1 }
      await shop.page.route(
        '**/confirm',
        async (route) => {
          await route.fetch()
          await route.abort('connectionreset')
        },
        lose,
      )
      if (then === 'unknown') {
        const once = { times: 1 }
        await shop.page.route(`**/v1/setup_intents/${intent.id}?**`, (route) => route.abort(), once)
      }
      await typeCard(shop)
      await shop.button('Save').click()
      return {
        shop,
        saved: [{ name: 'onSuccess', data: { setupIntent: { id: intent.id, status: 'succeeded' } } }],
      }
    }

    test('Stripe is asked, and it is a success', async () => {
      const { shop, saved } = await loseAnswer('known')
      expect(await heard(shop)).toMatchObject(saved)
    })

    test('and Stripe cannot be asked, it is a success of the next try', async () => {
      const { shop, saved } = await loseAnswer('unknown')
      await shop.dialog.getByRole('alert').getByText(/./).waitFor()
      await shop.button('Save').click()
      expect(await heard(shop)).toMatchObject(saved)
    })

    test('and Stripe can be asked again only when the form is given up, it is a success', async () => {
      const { shop, saved } = await loseAnswer('unknown')
      await shop.dialog.getByRole('alert').getByText(/./).waitFor()
      await shop.button('Cancel').click()
      expect(await heard(shop)).toMatchObject(saved)
    })
  })

  test('who gives up while the card is being saved hears that it was', async () => {
    const shop = await openForm({})
    const { promise: hold, resolve: letGo } = Promise.withResolvers<void>()
    await shop.page.route('**/confirm', async (route) => {
      await hold
      await route.continue()
    })
    await typeCard(shop)
    await shop.button('Save').click()
    await shop.page.keyboard.press('Escape')
    letGo()
    expect(await heard(shop)).toMatchObject([{ name: 'onSuccess' }])
  })

  test('a secret that Stripe does not know is onFail in Stripe’s words', async () => {
    const shop = await openForm({ dataSecret: 'seti_nobody_secret_nobody' })
    await typeCard(shop)
    await shop.button('Save').click()
    const [first] = await heard(shop)
    expect(first).toMatchObject({ name: 'onFail', data: { error: { type: 'invalid_request_error' } } })
  })

  test('a payment form that cannot load is onFail, not a dead dialog', async () => {
    const shop = await openPage()
    await collect(shop, { data: { elementType: 'payment', dataSecret: 'seti_nobody_secret_nobody' } })
    const [first] = await heard(shop)
    expect(first).toMatchObject({ name: 'onFail', data: { error: { message: expect.any(String) } } })
    expect(await shop.dialog.count()).toBe(0)
  })

  test('a title is text, whatever it holds', async () => {
    const shop = await openForm({ title: '<img src=x onerror="window.hacked = true"> & more' })
    expect(await shop.dialog.getByRole('heading').textContent()).toContain('<img src=x')
    expect(await shop.dialog.locator('img').count()).toBe(0)
    expect(await shop.page.evaluate(() => 'hacked' in window)).toBe(false)
  })

  test('a shop’s words take the place of the English ones', async () => {
    const shop = await openPage({
      options: { texts: { save: 'Speichern', cancel: 'Abbrechen' }, locale: 'de' },
    })
    await collect(shop)
    await formReady(shop)
    expect(await shop.button('Speichern').isVisible()).toBe(true)
    await shop.button('Abbrechen').click()
    await expect.poll(() => shop.dialog.count()).toBe(0)
  })
})
