/** The official React bindings on the stand-in: groups, elements and hooks through StrictMode, remounts and updates. */
import { describe, expect, test } from 'vitest'
import { inPage } from './support/in-page.ts'
import { browser, elementFrame, openShop, reason, type Shop } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`
const PAYMENT = 'Secure payment input frame'

/** Renders `App`, which the code declares; `set` changes its props, and `out` is what it noted. */
async function render(code: string, given?: unknown): Promise<Shop> {
  const shop = await openShop({ html: '<div id="app"></div>' })
  const outcome = await inPage(
    shop,
    `const { createElement: h, createRoot, StrictMode, useStripe, useElements, useState, ...all } = window.shop.react
     window.out = []
     const note = (name, event) => window.out.push(event === undefined ? name : [name, event])
     ${code}
     function Root() {
       const [props, change] = useState({})
       window.set = (more) => change((before) => ({ ...before, ...more }))
       return props.gone ? null : h(App, props)
     }
     createRoot(document.querySelector('#app')).render(h(StrictMode, null, h(Root)))`,
    given,
  )
  if (outcome?.thrown) throw new Error(outcome.thrown)
  return shop
}

const set = (shop: Shop, props: object) => inPage(shop, 'window.set(given)', props)
const quiet = (shop: Shop) => expect(shop.console.filter(({ type }) => type !== 'info')).toEqual([])

async function fillPayment(shop: Shop, number = '4242424242424242') {
  const frame = elementFrame(shop.page, PAYMENT)
  await frame.locator('[name="number"]').fill(number)
  await frame.locator('[name="expiry"]').fill('1234')
  await frame.locator('[name="cvc"]').fill('123')
  await frame.locator('[name="postalCode"]').fill('94107')
}

describe.skipIf(browser === null)(`React${about}`, () => {
  test('a deferred group follows its options, and its payment method pays on the server', async () => {
    const shop = await render(`
      function Checkout() {
        const stripe = useStripe(), elements = useElements()
        window.pay = async () => {
          const { error } = await elements.submit()
          if (error) return { error }
          return stripe.createPaymentMethod({ elements })
        }
        return h(all.PaymentElement, { onReady: (element) => note('ready ' + typeof element.mount), onChange: (event) => note('change', event) })
      }
      function App({ amount = 1000, theme = 'stripe', locale }) {
        return h(all.Elements, { stripe, options: { mode: 'payment', amount, currency: 'usd', paymentMethodCreation: 'manual', allowedPaymentMethodTypes: ['card'], locale, appearance: { theme } } }, h(Checkout))
      }`)
    await elementFrame(shop.page, PAYMENT).getByLabel('Card number').waitFor()
    await fillPayment(shop)
    await set(shop, { amount: 2500, theme: 'night' })
    await expect
      .poll(() => elementFrame(shop.page, PAYMENT).locator('html').getAttribute('data-theme'))
      .toBe('night')
    expect(await elementFrame(shop.page, PAYMENT).locator('[name="number"]').inputValue()).toBe(
      '4242 4242 4242 4242',
    )
    const { paymentMethod } = await inPage(shop, 'return window.pay()')
    expect(paymentMethod).toMatchObject({ type: 'card', card: { last4: '4242' } })
    const intent = await shop.stripe.paymentIntents.create({
      amount: 2500,
      currency: 'usd',
      payment_method: paymentMethod.id,
      confirm: true,
      allowed_payment_method_types: ['card'],
    })
    expect(intent.status).toBe('succeeded')
    expect(await inPage(shop, "return window.out.includes('ready function')")).toBe(true)
    quiet(shop)
  })

  test('the card goes and comes back empty, with its handlers of the last render', async () => {
    const shop = await render(`
      function Card({ name, hidden, disabled }) {
        const stripe = useStripe(), elements = useElements()
        window.token = () => stripe.createToken(elements.getElement(all.CardElement))
        window.card = () => elements.getElement('card')
        return hidden ? null : h(all.CardElement, { options: { disabled, hidePostalCode: true }, onChange: (event) => event.complete && note(name), onFocus: () => note('focus ' + name), onBlur: () => note('blur ' + name) })
      }
      function App(props) { return h(all.Elements, { stripe }, h(Card, { name: 'first', ...props })) }`)
    const frame = elementFrame(shop.page)
    const fill = async () => {
      await frame.locator('[name="cardnumber"]').click()
      await shop.page.keyboard.type('42424242424242421234123')
    }
    await fill()
    await expect.poll(() => inPage(shop, 'return window.out')).toEqual(['focus first', 'first'])
    await set(shop, { name: 'second', disabled: true })
    await expect.poll(() => frame.locator('[name="cvc"]').isDisabled()).toBe(true)
    await set(shop, { hidden: true })
    await expect.poll(() => shop.page.locator('iframe').count()).toBe(0)
    expect(await inPage(shop, 'return window.card()')).toBeNull()
    await set(shop, { hidden: false, disabled: false, name: 'third' })
    await frame.locator('[name="cardnumber"]').waitFor()
    expect(await frame.locator('[name="cardnumber"]').inputValue()).toBe('')
    await fill()
    await expect.poll(() => inPage(shop, "return window.out.includes('third')")).toBe(true)
    expect((await inPage(shop, 'return window.token()')).token.card.last4).toBe('4242')
    await set(shop, { gone: true })
    await expect.poll(() => shop.page.locator('iframe').count()).toBe(0)
    quiet(shop)
  })

  test('the split card, the IBAN and express checkout each mount and work', async () => {
    const shop = await render(
      `
      function Parts() {
        const stripe = useStripe(), elements = useElements()
        window.token = () => stripe.createToken(elements.getElement(all.CardNumberElement))
        window.debit = () => stripe.createPaymentMethod({ type: 'sepa_debit', sepa_debit: elements.getElement(all.IbanElement), billing_details: { name: 'Ada', email: 'ada@example.com' } })
        return h('div', null, h(all.CardNumberElement), h(all.CardExpiryElement), h(all.CardCvcElement), h(all.IbanElement, { options: { supportedCountries: ['SEPA'] } }))
      }
      function Wallet() {
        const stripe = useStripe(), elements = useElements()
        return h(all.ExpressCheckoutElement, { onReady: ({ availablePaymentMethods }) => note('ready', availablePaymentMethods.link),
          onConfirm: async () => note('paid', (await stripe.confirmPayment({ elements, clientSecret: window.secret, confirmParams: { return_url: location.href }, redirect: 'if_required' })).paymentIntent.status) })
      }
      function App() {
        return h('div', null, h(all.Elements, { stripe }, h(Parts)),
          h(all.Elements, { stripe, options: { mode: 'payment', amount: 1000, currency: 'usd' } }, h(Wallet)))
      }`,
    )
    await shop.page.locator('iframe').nth(4).waitFor()
    await elementFrame(shop.page, 'Secure card number input frame').locator('input').fill('4242424242424242')
    await elementFrame(shop.page, 'Secure expiration date input frame').locator('input').fill('1234')
    await elementFrame(shop.page, 'Secure CVC input frame').locator('input').fill('123')
    await elementFrame(shop.page, 'Secure IBAN input frame').locator('input').fill('AT321904300235473204')
    expect((await inPage(shop, 'return window.token()')).token.card.last4).toBe('4242')
    expect((await inPage(shop, 'return window.debit()')).paymentMethod).toMatchObject({
      type: 'sepa_debit',
      sepa_debit: { last4: '3204', country: 'AT' },
    })
    await expect.poll(() => inPage(shop, 'return window.out')).toContainEqual(['ready', true])
    const intent = await shop.stripe.paymentIntents.create({ amount: 1000, currency: 'usd' })
    await inPage(shop, 'window.secret = given', intent.client_secret)
    await elementFrame(shop.page, 'Secure express checkout frame').getByRole('button').click()
    await expect.poll(() => inPage(shop, 'return window.out')).toContainEqual(['paid', 'succeeded'])
    quiet(shop)
  })

  test('a client secret that comes later, by way of a promise of Stripe, shows the form then', async () => {
    const shop = await render(`
      function Checkout() {
        const stripe = useStripe(), elements = useElements()
        window.pay = () => stripe.confirmSetup({ elements, redirect: 'if_required' })
        return h('div', null, h('output', null, stripe ? 'loaded' : 'waiting'), h(all.PaymentElement))
      }
      const promise = Promise.resolve(stripe)
      function App({ clientSecret }) {
        return clientSecret ? h(all.Elements, { stripe: promise, options: { clientSecret } }, h(Checkout)) : h('output', null, 'nothing yet')
      }`)
    const customer = await shop.stripe.customers.create()
    const setup = await shop.stripe.setupIntents.create({ customer: customer.id })
    await set(shop, { clientSecret: setup.client_secret })
    await fillPayment(shop)
    expect(await inPage(shop, 'return window.pay()')).toMatchObject({ setupIntent: { status: 'succeeded' } })
    expect(await shop.page.locator('output').textContent()).toBe('loaded')
    quiet(shop)
  })
})
