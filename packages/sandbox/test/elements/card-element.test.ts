/** The card element on a shop's page: typing, events, classes, tokens, and payments with all their ends. */
import { describe, expect, test } from 'vitest'
import {
  bankFrame,
  browser,
  elementFrame,
  openShop,
  reason,
  type Shop,
  typeCard,
} from './support/open-shop.ts'

const describeInChromium = describe.skipIf(browser === null)
const about = reason === null ? '' : ` (skipped: ${reason})`

const FORM = '<form id="form"><label for="card">Card</label><div id="card"></div><button>Pay</button></form>'

/** Mounts a card and keeps its events in `window.events`. */
async function mountCard(shop: Shop, options: object = {}): Promise<void> {
  await shop.page.evaluate(async (given) => {
    // biome-ignore lint/suspicious/noExplicitAny: the page's world
    const world = window as any
    world.events = []
    world.elements = world.stripe.elements()
    world.card = world.elements.create('card', given)
    for (const name of ['ready', 'change', 'focus', 'blur', 'escape', 'loaderror']) {
      world.card.on(name, (event: unknown) => world.events.push({ name, event }))
    }
    const ready = new Promise((resolve) => world.card.once('ready', resolve))
    world.card.mount('#card')
    await ready
  }, options)
}

/** Runs in the page with `stripe`, `card` and the argument. */
async function inPage(shop: Shop, code: string, argument?: unknown): Promise<any> {
  return shop.page.evaluate(
    ([body, given]) =>
      new Function('stripe', 'card', 'given', `return (async () => { ${body} })()`)(
        (window as any).stripe,
        (window as any).card,
        given,
      ),
    [code, argument] as const,
  )
}

const lastChange = (shop: Shop) =>
  inPage(shop, "return window.events.filter((entry) => entry.name === 'change').at(-1)?.event")

describeInChromium(`the card element${about}`, () => {
  test('a card typed key by key becomes a token, and the page never sees its number', async () => {
    const shop = await openShop({ html: FORM })
    await mountCard(shop)
    await typeCard(elementFrame(shop.page))
    expect(await elementFrame(shop.page).locator('[name="cardnumber"]').inputValue()).toBe(
      '4242 4242 4242 4242',
    )
    expect(await elementFrame(shop.page).locator('[name="exp-date"]').inputValue()).toBe('12 / 34')
    const { token, error } = await inPage(shop, 'return stripe.createToken(card)')
    expect(error).toBeUndefined()
    expect(token).toMatchObject({
      object: 'token',
      card: { last4: '4242', exp_month: 12, exp_year: 2034, address_zip: '94107' },
    })
  })
})
