/** Messages of the app's server in real pages: the form opens, the answer arrives, whatever happens to page and network. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bundleSdk } from '../../../packages/browser/test/support/bundle-sdk.ts'
import { sharedChromium } from '../../support/chromium.ts'
import { eventually } from '../../support/eventually.ts'
import { openShop, type Shop } from './open-shop.ts'

const { browser, reason } = await sharedChromium()
const about = reason === null ? '' : ` (skipped: ${reason})`

// biome-ignore lint/suspicious/noExplicitAny: the SDK as an untyped page has it
type World = any

interface ShopSite {
  readonly origin: string
  /** How many tokens it has made. */
  tokens(): number
  /** The headers of each request of a page to its own server. */
  readonly asked: Record<string, string | string[] | undefined>[]
  /** What sessions are made with. */
  session: object
}

let sdk: string
let shop: Shop
beforeAll(async () => {
  sdk = await bundleSdk('script-tag.ts', 'iife')
  shop = await openShop()
})
afterAll(async () => {
  await shop?.stop()
})

/** The app's own server: its pages, and the route that makes their sessions. */
async function openSite(of: () => Shop = () => shop): Promise<ShopSite> {
  let tokens = 0
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site')
    const user = searchParams.get('user') ?? ''
    if (pathname === '/tollbridge.js') return response.setHeader('content-type', 'text/javascript').end(sdk)
    if (pathname === '/session') {
      tokens += 1
      return response.end(await of().session(user, { origin: site.origin, ...site.session }))
    }
    if (pathname === '/ask') {
      site.asked.push(request.headers)
      return response.end('{}')
    }
    response.setHeader('content-type', 'text/html; charset=utf-8')
    return response.end(`<!doctype html><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>
<script src="/tollbridge.js"></script><script>
  window.failures = []
  window.told = []
  addEventListener('unhandledrejection', (event) => failures.push('unhandled ' + event.reason))
  addEventListener('error', (event) => failures.push(event.error?.code ?? event.message))
  window.tollbridge = Tollbridge.createTollbridge({ url: ${JSON.stringify(of().url)}, stripeJsUrl: ${JSON.stringify(stripeJs())} })
  // A plugin of the page's own in the place of the form, so that a test decides when it ends.
  window.opened = []
  if (!location.hash.includes('form')) tollbridge.ui.use({ name: 'stripe', functions: { collectPaymentInformation: {
    callbacks: ['onSuccess', 'onFail', 'onCancel'], onThrow: 'onFail',
    run: (message, api) => new Promise((resolve) => {
      const it = { message, ended: null }
      opened.push(it)
      api.signal.addEventListener('abort', () => { it.ended = 'closed'; resolve() })
      it.end = (name, data) => { it.ended = name; api.callback(message, name, data).then(() => { it.ended = 'answered' }).finally(resolve) }
    }),
  } } })
  window.connection = tollbridge.ui.connect({ ...(location.hash.includes('heard') && { onError: (error, message) => told.push([error.code, message?.id ?? null]) }), session: async () => (await fetch('/session?user=${user}')).text() })
</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const site: ShopSite = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens: () => tokens,
    asked: [],
    session: {},
  }
  return site
}

const stripeJs = () => `${shop.proxy.url}/stripe.js`

async function newContext(): Promise<BrowserContext> {
  if (browser === null) throw new Error('There is no browser')
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return context
}

async function openTab(context: BrowserContext, site: ShopSite, user: string, hash = ''): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(`${site.origin}/?user=${user}${hash}`)
  return page
}

let people = 0
const person = () => `visitor-${++people}`
const connected = (user: string, tabs = 1, of = shop) =>
  eventually(async () => {
    const { body } = await of.send({
      targetUsers: [user],
      ttlMs: 1_000,
      data: { dataSecret: 'seti_1_secret_1' },
    })
    await of.post(`/v1/ui/messages/${body.id}/cancel`)
    return body.recipients === tabs
  })
/** The messages whose form is open in the page. */
const openIn = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    (window as World).opened.flatMap((it: World) => (it.ended === null ? [it.message.id] : [])),
  )
const waitFor = async (page: Page, id: string) =>
  page.waitForFunction(
    (id) => (window as World).opened.some((it: World) => it.message.id === id && !it.ended),
    id,
  )
const end = (page: Page, id: string, callback: string, data: object = {}) =>
  page.evaluate(
    ([id, callback, data]) => {
      const runs = (window as World).opened.filter((it: World) => it.message.id === id && !it.ended)
      runs.at(-1).end(callback, data)
    },
    [id, callback, data] as const,
  )
const send = async (user: string, more: object = {}, of = shop) => {
  const { body } = await of.send({ targetUsers: [user], companyId: 'c-7', ...more })
  return body.id as string
}
const status = async (id: string, of = shop) => (await of.message(id)).status

describe.skipIf(browser === null)(`a page${about}`, () => {
  test('collects a card for the server: the form opens, and the server gets what Stripe says', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user, '#form')
    const jobs = await shop.jobs()
    const intent = await shop.setupIntent()
    const data = { publicKey: 'pk_test_ofTheUiTests', title: 'Card', dataSecret: intent, elementType: 'card' }
    const id = await send(user, { data })
    await page.locator('[data-tollbridge-dialog][data-state="ready"]').waitFor({ state: 'attached' })
    await eventually(async () => (await status(id)) === 'claimed')
    const frame = page.frameLocator('iframe[title="Secure card payment input frame"]')
    await frame.locator('[name="cardnumber"]').fill('4242424242424242')
    await frame.locator('[name="exp-date"]').fill('12 / 34')
    await frame.locator('[name="cvc"]').fill('123')
    await frame.locator('[name="postal"]').fill('94107')
    await page.locator('[data-tollbridge-dialog] dialog').getByRole('button', { name: 'Save' }).click()
    const job = await eventually(() => jobs.of('callback').find((it) => it.message_id === id) ?? null)
    expect(job).toMatchObject({ callback: 'onSuccess', handler: 'saved', context: { verified: true } })
    expect(job.callback_data.setupIntent).toMatchObject({ id: intent.id, status: 'succeeded' })
    expect(job.original_message).toMatchObject({ companyId: 'c-7', data: { title: 'Card' } })
    jobs.close()
    await shop.ack(job.id)
  })

  test('gets the message without secrets of others, and answers without client secrets', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    const id = await send(user)
    await waitFor(page, id)
    const message = await page.evaluate(() => (window as World).opened[0].message)
    expect(message).toMatchObject({ id, companyId: 'c-7', scope: 'plugin:stripe' })
    const posted = page.waitForRequest('**/v1/ui/callbacks')
    const error = { message: 'No.', setup_intent: { id: 'seti_1', client_secret: 'seti_1_secret_1' } }
    await end(page, id, 'onFail', { error })
    expect((await posted).postDataJSON()).toEqual({
      id,
      callback: 'onFail',
      data: { error: { message: 'No.', setup_intent: { id: 'seti_1' } } },
    })
    await eventually(async () => (await status(id)) === 'settled')
  })

  test('shares a message with the user’s other tabs, of which one takes it', async () => {
    const [site, user, context] = [await openSite(), person(), await newContext()]
    const pages = await Promise.all([1, 2].map(() => openTab(context, site, user)))
    await connected(user, 2)
    const id = await send(user)
    await eventually(async () => (await status(id)) === 'claimed')
    const next = await send(user, { callbacks: { onCancel: 'gone' } })
    const owners = async () => {
      const open = await Promise.all(pages.map(openIn))
      return open.flatMap((ids, n) => (ids.includes(id) ? [n] : []))
    }
    await eventually(async () => (await owners()).length === 1)
    // The other one is free for the next.
    const [owner = 0] = await owners()
    const other = pages[1 - owner] as Page
    await waitFor(other, next)
    expect(await openIn(pages[owner] as Page)).toEqual([id])
    await shop.post(`/v1/ui/messages/${next}/cancel`)
    await eventually(async () => (await openIn(other)).length === 0)
  })

  test('opens a message again after a reload, in the same tab', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    const tab = () =>
      page.evaluate(async () => (await (window as World).tollbridge.ui.headers())['Tollbridge-Tab'])
    const before = await tab()
    const id = await send(user)
    await waitFor(page, id)
    await page.reload()
    expect(await tab()).toBe(before)
    await waitFor(page, id)
    await end(page, id, 'onFail')
    await eventually(async () => (await status(id)) === 'settled')
  })

  test('that is reloaded while Stripe saves its card ends the message well, and opens no form again', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    const intent = await shop.setupIntent()
    const id = await send(user, { data: { dataSecret: intent } })
    await waitFor(page, id)
    await shop.confirmSetup(intent)
    await page.reload()
    await eventually(async () => (await status(id)) === 'settled')
    expect((await shop.message(id)).callback).toMatchObject({ name: 'onSuccess', verified: true })
    expect(await openIn(page)).toEqual([])
  })

  test('that comes back while another tab has its message takes its form away', async () => {
    const [site, user, context] = [await openSite(), person(), await newContext()]
    const page = await openTab(context, site, user)
    const id = await send(user)
    await waitFor(page, id)
    // As the server answers a tab that was away for long, and another tab has taken its message since.
    const error = { type: 'invalid_request_error', code: 'ui_message_claimed', message: 'Taken.' }
    await page.route('**/claim', (route) =>
      route.fulfill({ status: 409, headers: { 'access-control-allow-origin': '*' }, json: { error } }),
    )
    await context.setOffline(true)
    await context.setOffline(false)
    await eventually(async () => (await openIn(page)).length === 0)
    expect(await page.evaluate(() => (window as World).opened[0].ended)).toBe('closed')
  })

  test('never shares its tab’s id with a tab that began as its copy', async () => {
    const [site, user, context] = [await openSite(), person(), await newContext()]
    await context.addInitScript(() => {
      ;(window as World).copied = sessionStorage.getItem('tollbridge:tab')
    })
    const page = await openTab(context, site, user)
    const idOf = (of: Page) =>
      of.evaluate(async () => (await (window as World).tollbridge.ui.headers())['Tollbridge-Tab'])
    const first = await idOf(page)
    const popup = context.waitForEvent('page')
    await page.evaluate(() => void open(location.href))
    const copy = await popup
    await copy.waitForLoadState()
    expect(await copy.evaluate(() => (window as World).copied)).toBe(first)
    const second = await idOf(copy)
    expect(first).toMatch(/^tab_/)
    expect(second).toMatch(/^tab_/)
    expect(second).not.toBe(first)
    expect(await idOf(page)).toBe(first)
  })

  test('sends an answer again until it has arrived, also after a reload', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    const id = await send(user)
    await waitFor(page, id)
    let lost = 0
    await page.route('**/v1/ui/callbacks', (route) => {
      lost += 1
      return route.abort('connectionreset')
    })
    await end(page, id, 'onFail', { error: { message: 'Kept.' } })
    await eventually(() => lost > 1)
    expect(await status(id)).toBe('claimed')
    await page.unroute('**/v1/ui/callbacks')
    await page.reload()
    await eventually(async () => (await status(id)) === 'settled')
    expect((await shop.message(id)).callback.data.error).toEqual({ message: 'Kept.' })
    expect(await openIn(page)).toEqual([])
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual(['tollbridge:tab'])
  })

  test('takes an answer whose own answer was lost as arrived', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    const id = await send(user)
    await waitFor(page, id)
    let tries = 0
    await page.route('**/v1/ui/callbacks', async (route) => {
      tries += 1
      if (tries > 1) return route.continue()
      await route.fetch()
      return route.abort('connectionreset')
    })
    await end(page, id, 'onFail')
    await page.waitForFunction(() => (window as World).opened[0].ended === 'answered')
    expect(tries).toBe(2)
    expect(await page.evaluate(() => (window as World).failures)).toEqual([])
  })

  test('goes on with a new token when the old one is over', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    await connected(user)
    expect(site.tokens()).toBe(1)
    const id = await send(user)
    await waitFor(page, id)
    let refused = 0
    await page.route('**/v1/ui/callbacks', (route) => {
      refused += 1
      if (refused > 1) return route.continue()
      const body = JSON.stringify({
        error: { type: 'authentication_error', code: 'ui_session_expired', message: '' },
      })
      return route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' }, body })
    })
    await end(page, id, 'onFail')
    await eventually(async () => (await status(id)) === 'settled')
    expect(site.tokens()).toBe(2)
  })

  test('tells its own server which tab asks, and the answer of that server comes to it', async () => {
    const [site, user, context] = [await openSite(), person(), await newContext()]
    const [page, other] = [await openTab(context, site, user), await openTab(context, site, user)]
    await connected(user, 2)
    await page.evaluate(async () => {
      await fetch('/ask', { headers: await (window as World).tollbridge.ui.headers() })
    })
    const headers = site.asked[0] ?? {}
    const caller = { session: headers['tollbridge-ui-session'], tab: headers['tollbridge-tab'] }
    const { body } = await shop.send({ target: 'caller', targetUsers: undefined, caller })
    expect(body).toMatchObject({ status: 'delivered', recipients: 1 })
    await waitFor(page, body.id)
    expect(await openIn(other)).toEqual([])
    await page.evaluate(() => (window as World).connection.close())
    await eventually(async () => (await openIn(page)).length === 0)
    expect(await status(body.id)).toBe('claimed')
  })

  test('says to shopper and author that the app’s server has lost its callback', async () => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user, '#form,heard')
    const intent = await shop.setupIntent()
    const data = { publicKey: 'pk_test_ofTheUiTests', title: 'Your card', dataSecret: intent }
    const callbacks = { onSuccess: 'inline:gone:1', onFail: 'inline:gone:2', onCancel: 'inline:gone:3' }
    const sendGone = () =>
      shop.send({ targetUsers: [user], data, callbacks }, { 'tollbridge-instance': 'gone' })
    const { body } = await sendGone()
    await page.locator('[data-tollbridge-dialog][data-state="ready"]').waitFor({ state: 'attached' })
    const frame = page.frameLocator('iframe[title="Secure card payment input frame"]')
    await frame.locator('[name="cardnumber"]').fill('4242424242424242')
    await frame.locator('[name="exp-date"]').fill('12 / 34')
    await frame.locator('[name="cvc"]').fill('123')
    await frame.locator('[name="postal"]').fill('94107')
    const dialog = page.locator('[data-tollbridge-dialog] dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog
      .getByRole('alert')
      .getByText('This could not be finished. Please try again from the shop.')
      .waitFor()
    expect(await dialog.getByRole('heading').textContent()).toBe('Your card')
    expect(await page.evaluate(() => (window as World).told)).toEqual([['ui_callback_gone', body.id]])
    await dialog.locator('footer').getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'detached' })

    // Who gives up knows that it is not done: the form goes, and the author alone is told.
    const next = await sendGone()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForFunction(() => (window as World).told.length === 2)
    expect(await page.evaluate(() => (window as World).told[1])).toEqual(['ui_callback_gone', next.body.id])
    expect(await dialog.count()).toBe(0)
    expect(await page.evaluate(() => (window as World).failures)).toEqual([])
  })

  test.each([
    [409, 'ui_message_settled'],
    [404, 'resource_missing'],
    [403, 'origin_refused'],
  ])('tells the shopper of an answer that is refused by %i, and reports it', async (code, name) => {
    const [site, user] = [await openSite(), person()]
    const page = await openTab(await newContext(), site, user)
    await page.route('**/v1/ui/callbacks', (route) =>
      route.fulfill({
        status: code,
        headers: { 'access-control-allow-origin': '*' },
        json: { error: { type: 'invalid_request_error', code: name, message: 'No.' } },
      }),
    )
    const id = await send(user)
    await waitFor(page, id)
    await end(page, id, 'onSuccess')
    await page.getByRole('alert').getByText('This could not be finished.').waitFor()
    expect(await page.evaluate(() => (window as World).failures)).toEqual([name])
    // The dialog is the connection's, and goes with it.
    await page.evaluate(() => (window as World).connection.close())
    await page.locator('[data-tollbridge-dialog]').waitFor({ state: 'detached' })
  })

  test('says where the page’s author sees it that its session is of no use', async () => {
    const [site, user] = [await openSite(), person()]
    site.session = { origin: 'https://another.example' }
    const page = await openTab(await newContext(), site, user)
    await page.waitForFunction(() => (window as World).failures.length > 0)
    expect(await page.evaluate(() => (window as World).failures)).toEqual(['origin_refused'])
  })
})
