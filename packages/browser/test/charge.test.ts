/** tollbridge.charge: a token and an amount, once, through 3-D Secure and lost answers. */
import { describe, expect, test } from 'vitest'
import { type Checkout, chargesTaken, openCheckout, type PageWindow } from './support/open-checkout.ts'
import { about, bank, browser } from './support/open-page.ts'

interface Charged {
  readonly charge?: {
    readonly id: string
    readonly object: string
    readonly payment_intent: string
    readonly amount: number
  }
  readonly error?: {
    readonly type: string
    readonly code: string
    readonly declineCode?: string
    readonly message: string
  }
}

/** Calls it in the page; resolves with the charge or the error. */
function charge({ page }: Checkout, request: object): Promise<Charged> {
  return page.evaluate(
    (asked) =>
      (window as unknown as PageWindow).tollbridge.charge(asked).then(
        (it: unknown) => ({ charge: it }),
        (error: Error) => ({ error: { ...error, message: error.message } }),
      ),
    request,
  )
}

describe.skipIf(browser === null)(`charging a token${about}`, () => {
  test('gives Stripe’s charge, and its payment can be watched', async () => {
    const shop = await openCheckout()
    const { charge: made } = await charge(shop, { token: 'tok_visa', amount: 1999, orderId: 'order-1' })
    expect(made).toMatchObject({ object: 'charge', status: 'succeeded', amount: 1999, paid: true })
    const status = await shop.page.evaluate(
      (id) =>
        new Promise((resolve) => {
          const world = window as unknown as PageWindow
          world.tollbridge.watch(id, (payment: { status: string }) => resolve(payment.status))
        }),
      made?.payment_intent,
    )
    expect(status).toBe('succeeded')
    expect(await chargesTaken(shop)).toMatchObject([{ id: made?.id }])
  })

  test('a decline is an error in Stripe’s words', async () => {
    const shop = await openCheckout()
    const { error } = await charge(shop, { token: 'tok_chargeDeclinedInsufficientFunds', amount: 1999 })
    expect(error).toMatchObject({
      type: 'card_error',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    })
  })

  test('a call without a token names the field, and asks nobody', async () => {
    const shop = await openCheckout()
    const { error } = await charge(shop, { amount: 1999 })
    expect(error).toMatchObject({ code: 'parameter_missing', param: 'token' })
  })

  test('a key of another app is refused at once, not tried again and again', async () => {
    const shop = await openCheckout({ options: { appId: 'app_of_somebody_else' } })
    const { error } = await charge(shop, { token: 'tok_visa', amount: 1999 })
    expect(error).toMatchObject({ code: 'app_mismatch' })
  })

  test('3-D Secure is led through, and the charge that the server saw comes back', async () => {
    const shop = await openCheckout()
    const charging = charge(shop, { token: 'pm_card_authenticationRequired', amount: 1999 })
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect((await charging).charge).toMatchObject({ object: 'charge', status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('a Stripe.js that throws after 3-D Secure does not hide that the card was charged', async () => {
    const shop = await openCheckout()
    await shop.page.evaluate(async () => {
      const stripe = await (window as unknown as PageWindow).tollbridge.stripe()
      const finish = stripe.handleNextAction.bind(stripe)
      stripe.handleNextAction = async (options: object) => {
        await finish(options)
        throw new Error('The frame is gone.')
      }
    })
    const charging = charge(shop, { token: 'pm_card_authenticationRequired', amount: 1999 })
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect((await charging).charge).toMatchObject({ object: 'charge', status: 'succeeded' })
  })

  test('3-D Secure that fails is an error', async () => {
    const shop = await openCheckout()
    const charging = charge(shop, { token: 'pm_card_authenticationRequired', amount: 1999 })
    await bank(shop.page).locator('#test-source-fail-3ds').click()
    const { error } = await charging
    expect(error).toMatchObject({ code: 'payment_intent_authentication_failure' })
    expect(await chargesTaken(shop)).toEqual([])
  })

  test.each(['tok_visa', 'pm_card_visa'])(
    'an answer that is lost is asked for again, and %s is charged once',
    async (token) => {
      const shop = await openCheckout()
      let left = 2
      await shop.page.route(/\/services\/Stripe\/charge$/, async (route) => {
        if (route.request().method() !== 'POST' || left === 0) return route.continue()
        left--
        await route.fetch()
        await route.abort('connectionreset')
      })
      const { charge: made } = await charge(shop, { token, amount: 1999 })
      expect(left).toBe(0)
      expect(made).toMatchObject({ status: 'succeeded' })
      expect(await chargesTaken(shop)).toHaveLength(1)
    },
  )
})
