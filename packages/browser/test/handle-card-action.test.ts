/** handleCardAction: the shopper does what his bank asks, and the server confirms. */
import { describe, expect, test } from 'vitest'
import { about, bank, browser, heard, openPage, type ShopPage } from './support/open-page.ts'

function payment({ stripe }: ShopPage, confirmationMethod: 'manual' | 'automatic' = 'manual') {
  return stripe.paymentIntents.create({
    amount: 700,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
    confirmation_method: confirmationMethod,
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
  })
}

function act(shop: ShopPage, clientSecret: unknown, callbacks = ['cardActionCallback'], data: object = {}) {
  return shop.page.evaluate(
    ([secret, names, more]) => {
      const world = window as unknown as {
        tollbridge: { ui: { sendMessage(message: object): unknown } }
        note(name: string): unknown
      }
      world.tollbridge.ui.sendMessage({
        scope: 'plugin:stripe',
        name: 'handleCardAction',
        data: { publicKey: 'pk_test_sandbox', clientSecret: secret, ...more },
        callbacks: Object.fromEntries(names.map((name) => [name, world.note(name)])),
      })
    },
    [clientSecret, callbacks, data] as const,
  )
}

describe.skipIf(browser === null)(`handleCardAction${about}`, () => {
  test.each([
    ['cardActionCallback', ['cardActionCallback']],
    ['cardActionCallback', ['cardActionCallback', 'onSuccess', 'onFail']],
    ['onSuccess', ['onSuccess', 'onFail']],
    ['onSuccess', ['onSuccess']],
  ])(
    'a completed challenge is %s of %j, in both shapes, and the server confirms',
    async (name, callbacks) => {
      const shop = await openPage()
      const intent = await payment(shop)
      await act(shop, intent.client_secret, callbacks)
      await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
      const all = await heard(shop)
      expect(all).toMatchObject([
        {
          name,
          data: {
            paymentIntent: { id: intent.id, status: 'requires_confirmation' },
            result: { paymentIntent: { id: intent.id, status: 'requires_confirmation' } },
          },
        },
      ])
      expect((await shop.stripe.paymentIntents.confirm(intent.id)).status).toBe('succeeded')
    },
  )

  test.each([
    ['cardActionCallback', ['cardActionCallback', 'onFail']],
    ['onFail', ['onSuccess', 'onFail']],
    ['onSuccess', ['onSuccess']],
  ])('a failed challenge is %s of %j with the error', async (name, callbacks) => {
    const shop = await openPage()
    await act(shop, (await payment(shop)).client_secret, callbacks)
    await bank(shop.page).locator('#test-source-fail-3ds').click()
    expect(await heard(shop)).toMatchObject([
      {
        name,
        data: {
          error: { code: 'payment_intent_authentication_failure' },
          result: { error: { code: 'payment_intent_authentication_failure' } },
        },
      },
    ])
  })

  test('a payment in any other status is an error', async () => {
    const shop = await openPage()
    const intent = await shop.stripe.paymentIntents.create({
      amount: 700,
      currency: 'usd',
      confirmation_method: 'manual',
      allowed_payment_method_types: ['card'],
    })
    await act(shop, intent.client_secret)
    expect(await heard(shop)).toMatchObject([
      { data: { error: { code: 'payment_intent_unexpected_state' } } },
    ])
  })

  test('what Stripe.js throws is an error in its words', async () => {
    const shop = await openPage()
    await act(shop, (await payment(shop, 'automatic')).client_secret)
    expect(await heard(shop)).toMatchObject([
      {
        data: {
          error: {
            code: 'integration_error',
            message: expect.stringContaining('manual server-side confirmation'),
          },
        },
      },
    ])
  })

  test.each([
    ['absent', undefined, 'parameter_missing'],
    ['of a set-up', 'seti_1_secret_x', 'parameter_invalid'],
    ['no secret', 'x', 'parameter_invalid'],
  ])('clientSecret %s is an error that names it, and repeats nothing', async (_, secret, code) => {
    const shop = await openPage()
    await act(shop, secret)
    const [first] = await heard(shop)
    expect(first?.data.error).toMatchObject({ code, param: 'clientSecret' })
    expect(first?.data.error.message).not.toContain('seti_1_secret')
  })

  test('the whole PaymentIntent and the old spelling of the key are taken, too', async () => {
    const shop = await openPage()
    const intent = await payment(shop)
    await act(shop, { id: intent.id, client_secret: intent.client_secret }, ['cardActionCallback'], {
      publicKey: null,
      publickKey: 'pk_test_sandbox',
    })
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await heard(shop)).toMatchObject([{ data: { paymentIntent: { id: intent.id } } }])
  })
})
