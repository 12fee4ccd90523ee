/** The card element on a shop's page: typing, events, classes, tokens and payment methods. */
import { describe, expect, test } from 'vitest'
import { CARD_FORM, classesOf, inPage, lastChange, mount } from './support/in-page.ts'
import { browser, elementFrame, openShop, reason, type ShopOptions, typeCard } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`

async function cardShop(options: object = {}, shopOptions: ShopOptions = {}) {
  const shop = await openShop({ html: CARD_FORM, ...shopOptions })
  await mount(shop, [{ type: 'card', at: '#card', options }])
  const frame = elementFrame(shop.page)
  return { shop, frame, input: (name: string) => frame.locator(`[name="${name}"]`) }
}

describe.skipIf(browser === null)(`the card element${about}`, () => {
  test('a card typed key by key, through one field after the other, becomes a token', async () => {
    const { shop, input } = await cardShop()
    await input('cardnumber').click()
    await shop.page.keyboard.type('42424242424242421234123' + '94107')
    expect(await input('cardnumber').inputValue()).toBe('4242 4242 4242 4242')
    expect(await input('exp-date').inputValue()).toBe('12 / 34')
    expect(await input('cvc').inputValue()).toBe('123')
    const { token, error } = await inPage(shop, 'return stripe.createToken(el.card, {name: "Ada"})')
    expect(error).toBeUndefined()
    expect(token).toMatchObject({
      object: 'token',
      card: { last4: '4242', exp_month: 12, exp_year: 2034, address_zip: '94107', name: 'Ada' },
    })
  })

  test('the page can reach neither the frame nor a number in what it is told', async () => {
    const { shop, frame } = await cardShop()
    await typeCard(frame)
    await inPage(shop, 'await stripe.createToken(el.card)')
    const seen = await inPage(
      shop,
      `let frameText = 'unreachable'
       try { frameText = document.querySelector('iframe').contentWindow.document.body.innerHTML } catch {}
       return JSON.stringify({ frameText, events, html: document.body.innerHTML })`,
    )
    expect(seen).toContain('unreachable')
    expect(seen.replaceAll(' ', '')).not.toContain('4242424242424242')
  })

  test('events and classes follow what is typed', async () => {
    const { shop, input } = await cardShop()
    expect(await classesOf(shop, '#card')).toEqual(['StripeElement', 'StripeElement--empty'])
    await input('cardnumber').click()
    await expect.poll(() => classesOf(shop, '#card')).toContain('StripeElement--focus')
    await shop.page.keyboard.type('4242')
    await expect
      .poll(() => lastChange(shop, 'card'))
      .toEqual({
        elementType: 'card',
        empty: false,
        complete: false,
        error: undefined,
        brand: 'visa',
        value: { postalCode: '' },
      })
    await shop.page.keyboard.type('4242424242421234123' + '94107')
    await expect
      .poll(() => lastChange(shop, 'card'))
      .toMatchObject({ complete: true, value: { postalCode: '94107' } })
    expect(await classesOf(shop, '#card')).toEqual([
      'StripeElement',
      'StripeElement--complete',
      'StripeElement--focus',
    ])
    await shop.page.keyboard.press('Escape')
    await shop.page.locator('button').focus()
    await expect.poll(() => classesOf(shop, '#card')).not.toContain('StripeElement--focus')
    const names = (await inPage(shop, 'return events.map((entry) => entry.name)')) as string[]
    expect(names[0]).toBe('ready')
    expect(names.filter((name) => name !== 'change')).toEqual(['ready', 'focus', 'escape', 'blur'])
  })

  test.each([
    ['4242424242424241', 'invalid_number', 'Your card number is invalid.'],
    ['4242', 'incomplete_number', 'Your card number is incomplete.'],
  ])('number %s: %s', async (number, code, message) => {
    const { shop, input } = await cardShop()
    await input('cardnumber').fill(number)
    await input('exp-date').focus()
    await expect
      .poll(() => lastChange(shop, 'card'))
      .toMatchObject({ error: { code, message, type: 'validation_error' } })
    expect(await classesOf(shop, '#card')).toContain('StripeElement--invalid')
    expect(await input('cardnumber').getAttribute('aria-invalid')).toBe('true')
    expect(await inPage(shop, 'return stripe.createToken(el.card)')).toEqual({
      error: { type: 'validation_error', code, message },
    })
  })

  test('sending an empty form names what is missing, field after field', async () => {
    const { shop, input } = await cardShop()
    const code = async () =>
      (await inPage(shop, 'return stripe.createPaymentMethod({type: "card", card: el.card})')).error.code
    expect(await code()).toBe('incomplete_number')
    await input('cardnumber').fill('4242424242424242')
    expect(await code()).toBe('incomplete_expiry')
    await input('exp-date').fill('12/20')
    expect(await code()).toBe('invalid_expiry_year_past')
    await input('exp-date').fill('12 / 34')
    expect(await code()).toBe('incomplete_cvc')
    await input('cvc').fill('123')
    expect(await code()).toBe('incomplete_zip')
    await input('postal').fill('94107')
    const { paymentMethod } = await inPage(
      shop,
      'return stripe.createPaymentMethod({type: "card", card: el.card, billing_details: {name: "Ada", address: {city: "Paris"}}})',
    )
    expect(paymentMethod).toMatchObject({
      object: 'payment_method',
      card: { last4: '4242' },
      billing_details: { name: 'Ada', address: { city: 'Paris', postal_code: '94107' } },
    })
  })

  test('correcting in the middle keeps the caret, and backspace goes over separators and fields', async () => {
    const { shop, input } = await cardShop()
    await input('cardnumber').click()
    await shop.page.keyboard.type('42442')
    for (let step = 0; step < 3; step++) await shop.page.keyboard.press('ArrowLeft')
    await shop.page.keyboard.type('24')
    expect(await input('cardnumber').inputValue()).toBe('4242 442')
    await shop.page.keyboard.type('9')
    expect(await input('cardnumber').inputValue()).toBe('4242 4942')
    await input('exp-date').click()
    await shop.page.keyboard.type('5')
    expect(await input('exp-date').inputValue()).toBe('05 / ')
    for (let step = 0; step < 4; step++) await shop.page.keyboard.press('Backspace')
    expect(await input('exp-date').inputValue()).toBe('')
    await shop.page.keyboard.press('Backspace')
    expect(await input('cardnumber').evaluate((node) => node === document.activeElement)).toBe(true)
  })

  test('the keyboard alone is enough: Tab through the fields, Enter sends the form', async () => {
    const { shop } = await cardShop()
    await inPage(
      shop,
      `window.sent = 0
       document.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); window.sent++ })`,
    )
    await shop.page.keyboard.press('Tab')
    await shop.page.keyboard.type('5555555555554444')
    for (const text of ['1234', '123', '94107']) await shop.page.keyboard.type(text)
    await expect.poll(() => lastChange(shop, 'card')).toMatchObject({ complete: true, brand: 'mastercard' })
    await shop.page.keyboard.press('Enter')
    await expect.poll(() => inPage(shop, 'return window.sent')).toBe(1)
    await inPage(shop, "document.querySelector('button').disabled = true")
    await shop.page.keyboard.press('Enter')
    // The frame's messages arrive in their order: once the page knows of the next key, it has heard of Enter.
    await shop.page.keyboard.press('Backspace')
    await expect.poll(() => lastChange(shop, 'card')).toMatchObject({ complete: false })
    await inPage(shop, "document.querySelector('button').disabled = false")
    expect(await inPage(shop, 'return window.sent')).toBe(1)
    await shop.page.keyboard.press('Tab')
    expect(await inPage(shop, 'return document.activeElement.textContent')).toBe('Pay')
  })

  test('change tells of each edit, and of nothing when the same card is sent', async () => {
    const { shop, frame, input } = await cardShop()
    const changes = () => inPage(shop, "return events.filter((it) => it.name === 'change').length")
    await typeCard(frame)
    await expect.poll(() => lastChange(shop, 'card')).toMatchObject({ complete: true })
    const typed = await changes()
    await inPage(shop, 'await stripe.createToken(el.card); await stripe.createToken(el.card)')
    expect(await changes()).toBe(typed)
    // Another card in its place is news to a page that shows what was wrong with the first.
    await input('cardnumber').fill('4000000000000002')
    await expect.poll(changes).toBe(typed + 1)
  })

  test('update, clear, focus and blur, and the label of the place', async () => {
    const { shop, input } = await cardShop({
      hidePostalCode: true,
      style: { base: { color: 'rgb(1, 2, 3)' } },
    })
    expect(await input('postal').isVisible()).toBe(false)
    expect(await input('cardnumber').evaluate((node) => getComputedStyle(node).color)).toBe('rgb(1, 2, 3)')
    await shop.page.locator('label').click()
    await expect.poll(() => classesOf(shop, '#card')).toContain('StripeElement--focus')
    await shop.page.keyboard.type('42424242424242421234123')
    await expect.poll(() => lastChange(shop, 'card')).toMatchObject({ complete: true })
    await inPage(shop, 'el.card.blur(); el.card.clear()')
    await expect.poll(() => lastChange(shop, 'card')).toMatchObject({ empty: true, complete: false })
    await inPage(
      shop,
      "el.card.update({disabled: true, hidePostalCode: false, classes: {base: 'mine', empty: 'mine-empty'}, value: {postalCode: '10115'}})",
    )
    await expect.poll(() => input('cardnumber').isDisabled()).toBe(true)
    expect(await input('postal').inputValue()).toBe('10115')
    await expect.poll(() => classesOf(shop, '#card')).toContain('mine')
    expect(await classesOf(shop, '#card')).not.toContain('StripeElement')
  })

  test('a strict content security policy of the shop is enough for it', async () => {
    const { shop, frame } = await cardShop(
      {},
      {
        policy:
          "default-src 'none'; script-src 'self' 'unsafe-eval' SANDBOX; frame-src SANDBOX; connect-src SANDBOX; img-src data:",
      },
    )
    await typeCard(frame)
    expect((await inPage(shop, 'return stripe.createToken(el.card)')).token.object).toBe('token')
    expect(shop.console.filter(({ type }) => type === 'error' || type === 'pageerror')).toEqual([])
  })

  test('styles of the page can neither load a file nor hide what is typed', async () => {
    const { input } = await cardShop({
      style: {
        base: {
          backgroundImage: 'url(https://evil.example/x)',
          color: 'url(x)',
          fontSize: '20px',
          position: 'fixed',
        },
      },
    })
    const style = await input('cardnumber').evaluate((node) => {
      const { backgroundImage, fontSize, position } = getComputedStyle(node)
      return { backgroundImage, fontSize, position }
    })
    expect(style).toEqual({ backgroundImage: 'none', fontSize: '20px', position: 'static' })
  })

  test('on a phone all four fields have room once the number is typed', async () => {
    const { frame, shop } = await cardShop({}, { context: { viewport: { width: 375, height: 700 } } })
    await typeCard(frame)
    const width = await shop.page.locator('#card').evaluate((node) => node.clientWidth)
    for (const name of ['exp-date', 'cvc', 'postal']) {
      const box = await frame.locator(`[name="${name}"]`).evaluate((node) => {
        const { left, right } = node.getBoundingClientRect()
        return { left, right }
      })
      expect(box.left, name).toBeGreaterThan(0)
      expect(box.right, name).toBeLessThanOrEqual(width)
    }
  })

  test.each([215, 250, 290, 330, 376, 431, 450, 500])(
    'in a line %i px wide nothing that can be seen is cut off',
    async (width) => {
      const { frame, shop, input } = await cardShop()
      await shop.page.locator('#card').evaluate((node, px) => {
        node.style.width = `${px}px`
      }, width)
      await expect.poll(() => frame.locator('html').evaluate(() => window.innerWidth)).toBe(width)
      const cut = () =>
        frame.locator('.CardLine').evaluate(async (line) => {
          await Promise.all(document.getAnimations().map(({ finished }) => finished))
          const edge = line.clientWidth + 0.5
          const seen = [...line.children].filter(
            (part) => getComputedStyle(part).opacity !== '0' && part.getBoundingClientRect().width > 0,
          )
          const out = seen.filter((part) => {
            const { left, right } = part.getBoundingClientRect()
            const typed = part.querySelector('input')
            const isNumber = typed?.name === 'cardnumber' && typed !== document.activeElement
            const isClipped = typed !== null && !isNumber && typed.scrollWidth > typed.clientWidth
            return left < -0.5 || right > edge || isClipped
          })
          return out.map((part) => part.className)
        })
      const shown = (name: string) =>
        frame.locator(`.CardCell--${name}`).evaluate((cell) => getComputedStyle(cell).opacity === '1')
      expect(await cut()).toEqual([])
      expect([await shown('number'), await shown('expiry'), await shown('cvc')]).toEqual([true, true, true])
      await input('cardnumber').click()
      for (const key of '4242424242424242') {
        await shop.page.keyboard.type(key)
        expect(await cut()).toEqual([])
      }
      for (const part of ['1234', '123', '94107']) {
        await shop.page.keyboard.type(part)
        expect(await cut()).toEqual([])
      }
      expect(await input('postal').inputValue()).toBe('94107')
      expect([await shown('expiry'), await shown('cvc'), await shown('postal')]).toEqual([true, true, true])
      // Another number, while the rest stands.
      await input('cardnumber').click()
      await shop.page.keyboard.press('End')
      await shop.page.keyboard.press('Backspace')
      expect(await cut()).toEqual([])
      // A code before the number.
      await input('cardnumber').fill('')
      await input('cvc').click()
      expect(await cut()).toEqual([])
      expect(await shown('cvc')).toBe(true)
    },
  )
})
