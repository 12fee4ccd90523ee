/** Saved cards in the page: listed, saved, paid with and removed, for who is signed in and for nobody else. */
import { describe, expect, test } from 'vitest'
import { LOCAL_SECRET_KEY } from '../../server/src/start/local-stripe.ts'
import {
  asServer,
  type Checkout,
  chargesTaken,
  fillCard,
  openCheckout,
  outcomeOf,
  type PageWindow,
  startPay,
} from './support/open-checkout.ts'
import { about, browser } from './support/open-page.ts'

interface Shopper {
  readonly customer: string
  readonly token: string
}

async function aShopper(shop: Checkout): Promise<Shopper> {
  const response = await fetch(`${shop.server.sandboxUrl}/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${LOCAL_SECRET_KEY}` },
  })
  const { id } = (await response.json()) as { id: string }
  const { token } = await asServer(shop, `/v1/customers/${id}/token`, {})
  return { customer: id, token: String(token) }
}

/** Calls the page's customer; its answer, or its error with its code. */
function act({ page }: Checkout, token: string, verb: string, argument?: unknown) {
  return page.evaluate(
    async ([of, name, given]) => {
      const { tollbridge } = window as unknown as PageWindow
      try {
        return { answer: await tollbridge.customer(of)[name as string](given) }
      } catch (error) {
        return { code: (error as { code: string }).code }
      }
    },
    [token, verb, argument] as const,
  )
}

describe.skipIf(browser === null)(`saved cards${about}`, () => {
  test('are saved in the form, listed, paid with in one step, and removed', async () => {
    const shop = await openCheckout()
    const { token, customer } = await aShopper(shop)
    expect(await act(shop, token, 'cards')).toEqual({ answer: [] })

    const saving = act(shop, token, 'save', { title: 'Your card', elementType: 'card' })
    await fillCard(shop)
    await shop.dialog.getByRole('button', { name: 'Save' }).click()
    const { answer: saved } = await saving
    expect(saved).toMatchObject({ object: 'card', customer, last4: '4242' })
    expect((await act(shop, token, 'cards')).answer).toEqual([saved])

    const request = { orderId: 'order-1', amount: 1999, currency: 'usd' }
    await startPay(shop, { ...request, customerToken: token, paymentMethod: saved.id })
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded', payment: { amount: 1999, customer } })
    expect(await chargesTaken(shop)).toMatchObject([{ payment_method: saved.id, customer }])

    expect((await act(shop, token, 'remove', saved.id)).answer).toMatchObject({
      id: saved.id,
      customer: null,
    })
    expect(await act(shop, token, 'cards')).toEqual({ answer: [] })
    expect(await act(shop, 'forged', 'cards')).toEqual({ code: 'customer_token_invalid' })
  })

  test('that are declined leave the form open for another one', async () => {
    const shop = await openCheckout()
    const { token } = await aShopper(shop)
    const saving = act(shop, token, 'save', { elementType: 'card' })
    await shop.page.locator('[data-tollbridge-dialog][data-state="ready"]').waitFor({ state: 'attached' })
    await shop.page.keyboard.press('Escape')
    expect(await saving).toEqual({ code: 'canceled' })

    const order = { orderId: 'order-2', amount: 1999, currency: 'usd', element: 'card' }
    await startPay(shop, { ...order, customerToken: token, paymentMethod: 'pm_card_chargeDeclined' })
    await shop.dialog.getByRole('alert').filter({ hasText: 'declined' }).waitFor()
    await fillCard(shop)
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
  })
})
