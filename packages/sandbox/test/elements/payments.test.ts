/** Payments and set-ups through the stand-in Stripe.js: paid, declined, and 3-D Secure with all its ends. */
import { describe, expect, test } from 'vitest'
import { CARD_FORM, inPage, mount } from './support/in-page.ts'
import { bankFrame, browser, elementFrame, openShop, reason, typeCard } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`

async function checkout(number: string) {
  const shop = await openShop({ html: CARD_FORM })
  const intent = await shop.stripe.paymentIntents.create({
    amount: 1999,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
  })
  await mount(shop, [{ type: 'card', at: '#card' }])
  await typeCard(elementFrame(shop.page), { number })
  const start = () =>
    inPage(
      shop,
      'window.result = undefined; stripe.confirmCardPayment(given, {payment_method: {card: el.card, billing_details: {name: "Ada"}}}).then((it) => { window.result = it }, (error) => { window.result = {thrown: String(error)} })',
      intent.client_secret,
    )
  const result = async () => {
    await shop.page.waitForFunction(() => (window as unknown as { result: unknown }).result !== undefined)
    return inPage(shop, 'return window.result')
  }
  return { shop, intent, start, result, bank: bankFrame(shop.page) }
}

describe.skipIf(browser === null)(`confirmCardPayment${about}`, () => {
  test('a good card pays', async () => {
    const { start, result, shop, intent } = await checkout('4242424242424242')
    await start()
    expect(await result()).toMatchObject({ paymentIntent: { id: intent.id, status: 'succeeded' } })
    const { latest_charge } = await shop.stripe.paymentIntents.retrieve(intent.id, {
      expand: ['latest_charge'],
    })
    expect(latest_charge).toMatchObject({
      paid: true,
      billing_details: { name: 'Ada', address: { postal_code: '94107' } },
    })
  })

  test('a declined card is an error that resolves, and another card pays the same intent', async () => {
    const { start, result, shop } = await checkout('4000000000009995')
    await start()
    expect(await result()).toMatchObject({
      error: {
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
        message: 'Your card has insufficient funds.',
        payment_intent: { status: 'requires_payment_method' },
      },
    })
    await elementFrame(shop.page).locator('[name="cardnumber"]').fill('4242424242424242')
    await start()
    expect(await result()).toMatchObject({ paymentIntent: { status: 'succeeded' } })
  })

  test('3-D Secure completed pays', async () => {
    const { start, result, bank, shop } = await checkout('4000002760003184')
    await start()
    await expect.poll(() => bank.locator('body').textContent()).toContain('$19.99')
    await bank.getByRole('button', { name: 'Complete' }).click()
    expect(await result()).toMatchObject({ paymentIntent: { status: 'succeeded', next_action: null } })
    expect(await shop.page.locator('dialog').count()).toBe(0)
  })

  test.each([
    ['the bank says no', 'button'],
    ['the buyer closes the sheet', 'close'],
  ])('3-D Secure fails when %s', async (_, way) => {
    const { start, result, bank, shop } = await checkout('4000002760003184')
    await start()
    await bank.locator('#test-source-fail-3ds').waitFor()
    if (way === 'button') await bank.locator('#test-source-fail-3ds').click()
    else {
      await shop.page
        .frameLocator('iframe[src*="three-ds-2-challenge"]')
        .getByLabel('Cancel authentication')
        .click()
    }
    expect(await result()).toMatchObject({
      error: {
        type: 'invalid_request_error',
        code: 'payment_intent_authentication_failure',
        message:
          'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
        payment_intent: { status: 'requires_payment_method' },
      },
    })
  })

  test('a card that is declined after 3-D Secure is an error with its reason', async () => {
    const { start, result, bank } = await checkout('4000008260003178')
    await start()
    await bank.getByRole('button', { name: 'Complete' }).click()
    expect(await result()).toMatchObject({
      error: { code: 'card_declined', decline_code: 'insufficient_funds' },
    })
  })

  test('the challenge holds the focus, Esc leaves it open, the keyboard finishes it, and focus returns', async () => {
    const { start, result, bank, shop } = await checkout('4000002760003184')
    await inPage(shop, "document.querySelector('button').focus()")
    await start()
    await bank.locator('#test-source-authorize-3ds').waitFor()
    for (let press = 0; press < 3; press++) await shop.page.keyboard.press('Escape')
    expect(await shop.page.locator('dialog[open]').count()).toBe(1)
    const inside = new Set<string>()
    for (let press = 0; press < 8; press++) {
      await shop.page.keyboard.press('Tab')
      inside.add(
        await inPage(
          shop,
          'return document.activeElement.closest("dialog") ? "dialog" : document.activeElement.tagName',
        ),
      )
    }
    expect([...inside].filter((place) => place !== 'dialog' && place !== 'BODY')).toEqual([])
    await bank.locator('#test-source-authorize-3ds').focus()
    await shop.page.keyboard.press('Enter')
    expect(await result()).toMatchObject({ paymentIntent: { status: 'succeeded' } })
    expect(await inPage(shop, 'return document.activeElement.textContent')).toBe('Pay')
  })

  test('the challenge is on top of a dialog that the shop has open', async () => {
    const { start, result, bank, shop } = await checkout('4000002760003184')
    await inPage(
      shop,
      "const d = document.createElement('dialog'); d.id = 'shop'; d.append('Paying'); document.body.append(d); d.showModal()",
    )
    await start()
    await bank.getByRole('button', { name: 'Complete' }).click()
    expect(await result()).toMatchObject({ paymentIntent: { status: 'succeeded' } })
    expect(await shop.page.locator('#shop[open]').count()).toBe(1)
  })

  test('handleActions: false leaves 3-D Secure to handleNextAction', async () => {
    const shop = await openShop()
    const intent = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      allowed_payment_method_types: ['card'],
    })
    const first = await inPage(
      shop,
      "return stripe.confirmCardPayment(given, {payment_method: 'pm_card_authenticationRequired'}, {handleActions: false})",
      intent.client_secret,
    )
    expect(first.paymentIntent.status).toBe('requires_action')
    const second = inPage(shop, 'return stripe.handleNextAction({clientSecret: given})', intent.client_secret)
    await bankFrame(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await second).toMatchObject({ paymentIntent: { status: 'succeeded' } })
  })
})

describe.skipIf(browser === null)(`set-ups, card actions and reading${about}`, () => {
  async function setup(number: string) {
    const shop = await openShop({ html: CARD_FORM })
    const customer = await shop.stripe.customers.create()
    const intent = await shop.stripe.setupIntents.create({
      customer: customer.id,
      allowed_payment_method_types: ['card'],
    })
    await mount(shop, [{ type: 'card', at: '#card' }])
    await typeCard(elementFrame(shop.page), { number })
    const result = inPage(
      shop,
      'return stripe.confirmCardSetup(given, {payment_method: {card: el.card}})',
      intent.client_secret,
    )
    return { shop, result, customer }
  }

  test('confirmCardSetup saves the card for its customer', async () => {
    const { shop, result, customer } = await setup('4242424242424242')
    expect(await result).toMatchObject({ setupIntent: { object: 'setup_intent', status: 'succeeded' } })
    const { data } = await shop.stripe.customers.listPaymentMethods(customer.id)
    expect(data.map(({ card }) => card?.last4)).toEqual(['4242'])
  })

  test('a set-up that fails 3-D Secure says so in the words for set-ups', async () => {
    const { shop, result } = await setup('4000002500003155')
    await bankFrame(shop.page).locator('#test-source-fail-3ds').click()
    expect(await result).toMatchObject({
      error: {
        code: 'setup_intent_authentication_failure',
        setup_intent: { status: 'requires_payment_method' },
      },
    })
  })

  test('handleCardAction leads a manual payment to its confirmation by the server', async () => {
    const shop = await openShop()
    const create = (confirmation_method: 'manual' | 'automatic') =>
      shop.stripe.paymentIntents.create({
        amount: 700,
        currency: 'usd',
        allowed_payment_method_types: ['card'],
        confirmation_method,
        confirm: true,
        payment_method: 'pm_card_authenticationRequired',
      })
    const intent = await create('manual')
    const result = inPage(shop, 'return stripe.handleCardAction(given)', intent.client_secret)
    await bankFrame(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await result).toMatchObject({ paymentIntent: { status: 'requires_confirmation' } })
    expect((await shop.stripe.paymentIntents.confirm(intent.id)).status).toBe('succeeded')
    expect(await inPage(shop, 'return stripe.handleCardAction(given)', intent.client_secret)).toMatchObject({
      error: { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' },
    })
    const automatic = await create('automatic')
    expect(await inPage(shop, 'return stripe.handleCardAction(given)', automatic.client_secret)).toEqual({
      thrown: expect.stringContaining('does not require manual server-side confirmation'),
    })
  })

  test('what the merchant keeps for itself is not in the intents of errors either', async () => {
    const shop = await openShop()
    const customer = await shop.stripe.customers.create()
    const create = (payment_method?: string) =>
      shop.stripe.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        customer: customer.id,
        metadata: { note: 'ours' },
        allowed_payment_method_types: ['card'],
        ...(payment_method !== undefined && { payment_method, confirm: true }),
      })
    const confirm = async (method: string, secret: string | null) =>
      (
        await inPage(shop, 'return stripe.confirmCardPayment(given[1], { payment_method: given[0] })', [
          method,
          secret,
        ])
      ).error
    const declined = await confirm('pm_card_chargeDeclined', (await create()).client_secret)
    const twice = await confirm('pm_card_visa', (await create('pm_card_visa')).client_secret)
    for (const error of [declined, twice]) {
      expect(error.payment_intent).toMatchObject({ object: 'payment_intent', amount: 500 })
      expect(error.payment_intent.metadata).toBeUndefined()
      expect(error.payment_intent.customer).toBeUndefined()
    }
  })

  test('intents are read by client secret, and a wrong one is an error', async () => {
    const shop = await openShop()
    const payment = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      metadata: { secret: 'x' },
    })
    const setupIntent = await shop.stripe.setupIntents.create({})
    const read = await inPage(shop, 'return stripe.retrievePaymentIntent(given)', payment.client_secret)
    expect(read.paymentIntent).toMatchObject({ id: payment.id, amount: 500 })
    expect(read.paymentIntent.metadata).toBeUndefined()
    expect(
      (await inPage(shop, 'return stripe.retrieveSetupIntent(given)', setupIntent.client_secret)).setupIntent
        .id,
    ).toBe(setupIntent.id)
    expect(
      (await inPage(shop, 'return stripe.retrievePaymentIntent(given)', `${payment.id}_secret_wrong`)).error
        .code,
    ).toBe('payment_intent_invalid_parameter')
    expect(
      await inPage(shop, 'return stripe.retrievePaymentIntent(given)', setupIntent.client_secret),
    ).toEqual({
      thrown: expect.stringContaining('IntegrationError'),
    })
  })
})
