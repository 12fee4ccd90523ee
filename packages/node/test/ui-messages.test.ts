/** Messages to the page and their callbacks, with a page that speaks plain HTTP. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import type { CallbackContext, OriginalMessage, PluginEvent, Tollbridge } from '../src/index.ts'
import { openPage, type Page } from './a-page.ts'
import { type ClientUnderTest, startClient } from './start-client.ts'

const ORIGIN = 'https://shop.example'

let it: ClientUnderTest
let tollbridge: Tollbridge
const pages: Page[] = []
beforeAll(async () => {
  it = await startClient()
  tollbridge = it.tollbridge
})
afterEach(() => {
  for (const page of pages.splice(0)) page.close()
  it.errors.length = 0
})
afterAll(() => it.stop())

async function page(user: string = randomUUID()): Promise<Page & { readonly user: string }> {
  const { token } = await tollbridge.ui.createSession({ user, origin: ORIGIN })
  const opened = await openPage(it.server, { token, origin: ORIGIN })
  pages.push(opened)
  return { ...opened, user }
}

async function setupIntent(client: Tollbridge = tollbridge) {
  return client.stripe.setupIntents.post({ payment_method_types: ['card'], usage: 'off_session' })
}

/** What a customer's card does at Stripe, without the page. */
const confirm = (id: string) =>
  tollbridge.stripe.setupIntents.confirm.post(id, { payment_method: 'pm_card_visa' })

const collect = (dataSecret: unknown) =>
  ({
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: { publicKey: 'pk_test_1', title: 'Card', dataSecret, elementType: 'card', elementOptions: null },
  }) as const

interface Heard {
  readonly message: OriginalMessage
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it, field by field.
  readonly data: any
  readonly context: CallbackContext
}

/** A callback that remembers. */
function ear() {
  const heard: Heard[] = []
  return {
    heard,
    callback: (message: OriginalMessage, data: unknown, context: CallbackContext) => {
      heard.push({ message, data, context })
    },
    first: () => eventually(() => heard[0] ?? null, { what: 'the callback' }),
  }
}

describe('a message to the caller', () => {
  test('reaches the tab that made the request, and its function runs with what Stripe says', async () => {
    const [mine, other] = [await page(), await page()]
    const intent = await setupIntent()
    const { callback, first } = ear()
    const companyId = 'company-7'
    const receipt = await tollbridge.ui.withCaller({ headers: mine.headers }, () =>
      tollbridge.ui.sendMessage({ ...collect(intent), companyId, callbacks: { onSuccess: callback } }),
    )
    expect(receipt).toMatchObject({ status: 'delivered', recipients: 1 })
    expect(receipt.id).toMatch(/^uim_/)

    const message = await mine.message()
    expect(message).toMatchObject({ id: receipt.id, callbackNames: ['onSuccess'], extras: { companyId } })
    expect(message.data.dataSecret).toEqual({ id: intent.id, client_secret: intent['client_secret'] })
    expect(other.messages).toEqual([])

    await confirm(intent.id)
    const answered = await mine.answer(message.id, 'onSuccess', { setupIntent: { id: 'seti_forged' } })
    expect(answered).toMatchObject({ status: 200, body: { verified: true } })
    const { message: original, data, context } = await first()
    expect(original).toMatchObject({ id: receipt.id, companyId, data: { title: 'Card' } })
    expect(data.setupIntent).toMatchObject({ id: intent.id, status: 'succeeded' })
    expect(data.result.setupIntent.id).toBe(intent.id)
    expect(context).toMatchObject({
      messageId: receipt.id,
      callback: 'onSuccess',
      user: { id: mine.user },
      connectionId: mine.tab,
      verified: true,
    })
    expect(await receipt.settled).toMatchObject({ callback: 'onSuccess', verified: true })
    await eventually(async () => (await tollbridge.ui.retrieve(receipt.id)).handler?.outcome === 'done', {
      what: 'the ack',
    })
  })

  test('runs its function outside of the request that happened to come first', async () => {
    const requests = new AsyncLocalStorage<string>()
    const client = it.another()
    const seen: unknown[] = []
    for (const request of ['first', 'second']) {
      const mine = await page()
      const message = {
        ...collect(await setupIntent()),
        callbacks: { onFail: () => seen.push(requests.getStore()) },
      }
      await requests.run(request, () =>
        client.ui.withCaller({ headers: mine.headers }, () => client.ui.sendMessage(message)),
      )
      await mine.answer((await mine.message()).id, 'onFail', { error: { message: 'Declined.' } })
    }
    await eventually(() => seen.length === 2, { what: 'both callbacks' })
    expect(seen).toEqual([undefined, undefined])
  })

  test('that Stripe does not confirm is a failure, whatever the page says', async () => {
    const mine = await page()
    const intent = await setupIntent()
    const [success, failure] = [ear(), ear()]
    await tollbridge.ui.withCaller({ headers: mine.headers }, () =>
      tollbridge.ui.sendMessage({
        ...collect(intent['client_secret']),
        callbacks: { onSuccess: success.callback, onFail: failure.callback },
      }),
    )
    const { id } = await mine.message()
    await mine.answer(id, 'onSuccess', { setupIntent: { id: intent.id, status: 'succeeded' } })
    const { data } = await failure.first()
    expect(data.error.type).toBe('verification_error')
    expect(success.heard).toEqual([])
  })

  test('can be followed by another from its callback, to the same tab', async () => {
    const mine = await page()
    const intent = await setupIntent()
    await tollbridge.ui.withCaller({ headers: mine.headers }, () =>
      tollbridge.ui.sendMessage({
        ...collect(intent),
        callbacks: {
          onFail: async () => {
            await tollbridge.ui.sendMessage({ ...collect(await setupIntent()), attempt: 2 })
          },
        },
      }),
    )
    await mine.answer((await mine.message()).id, 'onFail', { error: { message: 'Declined.' } })
    expect((await mine.message(2)).extras).toEqual({ attempt: 2 })
    expect(it.errors).toEqual([])
  })

  test('without a request is reported, or thrown where that is asked for', async () => {
    const intent = await setupIntent()
    const receipt = await tollbridge.ui.sendMessage(collect(intent))
    expect(receipt.status).toBe('undeliverable')
    expect(await receipt.settled).toEqual({ undeliverable: true })
    expect(it.errors).toMatchObject([{ place: 'undeliverable', error: { message: /ui\.withCaller/ } }])
    const thrown = tollbridge.ui.sendMessage(collect(intent), { onUndeliverable: 'throw' })
    await expect(thrown).rejects.toThrow(/no request of a page/)
  })
})

describe('a message to users', () => {
  test('reaches every tab of theirs, and the first that opens it has it', async () => {
    const first = await page()
    const second = await page(first.user)
    const { callback, first: heard } = ear()
    const receipt = await tollbridge.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [first.user],
      callbacks: { onFail: callback },
    })
    expect(receipt.recipients).toBe(2)
    const { id } = await first.message()
    await second.message()
    expect((await second.answer(id, 'onFail', { error: { message: 'No.' } })).status).toBe(200)
    expect((await heard()).context.connectionId).toBe(second.tab)
    await eventually(() => first.ends.some((end) => end.id === id), { what: 'the end in the other tab' })
    expect((await first.answer(id, 'onFail', {})).status).toBe(409)
  })

  test('can be canceled', async () => {
    const mine = await page()
    const receipt = await tollbridge.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [mine.user],
      callbacks: { onFail: null },
    })
    expect(await tollbridge.ui.cancel(receipt.id)).toMatchObject({ id: receipt.id, status: 'canceled' })
    expect(await receipt.settled).toEqual({ canceled: true })
    expect((await mine.answer(receipt.id, 'onFail', {})).status).toBe(410)
  })

  test('expires, and says so', async () => {
    const receipt = await tollbridge.ui.sendMessage(
      { ...collect(await setupIntent()), target: 'users', targetUsers: [(await page()).user] },
      { ttlMs: 1_000 },
    )
    expect(await receipt.settled).toEqual({ expired: true })
  })
})

describe('callbacks with a name', () => {
  test('run with the data that they were sent with', async () => {
    const mine = await page()
    const { callback, first } = ear()
    tollbridge.ui.registerCallback('cardSaved', callback)
    await tollbridge.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [mine.user],
      callbacks: { onFail: { handler: 'cardSaved', data: { order: 17 } } },
    })
    await mine.answer((await mine.message()).id, 'onFail', { error: { message: 'No.' } })
    expect((await first()).context.data).toEqual({ order: 17 })
  })

  test('run in another process of the app, also when that one starts after the answer', async () => {
    const mine = await page()
    const sender = it.another()
    const receipt = await sender.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [mine.user],
      callbacks: { onFail: 'afterRestart' },
    })
    await sender.close()
    const answered = await mine.answer((await mine.message()).id, 'onFail', { error: { message: 'No.' } })
    expect(answered.status).toBe(200)
    const { callback, first } = ear()
    it.another().ui.registerCallback('afterRestart', callback)
    expect((await first()).context.messageId).toBe(receipt.id)
  })

  test('run once in a process, however often they are registered and delivered', async () => {
    const mine = await page()
    const busy = it.another()
    let runs = 0
    let finish: () => void = () => undefined
    busy.ui.registerCallback('slow', async () => {
      runs += 1
      await new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    const receipt = await busy.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [mine.user],
      callbacks: { onFail: 'slow' },
    })
    await mine.answer((await mine.message()).id, 'onFail', { error: { message: 'No.' } })
    await eventually(() => runs === 1, { what: 'the callback' })
    // Each new name moves the process to a new stream, which the server may take for a restart.
    for (const name of ['one', 'two', 'three']) {
      busy.ui.registerCallback(name, () => undefined)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { callback, first } = ear()
    busy.ui.registerCallback('four', callback)
    await busy.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [mine.user],
      callbacks: { onFail: 'four' },
    })
    await mine.answer((await mine.message(2)).id, 'onFail', { error: { message: 'No.' } })
    await first()
    finish()
    await eventually(async () => (await busy.ui.retrieve(receipt.id)).handler?.outcome === 'done', {
      what: 'the ack',
    })
    expect(runs).toBe(1)
  })

  test('that throw are failures in the books of the server, and reported', async () => {
    const mine = await page()
    const receipt = await tollbridge.ui.sendMessage({
      ...collect(await setupIntent()),
      target: 'users',
      targetUsers: [mine.user],
      callbacks: {
        onFail: () => {
          throw new RangeError('no shelf left')
        },
      },
    })
    const answered = await mine.answer((await mine.message()).id, 'onFail', { error: { message: 'No.' } })
    expect(answered).toMatchObject({ status: 200 })
    expect(JSON.stringify(answered.body)).not.toContain('shelf')
    const { handler } = await eventually(
      async () => {
        const state = await tollbridge.ui.retrieve(receipt.id)
        return state.handler?.outcome === 'failed' ? state : null
      },
      { what: 'the failure' },
    )
    expect(handler?.error).toBe('RangeError: no shelf left')
    expect(it.errors).toMatchObject([{ place: 'callback', error: { message: 'no shelf left' } }])
  })
})

describe('a function of a message', () => {
  test('cannot run after its process is gone, and the page is told so', async () => {
    const mine = await page()
    const sender = it.another()
    const { callback, heard } = ear()
    for (let sent = 0; sent < 5; sent += 1) {
      await sender.ui.sendMessage({
        ...collect(await setupIntent()),
        target: 'users',
        targetUsers: [mine.user],
        callbacks: { onFail: callback },
      })
    }
    await mine.message(5)
    await sender.close()
    // The server hears of the end a moment later than the process itself.
    const waiting = mine.messages.map(({ id }) => id)
    const refused = await eventually(async () => {
      const answered = await mine.answer(waiting.shift() ?? '', 'onFail', { error: { message: 'No.' } })
      return answered.status === 200 ? null : answered
    })
    expect(refused).toMatchObject({ status: 410, body: { error: { code: 'ui_callback_gone' } } })
    expect(heard).toEqual([])
  })
})

describe('listeners of a plugin', () => {
  test('hear callbacks with and without a handler, until they are taken away', async () => {
    const mine = await page()
    const events: PluginEvent[] = []
    const off = tollbridge.ui.onPluginEvent('stripe', 'onFail', (event) => {
      events.push(event)
    })
    const send = async (callbacks: Record<string, null | (() => void)>) =>
      tollbridge.ui.sendMessage({
        ...collect(await setupIntent()),
        target: 'users',
        targetUsers: [mine.user],
        callbacks,
      })
    await send({ onFail: null })
    await mine.answer((await mine.message(1)).id, 'onFail', { error: { message: 'One.' } })
    await eventually(() => events.length === 1, { what: 'the first event' })
    await send({ onFail: () => undefined })
    await mine.answer((await mine.message(2)).id, 'onFail', { error: { message: 'Two.' } })
    await eventually(() => events.length === 2, { what: 'the second event' })
    off()
    const last = await send({ onFail: () => undefined })
    await mine.answer((await mine.message(3)).id, 'onFail', { error: { message: 'Three.' } })
    await eventually(async () => (await tollbridge.ui.retrieve(last.id)).handler?.outcome === 'done')
    expect(events).toHaveLength(2)
    expect(events[0]).toMatchObject({
      type: 'PLUGIN',
      plugin: 'stripe',
      event: 'onFail',
      callback: 'onFail',
      data: {
        originalMessage: { name: 'collectPaymentInformation' },
        callbackData: { error: { message: 'One.' } },
      },
    })
    expect(events[0]?.date).toBeInstanceOf(Date)
  })
})

describe('what is no message', () => {
  test.each([
    [null, /must be an object/],
    [{ name: 'x' }, /field scope/],
    [{ scope: 'plugin:stripe', name: 7 }, /field name/],
    [
      { scope: 'plugin:stripe', name: 'x', data: { steps: [() => undefined] } },
      /message\.data\.steps\.0 is a function/,
    ],
  ])('%o is refused here', async (message, reason) => {
    const sent = tollbridge.ui.sendMessage(message as never)
    await expect(sent).rejects.toThrow(TypeError)
    await expect(sent).rejects.toThrow(reason)
  })

  test('or by the server, which names the field', async () => {
    const unknown = tollbridge.ui.sendMessage({ scope: 'plugin:stripe', name: 'stealCards', data: {} })
    await expect(unknown).rejects.toMatchObject({ status: 400, code: 'parameter_invalid', param: 'name' })
    const everybody = tollbridge.ui.sendMessage({
      ...collect('seti_1_secret_2'),
      target: 'allUsers' as 'users',
    })
    await expect(everybody).rejects.toMatchObject({ status: 400, param: 'target' })
  })
})
