/** Loading the stand-in Stripe.js: the official loader and React take it, and it refuses what must not be. */
import { describe, expect, test } from 'vitest'
import { inPage, mount } from './support/in-page.ts'
import { browser, elementFrame, openShop, reason, typeCard } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`

describe.skipIf(browser === null)(`the script${about}`, () => {
  test.each(['/stripe.js', '/endive/stripe.js', '/v3/'])(
    'the official loader takes %s without a word, and the page is told once that it is a sandbox',
    async (scriptPath) => {
      const shop = await openShop({ scriptPath })
      await inPage(shop, "await window.shop.loadStripe('pk_test_other')")
      expect(await inPage(shop, 'return [window.Stripe.version, document.scripts.length]')).toEqual([
        'endive',
        2,
      ])
      expect(shop.console.map(({ type }) => type)).toEqual(['info'])
      expect(shop.console[0]?.text).toContain('sandbox')
    },
  )

  test('a second copy of the script changes nothing, and says so', async () => {
    const shop = await openShop()
    const same = await inPage(
      shop,
      `const before = window.Stripe
       await new Promise((onload) => document.head.append(Object.assign(document.createElement('script'), { src: document.scripts[0].src, onload })))
       return window.Stripe === before`,
    )
    expect(same).toBe(true)
    expect(shop.console.map(({ type }) => type)).toEqual(['info', 'warning'])
  })

  test.each([
    ['pk_live_abc', /refuses live keys/],
    ['sk_test_abc', /should not use your secret key/],
    ['', /Missing value for Stripe/],
    ['something', /publishable key/],
  ])('the key "%s" is refused', async (key, message) => {
    const shop = await openShop()
    expect((await inPage(shop, 'window.Stripe(given)', key)).thrown).toMatch(message)
  })

  test('misuse is refused in clear words', async () => {
    const shop = await openShop({ html: '<div id="card"></div><div id="other"></div>' })
    const thrown = async (body: string) => (await inPage(shop, body)).thrown as string
    await mount(shop, [{ type: 'card', at: '#card' }])
    expect(await thrown("group.create('card')")).toContain('Can only create one Element of type card')
    expect(await thrown("group.create('cardNumber')")).toContain('there is a card Element already')
    expect(await thrown("group.create('idealBank')")).toContain('was removed from Stripe.js')
    expect(await thrown("group.create('address')")).toContain('The sandbox does not have the address Element')
    expect(await thrown("group.create('nonsense')")).toContain('A valid Element name must be provided')
    expect(await thrown("group.create('payment')")).toContain('must pass a clientSecret or mode')
    expect(await thrown("el.card.mount('#other')")).toContain('already mounted')
    expect(await thrown("stripe.elements().create('card').mount('#nowhere')")).toContain(
      'applies to no DOM elements',
    )
    expect(await thrown("stripe.elements({clientSecret: 'nonsense'})")).toContain('clientSecret should be')
    expect(await thrown("stripe.elements({mode: 'payment', amount: 1.5, currency: 'usd'})")).toContain(
      'amount',
    )
    expect(await thrown("stripe.elements({paymentMethodTypes: ['card']})")).toContain(
      'allowedPaymentMethodTypes',
    )
    expect(await thrown("stripe.handleCardPayment('x')")).toContain('Use confirmCardPayment instead')
    expect(await thrown("stripe.confirmIdealPayment('x')")).toContain('not available in this sandbox')
    expect(await thrown("await stripe.createToken('pii', {})")).toContain('pii')
    expect(
      await thrown("await stripe.createPaymentMethod({type: 'card', card: {number: '4242'}})"),
    ).toContain('not accepted')
    expect(await thrown("await stripe.confirmCardPayment('x')")).toContain('client secret')
    expect(await thrown('await stripe.createConfirmationToken({})')).toContain(
      'elements should be an Elements object',
    )
    expect(await thrown('el.card.destroy(); el.card.mount("#card")')).toContain('already been destroyed')
    expect(await thrown('await stripe.createToken(el.card)')).toContain('still mounted')
  })

  test('an element goes away without a trace, and its group can have another', async () => {
    const shop = await openShop({ html: '<div id="card"></div>' })
    await mount(shop, [{ type: 'card', at: '#card' }])
    expect(await inPage(shop, 'el.card.unmount(); return document.querySelector("#card").outerHTML')).toBe(
      '<div id="card" class=""></div>',
    )
    await inPage(
      shop,
      "const ready = new Promise((done) => el.card.once('ready', done)); el.card.mount('#card'); await ready",
    )
    await typeCard(elementFrame(shop.page))
    expect((await inPage(shop, 'return stripe.createToken(el.card)')).token.object).toBe('token')
    expect(
      await inPage(
        shop,
        "el.card.destroy(); const next = group.create('card'); return group.getElement('card') === next && group.getElement('iban') === null",
      ),
    ).toBe(true)
  })

  test('a frame answers the page that embeds it, and nobody else', async () => {
    const shop = await openShop({ html: '<div id="card"></div>' })
    await mount(shop, [{ type: 'card', at: '#card' }])
    const call = "{protocol: 'sandbox-elements/1', kind: 'call', id: 77, method: 'clear', params: {}}"
    const heard = await inPage(
      shop,
      `const frame = document.querySelector('#card iframe')
       const answers = []
       addEventListener('message', (event) => { if (event.data.id === 77) answers.push(event.origin) })
       const stranger = document.createElement('iframe')
       document.body.append(stranger)
       // The stranger is of the page's origin, but not the page.
       stranger.contentWindow.eval("parent.frames[0].postMessage(${call}, '*')")
       frame.contentWindow.postMessage(${call.replace('77', '78')}, '*')
       await new Promise((done) => addEventListener('message', (event) => { if (event.data.id === 78) done() }))
       return answers`,
    )
    expect(heard).toEqual([])
  })
})

describe.skipIf(browser === null)(`React${about}`, () => {
  test('the official bindings mount, pay and unmount in StrictMode', async () => {
    const shop = await openShop({ html: '<div id="app"></div>' })
    const intent = await shop.stripe.paymentIntents.create({ amount: 1999, currency: 'usd' })
    await inPage(
      shop,
      `const { createElement: h, createRoot, StrictMode, Elements, CardElement, PaymentElement, useStripe, useElements, useState } = window.shop.react
       function Checkout({ kind }) {
         const stripe = useStripe(), elements = useElements()
         const [text, setText] = useState('')
         async function pay(event) {
           event.preventDefault()
           const result = kind === 'card'
             ? await stripe.createPaymentMethod({ type: 'card', card: elements.getElement(CardElement) })
             : await stripe.confirmPayment({ elements, redirect: 'if_required' })
           setText(result.error ? result.error.message : (result.paymentIntent?.status ?? result.paymentMethod.card.last4))
         }
         return h('form', { onSubmit: pay }, h(kind === 'card' ? CardElement : PaymentElement), h('button', null, 'Pay'), h('output', null, text))
       }
       function App() {
         const [step, setStep] = useState('card')
         return h('div', null, h('button', { id: 'next', onClick: () => setStep(step === 'card' ? 'payment' : 'gone') }, 'Next'),
           step !== 'gone' && h(Elements, { key: step, stripe, options: step === 'card' ? {} : { clientSecret: given } }, h(Checkout, { kind: step })))
       }
       createRoot(document.querySelector('#app')).render(h(StrictMode, null, h(App)))`,
      intent.client_secret,
    )
    await typeCard(elementFrame(shop.page))
    await shop.page.getByRole('button', { name: 'Pay' }).click()
    await expect.poll(() => shop.page.locator('output').textContent()).toBe('4242')
    await shop.page.locator('#next').click()
    const frame = elementFrame(shop.page, 'Secure payment input frame')
    await frame.locator('[name="number"]').fill('4242424242424242')
    await frame.locator('[name="expiry"]').fill('1234')
    await frame.locator('[name="cvc"]').fill('123')
    await frame.locator('[name="postalCode"]').fill('94107')
    await shop.page.getByRole('button', { name: 'Pay' }).click()
    await expect.poll(() => shop.page.locator('output').textContent()).toBe('succeeded')
    await shop.page.locator('#next').click()
    await expect.poll(() => shop.page.locator('iframe').count()).toBe(0)
    expect(shop.console.filter(({ type }) => type !== 'info')).toEqual([])
  })
})
