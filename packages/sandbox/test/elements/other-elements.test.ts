/** The split card, the payment element, IBAN and express checkout, found and filled as people's own tests do. */
import type { Frame } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { classesOf, inPage, lastChange, mount } from './support/in-page.ts'
import { bankFrame, browser, elementFrame, openShop, reason, type Shop } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`
const PLACE =
  '<form id="form"><div id="a"></div><div id="b"></div><div id="c"></div><button>Pay</button></form>'
const PAYMENT = 'Secure payment input frame'

describe.skipIf(browser === null)(`the split card${about}`, () => {
  async function split(): Promise<Shop> {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [
      { type: 'cardNumber', at: '#a', options: { showIcon: true, placeholder: 'Number' } },
      { type: 'cardExpiry', at: '#b' },
      { type: 'cardCvc', at: '#c' },
    ])
    return shop
  }
  const fill = async (shop: Shop, number: string, cvc: string) => {
    await elementFrame(shop.page, 'Secure card number input frame')
      .locator('[name="cardnumber"]')
      .fill(number)
    await elementFrame(shop.page, 'Secure expiration date input frame')
      .locator('[name="exp-date"]')
      .fill('12/34')
    await elementFrame(shop.page, 'Secure CVC input frame').locator('[name="cvc"]').fill(cvc)
  }

  test('three frames make one token, whichever brand its security code is for', async () => {
    const shop = await split()
    await fill(shop, '378282246310005', '123')
    await expect.poll(() => lastChange(shop, 'cardNumber')).toMatchObject({ brand: 'amex', complete: true })
    expect((await inPage(shop, 'return stripe.createToken(el.cardNumber)')).error.code).toBe('incomplete_cvc')
    await expect.poll(() => classesOf(shop, '#c')).toContain('StripeElement--invalid')
    await elementFrame(shop.page, 'Secure CVC input frame').locator('[name="cvc"]').fill('1234')
    expect((await inPage(shop, 'return stripe.createToken(el.cardNumber)')).token.card).toMatchObject({
      brand: 'American Express',
      exp_year: 2034,
      cvc_check: 'unchecked',
    })
  })

  test('a payment method from it pays, and a part alone is refused', async () => {
    const shop = await split()
    await fill(shop, '4242424242424242', '123')
    const intent = await shop.stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      allowed_payment_method_types: ['card'],
    })
    expect(
      await inPage(
        shop,
        'return stripe.confirmCardPayment(given, {payment_method: {card: el.cardNumber}})',
        intent.client_secret,
      ),
    ).toMatchObject({ paymentIntent: { status: 'succeeded' } })
    expect(await inPage(shop, 'return stripe.createToken(el.cardCvc)')).toEqual({
      thrown: expect.stringContaining('cardNumber'),
    })
  })

  test('helpers that search every frame for a stable field name find each field once', async () => {
    const shop = await split()
    const found: string[] = []
    for (const name of ['cardNumber', 'cardExpiry', 'cardCvc']) {
      for (const frame of shop.page.frames()) {
        const fields: Frame = frame
        for (const input of await fields.locator(`input[data-elements-stable-field-name="${name}"]`).all()) {
          await input.pressSequentially(
            name === 'cardNumber' ? '4242424242424242' : name === 'cardExpiry' ? '1234' : '123',
          )
          found.push(name)
        }
      }
    }
    expect(found).toEqual(['cardNumber', 'cardExpiry', 'cardCvc'])
    expect(
      await shop.page.locator('.__PrivateStripeElement > iframe[name^="__privateStripeFrame"]').count(),
    ).toBe(3)
    expect((await inPage(shop, 'return stripe.createToken(el.cardNumber)')).token.object).toBe('token')
  })
})

describe.skipIf(browser === null)(`the payment element${about}`, () => {
  const fill = async (shop: Shop, number = '4242424242424242') => {
    const frame = elementFrame(shop.page, PAYMENT)
    await frame.locator('#Field-numberInput').fill(number)
    await frame.locator('[name="expiry"]').fill('12 / 34')
    await frame.locator('[name="cvc"]').fill('123')
    await frame.locator('[name="country"]').selectOption('US')
    await frame.locator('[name="postalCode"]').fill('94107')
  }

  test('with a deferred intent: submit checks the form, the server makes the intent, confirmPayment pays it', async () => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [{ type: 'payment', at: '#a' }], { mode: 'payment', amount: 1999, currency: 'usd' })
    expect(await inPage(shop, 'return group.submit()')).toMatchObject({
      error: { type: 'validation_error', code: 'incomplete_number' },
    })
    const frame = elementFrame(shop.page, PAYMENT)
    await expect
      .poll(() => frame.getByRole('alert').first().textContent())
      .toBe('Your card number is incomplete.')
    await fill(shop)
    await expect
      .poll(() => lastChange(shop, 'payment'))
      .toEqual({
        elementType: 'payment',
        empty: false,
        complete: true,
        collapsed: false,
        value: { type: 'card' },
      })
    const intent = await shop.stripe.paymentIntents.create({
      amount: 1999,
      currency: 'usd',
      automatic_payment_methods: { enabled: true },
    })
    const confirm = `return stripe.confirmPayment({elements: group, clientSecret: given, redirect: 'if_required'})`
    expect(await inPage(shop, confirm, intent.client_secret)).toEqual({
      thrown: expect.stringContaining('elements.submit() must be called'),
    })
    expect(await inPage(shop, 'return group.submit()')).toEqual({ selectedPaymentMethod: 'card' })
    expect(await inPage(shop, confirm, intent.client_secret)).toMatchObject({
      paymentIntent: { status: 'succeeded' },
    })
    const { latest_charge } = await shop.stripe.paymentIntents.retrieve(intent.id, {
      expand: ['latest_charge'],
    })
    expect(latest_charge).toMatchObject({
      billing_details: { address: { country: 'US', postal_code: '94107' } },
    })
  })

  test('a confirmation token of the form lets the server pay, with 3-D Secure back in the page', async () => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [{ type: 'payment', at: '#a' }], {
      mode: 'payment',
      amount: 1999,
      currency: 'usd',
      setupFutureUsage: 'off_session',
    })
    await fill(shop, '4000002760003184')
    const create =
      "return stripe.createConfirmationToken({ elements: group, params: { payment_method_data: { billing_details: { name: 'Ada' } }, return_url: location.href } })"
    expect(await inPage(shop, create)).toEqual({
      thrown: expect.stringContaining('elements.submit() must be called'),
    })
    await inPage(shop, 'return group.submit()')
    const { confirmationToken } = await inPage(shop, create)
    expect(confirmationToken).toMatchObject({
      object: 'confirmation_token',
      setup_future_usage: 'off_session',
      payment_method_preview: { type: 'card', card: { last4: '3184' }, billing_details: { name: 'Ada' } },
    })
    const intent = await shop.stripe.paymentIntents.create({
      amount: 1999,
      currency: 'usd',
      confirm: true,
      confirmation_token: confirmationToken.id,
    })
    expect(intent).toMatchObject({
      status: 'requires_action',
      setup_future_usage: 'off_session',
      next_action: { type: 'use_stripe_sdk' },
    })
    const acted = inPage(
      shop,
      'return stripe.handleNextAction({ clientSecret: given })',
      intent.client_secret,
    )
    await bankFrame(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await acted).toMatchObject({ paymentIntent: { status: 'succeeded' } })
  })

  test('what was submitted can be sent again until it is edited, also after the price changed', async () => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [{ type: 'payment', at: '#a' }], {
      mode: 'payment',
      amount: 1999,
      currency: 'usd',
      paymentMethodCreation: 'manual',
      allowedPaymentMethodTypes: ['card'],
    })
    await fill(shop, '4000002760003184')
    const send = 'return stripe.createPaymentMethod({ elements: group })'
    expect(await inPage(shop, 'return group.submit()')).toEqual({ selectedPaymentMethod: 'card' })
    const { paymentMethod } = await inPage(shop, send)
    await inPage(shop, 'group.update({ amount: 2500 })')
    expect((await inPage(shop, send)).paymentMethod.card.last4).toBe('3184')
    const intent = await shop.stripe.paymentIntents.create({
      amount: 2500,
      currency: 'usd',
      payment_method: paymentMethod.id,
      confirm: true,
      allowed_payment_method_types: ['card'],
    })
    expect(intent.status).toBe('requires_action')
    const acted = inPage(
      shop,
      'return stripe.handleNextAction({ clientSecret: given })',
      intent.client_secret,
    )
    await bankFrame(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await acted).toMatchObject({ paymentIntent: { status: 'succeeded', amount: 2500 } })
    await elementFrame(shop.page, PAYMENT).locator('[name="cvc"]').fill('321')
    expect(await inPage(shop, send)).toEqual({
      thrown: expect.stringContaining('elements.submit() must be called'),
    })
  })

  test("with a client secret: 3-D Secure, then back to the shop's return address", async () => {
    const shop = await openShop({ html: PLACE })
    const intent = await shop.stripe.paymentIntents.create({ amount: 1999, currency: 'usd' })
    await mount(shop, [{ type: 'payment', at: '#a' }], { clientSecret: intent.client_secret })
    await fill(shop, '4000002760003184')
    await inPage(
      shop,
      'void stripe.confirmPayment({elements: group, confirmParams: {return_url: location.origin + "/done?order=7"}})',
    )
    await bankFrame(shop.page).getByRole('button', { name: 'Complete' }).click()
    await shop.page.waitForURL('**/done**')
    expect(Object.fromEntries(new URL(shop.page.url()).searchParams)).toEqual({
      order: '7',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: 'succeeded',
    })
  })

  test('confirmSetup saves, and a decline stays on the page', async () => {
    const shop = await openShop({ html: PLACE })
    const customer = await shop.stripe.customers.create()
    const intent = await shop.stripe.setupIntents.create({ customer: customer.id })
    await mount(shop, [{ type: 'payment', at: '#a' }], { clientSecret: intent.client_secret })
    await fill(shop, '4000000000000002')
    const confirm = "return stripe.confirmSetup({elements: group, redirect: 'if_required'})"
    expect(await inPage(shop, confirm)).toMatchObject({
      error: { type: 'card_error', code: 'card_declined' },
    })
    await fill(shop)
    expect(await inPage(shop, confirm)).toMatchObject({ setupIntent: { status: 'succeeded' } })
  })

  test('fields, default values, layout and appearance', async () => {
    const shop = await openShop({ html: PLACE })
    const options = {
      layout: { type: 'accordion', defaultCollapsed: true },
      fields: { billingDetails: { address: { postalCode: 'never' } } },
      defaultValues: { billingDetails: { address: { country: 'DE' }, name: 'Ada' } },
      paymentMethodOrder: ['sepa_debit', 'card'],
    }
    await mount(shop, [{ type: 'payment', at: '#a', options }], {
      mode: 'setup',
      currency: 'eur',
      allowedPaymentMethodTypes: ['card', 'sepa_debit'],
      appearance: {
        theme: 'night',
        variables: { colorPrimary: 'rgb(9, 8, 7)' },
        rules: { '.Label': { color: 'rgb(1, 2, 3)' } },
      },
    })
    const frame = elementFrame(shop.page, PAYMENT)
    expect(await frame.locator('[data-value]').allTextContents()).toEqual(['SEPA Debit', 'Card'])
    expect(await frame.locator('[name="number"]').isVisible()).toBe(false)
    await frame.locator('[data-value="card"]').click()
    expect(await frame.locator('[name="number"]').isVisible()).toBe(true)
    expect(await frame.locator('[name="postalCode"]').isVisible()).toBe(false)
    expect(await frame.locator('[name="country"]').inputValue()).toBe('DE')
    expect(await frame.getByText('Card number').evaluate((node) => getComputedStyle(node).color)).toBe(
      'rgb(1, 2, 3)',
    )
    await inPage(shop, 'el.payment.collapse()')
    await expect.poll(() => lastChange(shop, 'payment')).toMatchObject({ collapsed: true })
    expect(await frame.locator('[name="number"]').isVisible()).toBe(false)
  })

  test('in a place that is shown later, and after the group changed, it has the right form and height', async () => {
    const shop = await openShop({ html: '<dialog><div id="a"></div></dialog>' })
    await mount(shop, [{ type: 'payment', at: '#a' }], { mode: 'payment', amount: 1000, currency: 'eur' })
    const height = () => shop.page.locator('#a').evaluate((node) => node.clientHeight)
    await inPage(shop, "document.querySelector('dialog').showModal()")
    await expect.poll(height).toBeGreaterThan(200)
    await inPage(shop, "await group.update({ allowedPaymentMethodTypes: ['sepa_debit'] })")
    await elementFrame(shop.page, PAYMENT).locator('[name="iban"]').fill('AT321904300235473204')
    await elementFrame(shop.page, PAYMENT).locator('[name="name"]').fill('Ada')
    await elementFrame(shop.page, PAYMENT).locator('[name="email"]').fill('ada@example.com')
    expect(await inPage(shop, 'return group.submit()')).toEqual({ selectedPaymentMethod: 'sepa_debit' })
  })

  test('a client secret of nobody is a loaderror', async () => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [{ type: 'payment', at: '#a' }], { clientSecret: 'pi_none_secret_none' })
    const error = await inPage(shop, "return events.find((entry) => entry.name === 'loaderror').event")
    expect(error).toMatchObject({
      elementType: 'payment',
      error: { type: 'invalid_request_error', code: 'resource_missing' },
    })
  })
})

describe.skipIf(browser === null)(`IBAN and express checkout${about}`, () => {
  test('an IBAN becomes a payment method for a debit', async () => {
    const shop = await openShop({ html: PLACE })
    await mount(shop, [
      { type: 'iban', at: '#a', options: { supportedCountries: ['SEPA'], placeholderCountry: 'AT' } },
    ])
    const input = elementFrame(shop.page, 'Secure IBAN input frame').locator('[name="iban"]')
    await input.fill('AT321904300235473205')
    await expect
      .poll(() => lastChange(shop, 'iban'))
      .toMatchObject({ error: { code: 'invalid_iban' }, country: 'AT' })
    await input.fill('AT321904300235473204')
    expect(await input.inputValue()).toBe('AT32 1904 3002 3547 3204')
    const intent = await shop.stripe.paymentIntents.create({
      amount: 1000,
      currency: 'eur',
      allowed_payment_method_types: ['sepa_debit'],
    })
    const result = await inPage(
      shop,
      "return stripe.confirmSepaDebitPayment(given, {payment_method: {sepa_debit: {iban: el.iban}, billing_details: {name: 'Ada', email: 'ada@example.com'}}})",
      intent.client_secret,
    )
    expect(result).toMatchObject({ paymentIntent: { status: 'processing' } })
  })

  test('the wallet button asks the page, and pays', async () => {
    const shop = await openShop({ html: PLACE })
    const intent = await shop.stripe.paymentIntents.create({ amount: 1000, currency: 'usd' })
    await mount(shop, [{ type: 'expressCheckout', at: '#a' }], {
      mode: 'payment',
      amount: 1000,
      currency: 'usd',
    })
    const ready = await inPage(shop, "return events.find((entry) => entry.name === 'ready').event")
    expect(ready).toMatchObject({
      elementType: 'expressCheckout',
      availablePaymentMethods: { link: true, applePay: false },
    })
    await inPage(
      shop,
      `window.result = new Promise((resolve) => {
        el.expressCheckout.on('click', (event) => event.resolve())
        el.expressCheckout.on('confirm', () => resolve(stripe.confirmPayment({elements: group, clientSecret: given, redirect: 'if_required'})))
      })
      return undefined`,
      intent.client_secret,
    )
    await elementFrame(shop.page, 'Secure express checkout frame').getByRole('button').click()
    expect(await inPage(shop, 'return window.result')).toMatchObject({
      paymentIntent: { status: 'succeeded' },
    })
  })
})
