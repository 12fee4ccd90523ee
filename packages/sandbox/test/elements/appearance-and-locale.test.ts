/** How the elements look and speak: languages, themes, variables, rules and styles of the page. */
import { describe, expect, test } from 'vitest'
import { CARD_FORM, classesOf, inPage, lastChange, mount } from './support/in-page.ts'
import { browser, elementFrame, openShop, reason, type Shop } from './support/open-shop.ts'

const about = reason === null ? '' : ` (skipped: ${reason})`
const PAYMENT = 'Secure payment input frame'
const DEFERRED = { mode: 'payment', amount: 1999, currency: 'eur' }

async function paymentShop(group: object, options: object = {}, ground = '#fff'): Promise<Shop> {
  const shop = await openShop({ html: `<style>body { background: ${ground} }</style><div id="a"></div>` })
  await mount(shop, [{ type: 'payment', at: '#a', options }], { ...DEFERRED, ...group })
  return shop
}

const styleOf = (shop: Shop, selector: string, property: string, title = PAYMENT) =>
  elementFrame(shop.page, title)
    .locator(selector)
    .evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), property)

describe.skipIf(browser === null)(`languages${about}`, () => {
  test('the card element speaks the locale of its group, mistakes included', async () => {
    const shop = await openShop({ html: CARD_FORM })
    await mount(shop, [{ type: 'card', at: '#card' }], { locale: 'de' })
    const frame = elementFrame(shop.page)
    await frame.getByPlaceholder('Kartennummer').fill('4242')
    expect(await frame.locator('[name="exp-date"]').getAttribute('placeholder')).toBe('MM / JJ')
    expect(await frame.locator('[name="postal"]').getAttribute('placeholder')).toBe('PLZ')
    expect(await frame.locator('html').getAttribute('lang')).toBe('de')
    expect((await inPage(shop, 'return stripe.createToken(el.card)')).error).toEqual({
      type: 'validation_error',
      code: 'incomplete_number',
      message: 'Ihre Kartennummer ist unvollständig.',
    })
  })

  test("'auto' and nothing are the browser's language, and the locale of Stripe() stands in for the group's", async () => {
    const shop = await openShop({ html: CARD_FORM, context: { locale: 'fr-FR' } })
    await mount(shop, [{ type: 'card', at: '#card' }], { locale: 'auto' })
    await elementFrame(shop.page).getByPlaceholder('Numéro de carte').waitFor()
    await inPage(
      shop,
      `el.card.destroy()
       window.stripe = window.Stripe('pk_test_x', { locale: 'it' })`,
    )
    await mount(shop, [{ type: 'card', at: '#card' }])
    await elementFrame(shop.page).getByPlaceholder('Numero di carta').waitFor()
  })

  test('the payment element speaks it, countries included, and changes it', async () => {
    const shop = await paymentShop({ locale: 'nl' })
    const frame = elementFrame(shop.page, PAYMENT)
    await frame.getByLabel('Kaartnummer').waitFor()
    expect(await frame.getByLabel('Land').locator('option[value="DE"]').textContent()).toBe('Duitsland')
    expect(await inPage(shop, 'return group.submit()')).toMatchObject({
      error: { code: 'incomplete_number', message: 'Je kaartnummer is onvolledig.' },
    })
    await inPage(shop, "group.update({ locale: 'ja' })")
    await frame.getByLabel('カード番号').waitFor()
  })
})

describe.skipIf(browser === null)(`options of a group${about}`, () => {
  test('fonts and loader are taken, and what is no font, loader or theme is refused by name', async () => {
    const shop = await paymentShop({
      fonts: [{ cssSrc: 'https://fonts.example/css' }, { family: 'Inter', src: 'url(inter.woff2)' }],
      loader: 'always',
    })
    await elementFrame(shop.page, PAYMENT).getByLabel('Card number').waitFor()
    expect(shop.console.filter(({ type }) => type !== 'info')).toEqual([])
    const refused = async (options: object) =>
      (await inPage(shop, 'stripe.elements(given)', options)).thrown as string
    expect(await refused({ fonts: [{ family: 'Inter' }] })).toContain('fonts[0] should have a cssSrc')
    expect(await refused({ fonts: 'Inter' })).toContain('fonts should be an array')
    expect(await refused({ loader: 'sometimes' })).toContain('loader should be one of auto, always, never')
    expect(await refused({ appearance: { theme: 'dark' } })).toContain(
      'appearance.theme should be one of stripe, night, flat, none. You specified: dark.',
    )
    expect(await refused({ locale: 7 })).toContain('locale should be a string')
    expect((await inPage(shop, "group.update({ mode: 'nonsense' })")).thrown).toContain('mode should be')
  })

  test('a theme that changes later changes the frame too, so that its ground stays clear', async () => {
    const shop = await paymentShop({ appearance: { theme: 'stripe' } })
    const scheme = () => shop.page.locator('#a iframe').evaluate((node) => getComputedStyle(node).colorScheme)
    expect(await scheme()).toBe('light')
    await inPage(shop, "group.update({ appearance: { theme: 'night' } })")
    await expect.poll(scheme).toBe('dark')
    await expect.poll(() => styleOf(shop, 'html', 'color-scheme')).toBe('dark')
  })

  test('an update while elements come and go disturbs nobody', async () => {
    const shop = await paymentShop({})
    await inPage(
      shop,
      "group.update({ amount: 500 }); el.payment.unmount(); group.update({ amount: 600 }); el.payment.mount('#a'); group.update({ amount: 700, currency: 'usd' })",
    )
    await elementFrame(shop.page, PAYMENT).getByLabel('Card number').waitFor()
    expect(shop.console.filter(({ type }) => type !== 'info')).toEqual([])
  })
})

describe.skipIf(browser === null)(`appearance${about}`, () => {
  test('variables and rules reach the fields, and nothing that loads or hides', async () => {
    const shop = await paymentShop({
      appearance: {
        theme: 'flat',
        variables: {
          colorBackground: 'rgb(250, 240, 230)',
          borderRadius: '11px',
          fontSizeBase: '18px',
          labelColorText: 'rgb(1, 2, 3)',
          colorText: 'red; background: url(https://evil.example)',
        },
        rules: {
          '.Input': { letterSpacing: '2px', position: 'fixed', backgroundImage: 'url(https://evil.example)' },
          '.Input:focus': { borderColor: 'rgb(4, 5, 6)' },
          'body, .Label { display: none } .x': { color: 'red' },
        },
      },
    })
    const input = '[name="number"]'
    expect(await styleOf(shop, input, 'background-color')).toBe('rgb(250, 240, 230)')
    expect(await styleOf(shop, input, 'border-radius')).toBe('11px')
    expect(await styleOf(shop, input, 'font-size')).toBe('18px')
    expect(await styleOf(shop, input, 'letter-spacing')).toBe('2px')
    expect(await styleOf(shop, input, 'position')).toBe('static')
    expect(await styleOf(shop, input, 'background-image')).toBe('none')
    expect(await styleOf(shop, '.Field--number .Label', 'color')).toBe('rgb(1, 2, 3)')
    await elementFrame(shop.page, PAYMENT).locator(input).focus()
    await expect.poll(() => styleOf(shop, input, 'border-top-color')).toBe('rgb(4, 5, 6)')
  })

  test.each(['stripe', 'night', 'flat', 'none'])('in the theme %s text can be read', async (theme) => {
    const shop = await paymentShop({ appearance: { theme } }, {}, theme === 'night' ? '#121216' : '#fff')
    await inPage(shop, 'return group.submit()')
    const weak = await elementFrame(shop.page, PAYMENT).locator('body').evaluate(contrasts)
    expect(weak).toEqual([])
  })

  test('floating labels rest in the empty field, and rise for what is typed', async () => {
    const shop = await paymentShop({ appearance: { labels: 'floating' } })
    const frame = elementFrame(shop.page, PAYMENT)
    const top = (name: string) =>
      frame
        .locator(`.Field--${name} .Label`)
        .evaluate((node) => Number.parseFloat(getComputedStyle(node).top))
    expect(await top('number')).toBe(17)
    await frame.locator('[name="number"]').fill('4242424242424242')
    await frame.locator('[name="cvc"]').focus()
    await expect.poll(() => top('number')).toBe(7)
    await expect.poll(() => top('expiry')).toBe(17)
  })
})

/** Texts of the payment form whose contrast with what is behind them is below 4.5. */
function contrasts(body: HTMLElement): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (color: string): number[] => {
    if (!canvas) throw new Error('no canvas')
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = (color: number[]): number => {
    const [r = 0, g = 0, b = 0] = color.map((part) => {
      const share = part / 255
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (node: Element | null): number[] => {
    if (!node) return [255, 255, 255, 255]
    const own = rgb(getComputedStyle(node).backgroundColor)
    return own[3] === 255 ? own : ground(node.parentElement)
  }
  const texts: [string, Element, string | null][] = [
    ...[...body.querySelectorAll('.Label, .Error:not([hidden]), .SandboxNote')].map(
      (node) => [node.className, node, null] as [string, Element, null],
    ),
    ...[...body.querySelectorAll('.Input')].flatMap((node): [string, Element, string | null][] => [
      [node.className, node, null],
      [`${node.className} placeholder`, node, '::placeholder'],
    ]),
  ]
  return texts.flatMap(([name, node, pseudo]) => {
    const front = light(rgb(getComputedStyle(node, pseudo).color))
    const back = light(ground(node))
    const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05)
    return contrast >= 4.5 ? [] : [`${name}: ${contrast.toFixed(2)}`]
  })
}

describe.skipIf(browser === null)(`style of the card element${about}`, () => {
  const style = {
    base: {
      color: 'rgb(10, 20, 30)',
      fontSize: '19px',
      fontWeight: 600,
      iconColor: 'rgb(40, 50, 60)',
      '::placeholder': { color: 'rgb(70, 80, 90)' },
      ':hover': { color: 'rgb(11, 12, 13)' },
      ':focus': { color: 'rgb(21, 22, 23)' },
      ':disabled': { color: 'rgb(31, 32, 33)' },
    },
    empty: { letterSpacing: '3px' },
    complete: { color: 'rgb(0, 100, 0)', iconColor: 'rgb(0, 101, 0)' },
    invalid: { color: 'rgb(200, 0, 0)', iconColor: 'rgb(201, 0, 0)' },
  }
  const CARD = 'Secure card payment input frame'
  const number = '[name="cardnumber"]'

  test('each state of a field has its style, the icon that of the whole card', async () => {
    const shop = await openShop({ html: CARD_FORM })
    await mount(shop, [{ type: 'card', at: '#card', options: { style } }])
    const color = (selector = number) => styleOf(shop, selector, 'color', CARD)
    const frame = elementFrame(shop.page)
    expect(await color()).toBe('rgb(10, 20, 30)')
    expect(await styleOf(shop, number, 'font-size', CARD)).toBe('19px')
    expect(await styleOf(shop, number, 'font-weight', CARD)).toBe('600')
    expect(await styleOf(shop, number, 'letter-spacing', CARD)).toBe('3px')
    expect(await color('.IconHolder')).toBe('rgb(40, 50, 60)')
    expect(
      await frame.locator(number).evaluate((node) => getComputedStyle(node, '::placeholder').color),
    ).toBe('rgb(70, 80, 90)')
    await frame.locator(number).hover()
    await expect.poll(() => color()).toBe('rgb(11, 12, 13)')
    await frame.locator(number).focus()
    await expect.poll(() => color()).toBe('rgb(21, 22, 23)')
    await frame.locator(number).fill('4242424242424242')
    await frame.locator('[name="exp-date"]').focus()
    await expect.poll(() => color()).toBe('rgb(0, 100, 0)')
    expect(await styleOf(shop, number, 'letter-spacing', CARD)).toBe('normal')
    await frame.locator(number).fill('4242424242424241')
    await frame.locator('[name="exp-date"]').hover()
    await frame.locator('[name="exp-date"]').focus()
    await expect.poll(() => color()).toBe('rgb(200, 0, 0)')
    expect(await color('.IconHolder')).toBe('rgb(201, 0, 0)')
    await inPage(shop, 'el.card.update({ disabled: true })')
    await expect.poll(() => color('[name="cvc"]')).toBe('rgb(31, 32, 33)')
  })

  test('a field that the browser fills in is marked on the page, by the class of its choice', async () => {
    const shop = await openShop({ html: CARD_FORM })
    await mount(shop, [{ type: 'card', at: '#card' }])
    const input = elementFrame(shop.page).locator(number)
    // Only a person with a saved card can have Chromium fill it in; the sheet starts this animation then.
    expect(
      await input.evaluate((node) =>
        [...document.adoptedStyleSheets]
          .flatMap((sheet) => [...sheet.cssRules])
          .some(
            (rule) =>
              /input:(-webkit-)?autofill \{ animation:.*autofilled/.test(rule.cssText) && node !== null,
          ),
      ),
    ).toBe(true)
    const autofill = () =>
      input.evaluate((node) =>
        node.dispatchEvent(
          new AnimationEvent('animationstart', { animationName: 'autofilled', bubbles: true }),
        ),
      )
    await input.fill('4242424242424242')
    await autofill()
    await expect.poll(() => classesOf(shop, '#card')).toContain('StripeElement--webkit-autofill')
    await inPage(shop, "el.card.update({ classes: { webkitAutofill: 'filled by-browser' } })")
    expect(await classesOf(shop, '#card')).toEqual(expect.arrayContaining(['by-browser', 'filled']))
    await inPage(shop, 'el.card.clear()')
    await expect.poll(() => lastChange(shop, 'card')).toMatchObject({ empty: true })
    await expect.poll(() => classesOf(shop, '#card')).not.toContain('filled')
  })
})
