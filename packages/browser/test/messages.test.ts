/** The page's message bus: what is refused at once, what waits, and what can be taken back. */
import { describe, expect, test } from 'vitest'
import {
  about,
  browser,
  collect,
  formReady,
  heard,
  openPage,
  type ShopPage,
  setupIntent,
  typeCard,
} from './support/open-page.ts'

/** Runs a function body in the page, with `ui` and `note`. */
function inPage(shop: ShopPage, body: string, given?: unknown) {
  return shop.page.evaluate(
    async ([code, argument]) => {
      const world = window as unknown as { tollbridge: { ui: unknown }; note: unknown }
      try {
        return await new Function('ui', 'note', 'given', `return (async () => { ${code} })()`)(
          world.tollbridge.ui,
          world.note,
          argument,
        )
      } catch (error) {
        const { name, code, message, param } = error as Record<string, unknown>
        return { thrown: { name, code, message, param } }
      }
    },
    [body, given] as const,
  )
}

describe.skipIf(browser === null)(`messages in the page${about}`, () => {
  test.each([
    ["ui.sendMessage({scope: 'plugin:nobody', name: 'x'})", 'ui_plugin_unknown', /plugin:stripe/],
    ["ui.sendMessage({scope: 'stripe', name: 'handleCardAction'})", 'ui_plugin_unknown', /plugin:stripe/],
    ["ui.sendMessage({name: 'handleCardAction'})", 'ui_plugin_unknown', /plugin:stripe/],
    [
      "ui.sendMessage({scope: 'plugin:stripe', name: 'toString'})",
      'ui_function_unknown',
      /collectPaymentInformation/,
    ],
    ["ui.sendPluginMessage({plugin: 'scandit', name: 'x'})", 'ui_plugin_unknown', /plugin:stripe/],
    [
      "ui.sendMessage({scope: 'plugin:stripe', name: 'handleCardAction', callbacks: {onFail: 'x'}})",
      'parameter_invalid',
      /callbacks\.onFail/,
    ],
  ])('%s is refused: %s', async (call, code, message) => {
    const shop = await openPage()
    expect(await inPage(shop, call)).toMatchObject({
      thrown: { name: 'TollbridgeError', code, message: expect.stringMatching(message) },
    })
  })

  test('sendPluginMessage is the same with `plugin` in place of the scope', async () => {
    const shop = await openPage()
    const intent = await setupIntent(shop)
    await inPage(
      shop,
      "ui.sendPluginMessage({plugin: 'stripe', name: 'collectPaymentInformation', data: {publicKey: 'pk_test_sandbox', dataSecret: given}, callbacks: {onSuccess: note('onSuccess')}, order: 7})",
      intent.client_secret,
    )
    await formReady(shop)
    await typeCard(shop)
    await shop.button('Save').click()
    expect(await heard(shop)).toMatchObject([
      {
        name: 'onSuccess',
        message: { scope: 'plugin:stripe', order: 7 },
        data: { setupIntent: { id: intent.id } },
      },
    ])
  })

  test('two messages are two dialogs, one after the other', async () => {
    const shop = await openPage()
    await collect(shop, { data: { title: 'First' } })
    await collect(shop, { data: { title: 'Second' } })
    await collect(shop, { data: { elementType: 'idealBank' } })
    await formReady(shop)
    expect(await shop.dialog.getByRole('heading').allTextContents()).toEqual(['First'])
    await shop.button('Cancel').click()
    await expect.poll(() => shop.dialog.getByRole('heading').allTextContents()).toEqual(['Second'])
    await formReady(shop)
    await typeCard(shop)
    await shop.button('Save').click()
    const all = await heard(shop, 3)
    expect(all.map(({ message, data }) => [message.data.title, data.error?.type])).toEqual([
      ['First', 'user_canceled'],
      ['Second', undefined],
      ['Card Information', 'invalid_element_type'],
    ])
  })

  test('a callback may wait for the next dialog', async () => {
    const shop = await openPage()
    const intent = await setupIntent(shop)
    const chain = inPage(
      shop,
      `const send = (title, onFail) => ui.sendMessage({scope: 'plugin:stripe', name: 'collectPaymentInformation', data: {title, publicKey: 'pk_test_sandbox', dataSecret: given}, callbacks: {onFail}}).settled
       return await send('First', async () => { window.inner = await send('Second', () => {}) }).then((outer) => [outer.callback, window.inner.callback])`,
      intent.client_secret,
    )
    for (const title of ['First', 'Second']) {
      await shop.page.getByRole('dialog', { name: title }).waitFor()
      await shop.button('Cancel').click()
    }
    expect(await chain).toEqual(['onFail', 'onFail'])
  })

  test('close() takes the dialog away, runs no callback, and settles', async () => {
    const shop = await openPage()
    await collect(shop)
    await formReady(shop)
    const settled = await inPage(shop, 'window.run.close(); return await window.run.settled')
    expect(settled).toEqual({ callback: null, data: null })
    expect(await shop.dialog.count()).toBe(0)
    expect(await inPage(shop, 'return window.heard')).toEqual([])
  })

  test('close() also gives up a place in the queue', async () => {
    const shop = await openPage()
    await collect(shop, { data: { title: 'First' } })
    await collect(shop, { data: { title: 'Second' } })
    expect(await inPage(shop, 'window.run.close(); return (await window.run.settled).callback')).toBeNull()
    await collect(shop, { data: { title: 'Third' } })
    await shop.page.getByRole('dialog', { name: 'First' }).waitFor()
    await shop.button('Cancel').click()
    await shop.page.getByRole('dialog', { name: 'Third' }).waitFor()
  })

  test('a callback that throws is told to the console, and the message has ended all the same', async () => {
    const shop = await openPage()
    const settled = await inPage(
      shop,
      "return await ui.sendMessage({scope: 'plugin:stripe', name: 'collectPaymentInformation', data: {}, callbacks: {onFail: () => { throw new Error('my own bug') }}}).settled",
    )
    expect(settled).toMatchObject({ callback: 'onFail', data: { error: { code: 'parameter_missing' } } })
    expect(shop.console).toMatchObject([{ type: 'pageerror', text: expect.stringContaining('my own bug') }])
  })

  test('what the page changes after sending is not what was sent', async () => {
    const shop = await openPage()
    const message = await inPage(
      shop,
      `const data = {elementType: 'idealBank', title: 'Before', dataSecret: 'x'}
       let seen
       const run = ui.sendMessage({scope: 'plugin:stripe', name: 'collectPaymentInformation', data, callbacks: {onFail: (message) => { seen = message }}})
       data.title = 'After'
       await run.settled
       return seen`,
    )
    expect(message.data.title).toBe('Before')
  })

  test('a page adds a plugin of its own, whose failure is a callback, too', async () => {
    const shop = await openPage()
    const outcome = await inPage(
      shop,
      `ui.use({name: 'till', functions: {
         open: {callbacks: ['onOpen'], onThrow: 'onFail', async run(message, api) { await api.callback(message, 'onOpen', {drawer: message.data.drawer}) }},
         jam: {callbacks: ['onOpen'], onThrow: 'onFail', async run() { throw new Error('It is stuck.') }},
         drop: {callbacks: ['onOpen'], onThrow: 'onFail', async run() { throw undefined }},
       }})
       return [
         await ui.sendMessage({scope: 'plugin:till', name: 'open', data: {drawer: 3}}).settled,
         await ui.sendMessage({scope: 'plugin:till', name: 'jam'}).settled,
         await ui.sendMessage({scope: 'plugin:till', name: 'drop'}).settled,
       ]`,
    )
    expect(outcome).toMatchObject([
      { callback: 'onOpen', data: { drawer: 3 } },
      { callback: 'onFail', data: { error: { code: 'unexpected_error', message: 'It is stuck.' } } },
      { callback: 'onFail', data: { error: { code: 'unexpected_error' } } },
    ])
  })
})
