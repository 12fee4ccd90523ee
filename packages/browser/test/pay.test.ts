/** tollbridge.pay: every way that a payment in the form can go, against the whole product. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import {
  asServer,
  type Checkout,
  chargesTaken,
  fillCard,
  formOpen,
  openCardForm,
  openCheckout,
  outcomeOf,
  type PageWindow,
  poll,
  refuse,
  startPay,
} from './support/open-checkout.ts'
import { about, bank, browser, CHALLENGED_CARD, DECLINED_CARD, frame } from './support/open-page.ts'

const ORDER = { orderId: 'order-17', amount: 1999, currency: 'usd' }

function alertOf({ dialog }: Checkout) {
  return dialog.getByRole('alert')
}

describe.skipIf(browser === null)(`paying in the form${about}`, () => {
  test('shows the amount, takes the card, and tells what the server verified', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, {
      ...ORDER,
      title: 'Your <b>tea</b>',
      description: 'Tea',
      metadata: { cup: 'blue' },
    })
    expect(await shop.dialog.getByRole('heading').textContent()).toBe('Your <b>tea</b>')
    expect(await shop.dialog.locator('.amount').textContent()).toBe('$19.99')
    expect(await shop.payButton.textContent()).toBe('Pay $19.99')
    await fillCard(shop)
    await shop.payButton.click()
    const { status, payment } = await outcomeOf(shop)
    expect({ status, payment }).toMatchObject({
      status: 'succeeded',
      payment: {
        status: 'succeeded',
        amount: 1999,
        order_id: 'order-17',
        description: 'Tea',
        metadata: { cup: 'blue' },
      },
    })
    expect(await chargesTaken(shop)).toMatchObject([
      { amount: 1999, currency: 'usd', payment_intent: payment?.id },
    ])
    expect(await shop.dialog.count()).toBe(0)
  })

  test.each([undefined, null, 'x', {}])(
    'of %j: a run that ends with what is missing, and no throw',
    async (asked) => {
      const shop = await openCheckout()
      await startPay(shop, asked as object)
      const { status, payment, error } = await outcomeOf(shop)
      expect({ status, payment, error }).toMatchObject({
        status: 'failed',
        payment: null,
        error: { type: 'invalid_request_error', code: 'parameter_missing', param: expect.any(String) },
      })
      expect(await shop.dialog.count()).toBe(0)
    },
  )

  test.each(['payment', 'split'])('the element %s pays as well', async (element) => {
    const shop = await openCheckout()
    await startPay(shop, { ...ORDER, element })
    await formOpen(shop)
    if (element === 'payment') {
      const fields = frame(shop.page, 'Secure payment input frame')
      await fields.locator('[name="number"]').fill('4242424242424242')
      await fields.locator('[name="expiry"]').fill('12 / 34')
      await fields.locator('[name="cvc"]').fill('123')
      await fields.locator('[name="postalCode"]').fill('94107')
    } else {
      await frame(shop.page, 'Secure card number input frame')
        .locator('[name="cardnumber"]')
        .fill('4242424242424242')
      await frame(shop.page, 'Secure expiration date input frame')
        .locator('[name="exp-date"]')
        .fill('12 / 34')
      await frame(shop.page, 'Secure CVC input frame').locator('[name="cvc"]').fill('123')
    }
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('await gives the outcome of the run', async () => {
    const shop = await openCheckout()
    const paid = shop.page.evaluate(async (order) => {
      const { status } = await (window as unknown as PageWindow).tollbridge.pay({ ...order, element: 'card' })
      return status
    }, ORDER)
    await formOpen(shop)
    await fillCard(shop)
    await shop.payButton.click()
    expect(await paid).toBe('succeeded')
  })

  test('a card that is not filled in is said in the form, and nothing is tried', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await shop.payButton.click()
    await poll(() => alertOf(shop).textContent()).toContain('incomplete')
    expect(await chargesTaken(shop)).toEqual([])
    await fillCard(shop)
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
  })

  test('a decline is told in Stripe’s words, what was typed stays, and another card pays', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop, '4000000000009995')
    await shop.payButton.click()
    await poll(() => alertOf(shop).textContent()).toBe('Your card has insufficient funds.')
    expect(await frame(shop.page).locator('[name="cardnumber"]').inputValue()).toBe('4000 0000 0000 9995')
    await frame(shop.page).locator('[name="cardnumber"]').fill('4242424242424242')
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('3-D Secure completed pays', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop, CHALLENGED_CARD)
    await shop.payButton.click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded', payment: { status: 'succeeded' } })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('3-D Secure failed is told in the form, and another card pays', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop, CHALLENGED_CARD)
    await shop.payButton.click()
    await bank(shop.page).locator('#test-source-fail-3ds').click()
    await poll(() => alertOf(shop).textContent()).toContain('unable to authenticate')
    await frame(shop.page).locator('[name="cardnumber"]').fill('4242424242424242')
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test.each([
    ['Cancel', (shop: Checkout) => shop.dialog.getByRole('button', { name: 'Cancel' }).click()],
    ['Esc', (shop: Checkout) => shop.page.keyboard.press('Escape')],
    [
      'run.close()',
      ({ page }: Checkout) => page.evaluate(() => (window as unknown as PageWindow).run.close()),
    ],
  ])('closed with %s, the outcome is canceled and nothing is paid', async (_, close) => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await close(shop)
    expect(await outcomeOf(shop)).toMatchObject({
      status: 'canceled',
      payment: { status: 'requires_payment_method' },
      error: { type: 'user_canceled', code: 'canceled' },
    })
    expect(await shop.dialog.count()).toBe(0)
    expect(await chargesTaken(shop)).toEqual([])
  })

  test('what cannot be made fails with the server’s error, and leaves no form behind', async () => {
    const shop = await openCheckout()
    await startPay(shop, { orderId: 'order-1', amount: 19.99 })
    expect(await outcomeOf(shop)).toMatchObject({
      status: 'failed',
      payment: null,
      error: { code: 'amount_invalid', param: 'amount', status: 400 },
    })
    await startPay(shop, { orderId: 'order-2', amount: 1999 })
    await formOpen(shop)
  })

  test('a payment that the server cancels closes the form', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    const { data } = (await asServer(shop, '/v1/payments?limit=1').catch(() => ({ data: [] }))) as {
      data: { id: string }[]
    }
    const id = await eventually(async () => data[0]?.id ?? (await listed(shop)), { what: 'the payment' })
    await asServer(shop, `/v1/payments/${id}/cancel`, {})
    expect(await outcomeOf(shop)).toMatchObject({ status: 'canceled', payment: { status: 'canceled' } })
    expect(await shop.dialog.count()).toBe(0)
  })
})

async function listed(shop: Checkout): Promise<string | null> {
  const { data } = (await asServer(shop, '/v1/payments?limit=1')) as { data: { id: string }[] }
  return data[0]?.id ?? null
}

describe.skipIf(browser === null)(`an order is paid once${about}`, () => {
  test('two clicks on the button are one charge', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop)
    await shop.payButton.dblclick()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('one that is closed just as its turn comes shows no form, and keeps nobody waiting', async () => {
    const shop = await openCheckout()
    const seen = await shop.page.evaluate(async () => {
      const { tollbridge } = window as unknown as PageWindow
      const statuses: string[] = []
      for (let later = 0; later < 8; later++) {
        const first = tollbridge.pay({ orderId: `a${later}`, amount: 100 })
        const second = tollbridge.pay({ orderId: `b${later}`, amount: 100 })
        while (!document.querySelector('[data-tollbridge-dialog]'))
          await new Promise((go) => setTimeout(go, 10))
        first.close()
        for (let turn = 0; turn < later; turn++) await null
        second.close()
        statuses.push((await second).status)
        await new Promise((go) => setTimeout(go, 10))
        const left = document.querySelectorAll('[data-tollbridge-dialog]').length
        if (left > 0) return `closed ${later} turns later, a form is left`
      }
      return statuses.join()
    })
    expect(seen).toBe(Array(8).fill('canceled').join())
    await openCardForm(shop, ORDER)
  })

  test('closed and called again in one go, the order has a form', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await shop.page.evaluate((order) => {
      const world = window as unknown as PageWindow
      world.run.close()
      world.run = world.tollbridge.pay({ ...order, element: 'card' })
    }, ORDER)
    await formOpen(shop)
    await fillCard(shop)
    await shop.payButton.click()
    const status = shop.page.evaluate(async () => (await (window as unknown as PageWindow).run).status)
    expect(await status).toBe('succeeded')
  })

  test('two calls for an order share one form', async () => {
    const shop = await openCheckout()
    await startPay(shop, { ...ORDER, element: 'card' })
    const isSame = await shop.page.evaluate((order) => {
      const world = window as unknown as PageWindow
      return world.tollbridge.pay(order) === world.run
    }, ORDER)
    expect(isSame).toBe(true)
    await formOpen(shop)
    expect(await shop.dialog.count()).toBe(1)
  })

  test('paid in one tab, the other tab’s form closes with the same payment', async () => {
    const first = await openCheckout()
    const second = await first.newTab()
    await openCardForm(first, ORDER)
    await openCardForm(second, ORDER)
    await fillCard(first)
    await first.payButton.click()
    const [one, two] = [await outcomeOf(first), await outcomeOf(second)]
    expect(one).toMatchObject({ status: 'succeeded' })
    expect(two).toMatchObject({ status: 'succeeded', payment: { id: one.payment?.id } })
    expect(await second.dialog.count()).toBe(0)
    expect(await chargesTaken(first)).toHaveLength(1)
  })

  test('both tabs pay at the same moment, and one charge is made', async () => {
    const first = await openCheckout()
    const second = await first.newTab()
    for (const tab of [first, second]) {
      await openCardForm(tab, ORDER)
      await fillCard(tab)
    }
    const at = Date.now() + 500
    for (const { page } of [first, second]) {
      await page.evaluate((moment) => {
        const host = document.querySelector('[data-tollbridge-dialog]')
        const button = host?.shadowRoot?.querySelector<HTMLButtonElement>('.submit')
        setTimeout(() => button?.click(), moment - Date.now())
      }, at)
    }
    expect(await outcomeOf(first)).toMatchObject({ status: 'succeeded' })
    expect(await outcomeOf(second)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(first)).toHaveLength(1)
  })

  test('an order that is paid resolves at once, and no form is seen', async () => {
    const first = await openCheckout()
    await openCardForm(first, ORDER)
    await fillCard(first)
    await first.payButton.click()
    expect(await outcomeOf(first)).toMatchObject({ status: 'succeeded' })
    const shop = await first.newTab()
    await shop.page.evaluate(() => {
      new MutationObserver(() => {
        if (document.querySelector('[data-tollbridge-dialog]'))
          (window as unknown as PageWindow).news.push('form')
      }).observe(document.body, { childList: true })
    })
    await startPay(shop, ORDER)
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await shop.page.evaluate(() => (window as unknown as PageWindow).news)).toEqual([])
  })

  test('an order that somebody else has begun is not shown to a page that only knows its id', async () => {
    const shop = await openCheckout()
    const paid = { amount: 1999, currency: 'usd', token: 'tok_visa' }
    await asServer(shop, '/v1/payments', { order_id: 'order-17', ...paid })
    await startPay(shop, ORDER)
    expect(await outcomeOf(shop)).toMatchObject({
      status: 'failed',
      error: { code: 'proof_required' },
      payment: null,
    })
  })

  test('two tabs that begin an order in the same moment are one payer', async () => {
    const first = await openCheckout()
    const second = await first.newTab()
    // The second one has made a key of its own before it could see the first one's.
    await second.page.evaluate(() => {
      const get = Storage.prototype.getItem
      let asked = 0
      Storage.prototype.getItem = function (name) {
        const isBlind = name.includes('payer:') && this === localStorage && asked++ < 1
        return isBlind ? null : get.call(this, name)
      }
      const set = Storage.prototype.setItem
      Storage.prototype.setItem = function (name, value) {
        if (!(name.includes('payer:') && this === localStorage)) set.call(this, name, value)
      }
    })
    await openCardForm(first, ORDER)
    await openCardForm(second, ORDER)
    await fillCard(second)
    await second.payButton.click()
    expect(await outcomeOf(second)).toMatchObject({ status: 'succeeded' })
    expect(await outcomeOf(first)).toMatchObject({ status: 'succeeded' })
  })

  test('after a reload in the middle of 3-D Secure the challenge goes on, without a second try', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop, CHALLENGED_CARD)
    await shop.payButton.click()
    await bank(shop.page).getByRole('button', { name: 'Complete' }).waitFor()
    await shop.page.reload()
    await startPay(shop, { ...ORDER, element: 'card' })
    await bank(shop.page).getByRole('button', { name: 'Complete' }).click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('a challenge that fails after the reload leads on to the form', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop, CHALLENGED_CARD)
    await shop.payButton.click()
    await bank(shop.page).locator('#test-source-fail-3ds').waitFor()
    await shop.page.reload()
    await startPay(shop, { ...ORDER, element: 'card' })
    await bank(shop.page).locator('#test-source-fail-3ds').click()
    await formOpen(shop)
    expect(await alertOf(shop).textContent()).toContain('unable to authenticate')
    await fillCard(shop)
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })
})

describe.skipIf(browser === null)(`a payment that the app’s server has made${about}`, () => {
  test('is paid by its id and its watch token', async () => {
    const shop = await openCheckout({ start: { env: { REQUIRE_WATCH_TOKEN: 'true' } } })
    const made = await asServer(shop, '/v1/payments', {
      order_id: 'order-9',
      amount: 3000,
      currency: 'usd',
      capture_method: 'manual',
      description: 'What only the server knows',
    })
    await openCardForm(shop, { paymentId: made['id'], watchToken: made['watch_token'] })
    expect(await shop.payButton.textContent()).toBe('Pay $30.00')
    await fillCard(shop)
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'requires_capture', payment: { id: made['id'] } })
  })

  test('is not there for a page that has not got its token', async () => {
    const shop = await openCheckout({ start: { env: { REQUIRE_WATCH_TOKEN: 'true' } } })
    const made = await asServer(shop, '/v1/payments', { amount: 3000, currency: 'usd' })
    await startPay(shop, { paymentId: made['id'] })
    expect(await outcomeOf(shop)).toMatchObject({ status: 'failed', error: { code: 'watch_token_required' } })
  })
})

describe.skipIf(browser === null)(`answers that get lost${about}`, () => {
  /** The server gets the request and acts; the page never hears of it. */
  async function loseAnswers({ page }: Checkout, path: RegExp, count: number): Promise<{ left: number }> {
    const state = { left: count }
    await page.route(path, async (route) => {
      if (route.request().method() !== 'POST' || state.left === 0) return route.continue()
      state.left--
      await route.fetch()
      await route.abort('connectionreset')
    })
    return state
  }

  test.each([
    ['the payment’s creation', /\/v1\/payments$/],
    ['the confirmation', /\/confirm$/],
  ])('of %s: it is repeated, and one charge is made', async (_, path) => {
    const shop = await openCheckout()
    const lost = await loseAnswers(shop, path, 2)
    // Else the watch may tell the end before the repetition does.
    await shop.page.route(/\/v1\/stream/, (route) => route.abort())
    await openCardForm(shop, ORDER)
    await fillCard(shop)
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(lost.left).toBe(0)
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('of a declined confirmation: the decline is told, once', async () => {
    const shop = await openCheckout()
    await loseAnswers(shop, /\/confirm$/, 1)
    await openCardForm(shop, ORDER)
    await fillCard(shop, DECLINED_CARD)
    await shop.payButton.click()
    await poll(() => alertOf(shop).textContent()).toBe('Your card was declined.')
    await frame(shop.page).locator('[name="cardnumber"]').fill('4242424242424242')
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    const timeline = await asServer(shop, `/v1/payments/${(await outcomeOf(shop)).payment?.id}/timeline`)
    const tries = (timeline['data'] as { operation?: string }[]).filter(
      ({ operation }) => operation === 'confirm',
    )
    expect(tries).toHaveLength(2)
  })

  test('of a paid payment: what is typed next, and closing the form, do not turn it into a canceled one', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop, CHALLENGED_CARD)
    await shop.payButton.click()
    const complete = bank(shop.page).getByRole('button', { name: /complete/i })
    await complete.waitFor()
    // From here on something between the page and the server refuses every reading.
    await shop.page.route(/\/v1\/(stream|payments\/pi_\w+$)/, (route) => refuse(route, 403))
    await complete.click()
    await poll(() => alertOf(shop).textContent()).toContain('not charged twice')
    await frame(shop.page).locator('[name="cvc"]').fill('')
    await shop.payButton.click()
    await poll(() => alertOf(shop).textContent()).toContain('incomplete')
    await shop.page.keyboard.press('Escape')
    expect(await outcomeOf(shop)).toMatchObject({ status: 'unknown', error: { code: 'outcome_unknown' } })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })

  test('of a payment that another tab has paid: closing the form here tells that it is paid', async () => {
    const shop = await openCheckout()
    await shop.page.route(/\/v1\/stream/, (route) => route.abort())
    await openCardForm(shop, ORDER)
    const other = await shop.newTab()
    await openCardForm(other, ORDER)
    await fillCard(other)
    await other.payButton.click()
    expect(await outcomeOf(other)).toMatchObject({ status: 'succeeded' })
    await shop.page.keyboard.press('Escape')
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
  })

  test('of a server that cannot be reached any more: an order that was begun before is unknown, not failed', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await shop.page.keyboard.press('Escape')
    expect(await outcomeOf(shop)).toMatchObject({ status: 'canceled' })
    await shop.page.clock.install()
    await shop.page.route(/\/v1\/payments/, (route) => route.abort())
    await startPay(shop, ORDER)
    const isTold = () => shop.page.evaluate(() => (window as unknown as PageWindow).outcome !== undefined)
    while (!(await isTold())) await shop.page.clock.runFor(10_000)
    expect(await outcomeOf(shop)).toMatchObject({ status: 'unknown', error: { code: 'outcome_unknown' } })
  })

  test('offline, the form says so; back online the same form pays', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop)
    await shop.context.setOffline(true)
    await shop.payButton.click()
    await poll(() => alertOf(shop).textContent()).not.toBe('')
    await shop.context.setOffline(false)
    const busy = shop.page.locator('[data-tollbridge-dialog][data-state="busy"]')
    if ((await busy.count()) === 0) await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
  })
})

describe.skipIf(browser === null)(`a price that changes${about}`, () => {
  const amountShown = ({ dialog }: Checkout) => dialog.locator('.amount').textContent()

  test('by update: the form shows it, and it is what is charged', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    const answer = await shop.page.evaluate(() =>
      (window as unknown as PageWindow).run.update({ amount: 2999 }),
    )
    expect(answer).toMatchObject({ amount: 2999 })
    expect(await amountShown(shop)).toBe('$29.99')
    expect(await shop.payButton.textContent()).toBe('Pay $29.99')
    await fillCard(shop)
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded', payment: { amount: 2999 } })
    expect(await chargesTaken(shop)).toMatchObject([{ amount: 2999 }])
  })

  test('by another call: one that failed is made again by the next call', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await shop.page.route(/\/price$/, (route) => refuse(route, 400), { times: 1 })
    const refused = shop.page.waitForResponse(/\/price$/)
    const again = { ...ORDER, amount: 2999 }
    await startPay(shop, again)
    await refused
    await poll(async () => {
      await startPay(shop, again)
      return amountShown(shop)
    }).toBe('$29.99')
  })

  test('elsewhere, under the open form: nothing is charged before the shopper has seen the new amount', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop)
    const other = await shop.newTab()
    await startPay(other, { ...ORDER, element: 'card' })
    await formOpen(other)
    await other.page.evaluate(() => (window as unknown as PageWindow).run.update({ amount: 2500 }))
    await shop.payButton.click()
    await poll(() => alertOf(shop).textContent()).toContain('price has changed')
    expect(await amountShown(shop)).toBe('$25.00')
    expect(await chargesTaken(shop)).toEqual([])
    await shop.payButton.click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded', payment: { amount: 2500 } })
    expect(await chargesTaken(shop)).toMatchObject([{ amount: 2500 }])
  })

  test('by another cart after a reload: the order’s payment follows', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await shop.page.reload()
    await openCardForm(shop, { ...ORDER, amount: 4200 })
    expect(await amountShown(shop)).toBe('$42.00')
    await fillCard(shop)
    await shop.payButton.click()
    const { payment } = await outcomeOf(shop)
    expect(payment).toMatchObject({ status: 'succeeded', amount: 4200 })
    expect(await chargesTaken(shop)).toMatchObject([{ amount: 4200, payment_intent: payment?.id }])
  })

  test('after it is paid is refused', async () => {
    const shop = await openCheckout()
    await openCardForm(shop, ORDER)
    await fillCard(shop)
    await shop.payButton.click()
    await outcomeOf(shop)
    const refusal = await shop.page.evaluate(() =>
      (window as unknown as PageWindow).run
        .update({ amount: 1 })
        .catch((error: { code: string }) => error.code),
    )
    expect(refusal).not.toBe(undefined)
    await shop.page.reload()
    await startPay(shop, { ...ORDER, amount: 2999 })
    expect(await outcomeOf(shop)).toMatchObject({
      status: 'failed',
      error: { code: 'idempotency_key_reused' },
    })
    expect(await chargesTaken(shop)).toMatchObject([{ amount: 1999 }])
  })

  test.each([
    ['jpy', 1999, '¥1,999'],
    ['kwd', 5120, 'KWD 5.120'],
  ])('in %s is shown with its own decimals', async (currency, amount, text) => {
    const shop = await openCheckout()
    await openCardForm(shop, { orderId: 'order-1', amount, currency })
    expect((await amountShown(shop))?.replace(/\s/g, ' ')).toBe(text)
  })
})

describe.skipIf(browser === null)(`where a captcha is asked for${about}`, () => {
  /** The service that checks answers. */
  async function startService(): Promise<string> {
    const service = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => {
        const success = new URLSearchParams(body).get('response') === 'solved'
        response.setHeader('content-type', 'application/json')
        response.end(
          JSON.stringify({ success, ...(success ? {} : { 'error-codes': ['invalid-input-response'] }) }),
        )
      })
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      service.closeAllConnections()
      service.close()
    })
    return `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  }

  async function openGuarded(): Promise<Checkout> {
    const env = {
      GUARD: 'strict',
      CAPTCHA_PROVIDER: 'turnstile',
      CAPTCHA_SITE_KEY: 'site-key',
      CAPTCHA_SECRET: 'captcha-secret',
      CAPTCHA_API_BASE: await startService(),
      CAPTCHA_AFTER_FAILURES: '0',
    }
    return openCheckout({ start: { env } })
  }

  /** The page's hook shows a button in the form; each press answers, first wrong. */
  function startWithCaptcha({ page }: Checkout): Promise<void> {
    return page.evaluate((order) => {
      const world = window as unknown as PageWindow
      const answers = ['guessed', 'solved']
      world.run = world.tollbridge.pay({
        ...order,
        element: 'card',
        onCaptcha: ({ container, ...captcha }: { container: HTMLElement }) => {
          world.news.push(captcha)
          const robot = document.createElement('button')
          robot.type = 'button'
          robot.id = 'robot'
          robot.textContent = 'I am no robot'
          container.append(robot)
          return new Promise((resolve) => {
            robot.onclick = () => resolve(answers.shift() ?? 'solved')
          })
        },
      })
      world.run.settled.then((outcome: unknown) => {
        world.outcome = outcome
      })
    }, ORDER)
  }

  test('it is shown in the form, again after a wrong answer, and the card is tried once', async () => {
    const shop = await openGuarded()
    await startWithCaptcha(shop)
    // For the creation: a wrong answer, then the right one.
    await shop.page.locator('#robot').click()
    await poll(() => shop.page.evaluate(() => (window as unknown as PageWindow).news.length)).toBe(2)
    await shop.page.locator('#robot').click()
    await fillCard(shop)
    await shop.payButton.click()
    // An answer is good for one request, so the card's has its own; what was typed is still there after it.
    await shop.page.locator('#robot').click()
    expect(await outcomeOf(shop)).toMatchObject({ status: 'succeeded' })
    expect(await chargesTaken(shop)).toHaveLength(1)
    expect(await shop.page.evaluate(() => (window as unknown as PageWindow).news[0])).toEqual({
      provider: 'turnstile',
      site_key: 'site-key',
    })
  })

  test('given up in the middle, the payment is canceled', async () => {
    const shop = await openGuarded()
    await startWithCaptcha(shop)
    await shop.page.locator('#robot').waitFor()
    await shop.page.keyboard.press('Escape')
    expect(await outcomeOf(shop)).toMatchObject({ status: 'canceled', payment: null })
    expect(await shop.dialog.count()).toBe(0)
  })

  test('a page without a hook is told what is wanted', async () => {
    const shop = await openGuarded()
    await startPay(shop, ORDER)
    expect(await outcomeOf(shop)).toMatchObject({ status: 'failed', error: { code: 'captcha_required' } })
  })
})
