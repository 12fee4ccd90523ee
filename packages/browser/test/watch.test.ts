/** tollbridge.watch in a page: live, through lost networks, restarts and reloads, with and without a watch token. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort, temporaryFolder } from '../../../test/support/product-process.ts'
import { startTollbridge } from '../../../test/support/start-tollbridge.ts'
import {
  asServer,
  type Checkout,
  fillCard,
  openCardForm,
  openCheckout,
  outcomeOf,
  type PageWindow,
  poll,
} from './support/open-checkout.ts'
import { about, browser } from './support/open-page.ts'

interface News {
  readonly status?: string
  readonly refunded?: number
  readonly event?: string
  readonly error?: string
}

/** Watches in the page; what is told goes to `window.news`. */
function startWatch({ page }: Checkout, watched: unknown): Promise<void> {
  return page.evaluate((it) => {
    const world = window as unknown as PageWindow
    world.run = world.tollbridge.watch(
      it,
      (payment: { status: string; amount_refunded: number }, { event }: { event?: { type: string } }) =>
        world.news.push({ status: payment.status, refunded: payment.amount_refunded, event: event?.type }),
      { onError: (error: { code: string }) => world.news.push({ error: error.code }) },
    )
  }, watched)
}

const newsOf = ({ page }: Checkout) =>
  page.evaluate(() => (window as unknown as PageWindow).news) as Promise<News[]>
const statuses = async (shop: Checkout) => (await newsOf(shop)).map(({ status }) => status)

async function unpaid(shop: Checkout): Promise<{ id: string; watchToken: string }> {
  const payment = await asServer(shop, '/v1/payments', { order_id: 'order-1', amount: 1999, currency: 'usd' })
  return { id: String(payment['id']), watchToken: String(payment['watch_token']) }
}

const pay = (shop: Checkout, id: string) =>
  asServer(shop, `/v1/payments/${id}/confirm`, { payment_method: 'pm_card_visa' })

describe.skipIf(browser === null)(`watching a payment${about}`, () => {
  test('tells it as it is, and each change with the event that led to it', async () => {
    const shop = await openCheckout()
    const { id, watchToken } = await unpaid(shop)
    await startWatch(shop, { paymentId: id, watchToken })
    await poll(() => statuses(shop)).toEqual(['requires_payment_method'])
    await pay(shop, id)
    await poll(async () => (await statuses(shop)).at(-1)).toBe('succeeded')
    expect((await newsOf(shop)).at(-1)?.event).toMatch(/^(payment_intent|charge)\./)
    await asServer(shop, `/v1/payments/${id}/refund`, {})
    await poll(async () => (await newsOf(shop)).at(-1)?.refunded).toBe(1999)
    const all = await statuses(shop)
    expect(all.slice(all.indexOf('succeeded'))).not.toContain('requires_payment_method')
  })

  test('tells who only knows the id how it stands, and no more', async () => {
    const shop = await openCheckout()
    const { id } = await unpaid(shop)
    await startWatch(shop, id)
    await pay(shop, id)
    await poll(async () => (await statuses(shop)).at(-1)).toBe('succeeded')
    expect((await newsOf(shop)).every(({ refunded }) => refunded === undefined)).toBe(true)
  })

  test('paid while the page is offline, it is told when the network is back', async () => {
    const shop = await openCheckout()
    const { id } = await unpaid(shop)
    await startWatch(shop, id)
    await poll(() => statuses(shop)).toEqual(['requires_payment_method'])
    await shop.context.setOffline(true)
    await pay(shop, id)
    await shop.context.setOffline(false)
    await poll(async () => (await statuses(shop)).at(-1)).toBe('succeeded')
  })

  test('goes on over a restart of the server', async () => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const env = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) }
    const start = () => startTollbridge({ dataDir: folder.path, env })
    const before = await start()
    const shop = await openCheckout({ server: before })
    const { id } = await unpaid(shop)
    await startWatch(shop, id)
    await poll(() => statuses(shop)).toEqual(['requires_payment_method'])
    await before.stop()
    const after = await start()
    onTestFinished(() => after.stop())
    await pay({ ...shop, server: after }, id)
    await poll(async () => (await statuses(shop)).at(-1)).toBe('succeeded')
    expect((await newsOf(shop)).some(({ error }) => error !== undefined)).toBe(false)
  })

  test('closed, it says nothing more', async () => {
    const shop = await openCheckout()
    const { id } = await unpaid(shop)
    await startWatch(shop, id)
    await poll(() => statuses(shop)).toEqual(['requires_payment_method'])
    await shop.page.evaluate(() => (window as unknown as PageWindow).run.close())
    await pay(shop, id)
    const other = await shop.newTab()
    await startWatch(other, id)
    await poll(async () => (await statuses(other)).at(-1)).toBe('succeeded')
    expect(await statuses(shop)).toEqual(['requires_payment_method'])
  })

  test.each([
    ['pi_unknown', 'resource_missing'],
    ["pi_1' OR id = 'x", 'resource_missing'],
  ])('of a payment that is not there (%s) ends with an error', async (id, code) => {
    const shop = await openCheckout()
    await startWatch(shop, id)
    await poll(() => newsOf(shop)).toEqual([{ error: code }])
  })
})

describe.skipIf(browser === null)(`where a watch token is asked for${about}`, () => {
  const start = { env: { REQUIRE_WATCH_TOKEN: 'true' } }

  test('a page that was not given one is refused', async () => {
    const shop = await openCheckout({ start })
    const { id } = await unpaid(shop)
    await startWatch(shop, id)
    await poll(() => newsOf(shop)).toEqual([{ error: 'watch_token_required' }])
  })

  test('given once, it is remembered over a reload of the tab, and not told to other tabs', async () => {
    const shop = await openCheckout({ start })
    const { id, watchToken } = await unpaid(shop)
    await startWatch(shop, { paymentId: id, watchToken })
    await poll(() => statuses(shop)).toEqual(['requires_payment_method'])
    await shop.page.reload()
    await startWatch(shop, id)
    await pay(shop, id)
    await poll(async () => (await statuses(shop)).at(-1)).toBe('succeeded')
    const other = await shop.newTab()
    await startWatch(other, id)
    await poll(() => newsOf(other)).toEqual([{ error: 'watch_token_required' }])
  })

  test('the form of pay needs none of the page, and a watch after it none either', async () => {
    const shop = await openCheckout({ start })
    await openCardForm(shop, { orderId: 'order-1', amount: 1999 })
    await fillCard(shop)
    await shop.payButton.click()
    const { status, payment } = await outcomeOf(shop)
    expect(status).toBe('succeeded')
    await shop.page.reload()
    await startWatch(shop, payment?.id)
    await poll(() => statuses(shop)).toEqual(['succeeded'])
  })
})
