/** The shops' own servers, below a running server and by hand. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createExamples } from '../../examples/src/index.ts'
import { createTollbridge } from '../../packages/node/src/index.ts'
import type { ExampleShops } from '../../packages/server/src/pages/examples.ts'
import { eventually } from '../support/eventually.ts'
import { startTollbridge, type Tollbridge } from '../support/start-tollbridge.ts'
import { ensureBuilt } from './support/built.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let tollbridge: Tollbridge
beforeAll(async () => {
  await ensureBuilt()
  tollbridge = await startTollbridge()
}, 240_000)
afterAll(() => tollbridge.stop())

/** The cookie by which a shop knows whoever has opened its page. */
async function open(shop: string): Promise<string> {
  const answer = await fetch(`${tollbridge.url}/examples/${shop}/`)
  expect(answer.status).toBe(200)
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

async function ask(shop: string, route: string, body: unknown, cookie: string, headers = {}) {
  const answer = await fetch(`${tollbridge.url}/examples/${shop}/api/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, ...headers },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}

test('what the server mounts is what the package offers', () => {
  const { url, appId, clientKey, serverKey } = tollbridge
  const shops: ExampleShops = createExamples({ url, appId, clientKey, serverKey, path: '/examples' })
  expect(shops.links.map(({ path }) => path)).toEqual([
    '/examples/pay-button/',
    '/examples/modal-checkout/',
    '/examples/backendless-shop/',
  ])
})

test('a page holds the public key and not the secret one, under a strict policy', async () => {
  for (const shop of ['pay-button', 'modal-checkout', 'backendless-shop']) {
    const answer = await fetch(`${tollbridge.url}/examples/${shop}/`)
    const html = await answer.text()
    expect(html).toContain(tollbridge.clientKey)
    expect(html).not.toContain(tollbridge.serverKey)
    expect(html).not.toContain('{{')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
  }
})

test('only what a shop lists is given out', async () => {
  for (const path of ['server.ts', '..%2fshops.ts', '../../package.json', 'constructor', 'nothing/here']) {
    const { status } = await fetch(`${tollbridge.url}/examples/pay-button/${path}`)
    expect([path, status]).toEqual([path, 404])
  }
  expect((await fetch(`${tollbridge.url}/examples/no-such-shop/`)).status).toBe(404)
  expect((await fetch(`${tollbridge.url}/examples/pay-button`)).url).toBe(
    `${tollbridge.url}/examples/pay-button/`,
  )
})

test('a shop’s server takes JSON of its own visitors, and says what is wrong with the rest', async () => {
  const cookie = await open('pay-button')
  expect(await ask('pay-button', 'quote', { cart: { notebook: 1 } }, '')).toMatchObject({ status: 401 })
  expect(await ask('pay-button', 'quote', [], cookie)).toMatchObject({ status: 400 })
  expect(
    await ask('pay-button', 'quote', { cart: {} }, cookie, { 'content-type': 'text/plain' }),
  ).toMatchObject({ status: 415 })
  for (const cart of [{}, { notebook: -1 }, { notebook: 0.5 }, { notebook: 21 }, { yacht: 1 }]) {
    const { status, body } = await ask('pay-button', 'quote', { cart }, cookie)
    expect([cart, status]).toEqual([cart, 400])
    expect(body.error.message).toMatch(/^The /)
  }
})

test('the cart is priced by the shop’s server, for the order of that visitor', async () => {
  const cookie = await open('pay-button')
  const first = await ask('pay-button', 'quote', { cart: { notebook: 2, eraser: 1 } }, cookie)
  expect(first).toMatchObject({ status: 200, body: { amount: 3220, currency: 'eur' } })
  const second = await ask('pay-button', 'quote', { cart: { eraser: 1 } }, cookie)
  expect(second.body).toMatchObject({ amount: 320, orderId: first.body.orderId })
  const another = await ask('pay-button', 'quote', { cart: { eraser: 1 } }, await open('pay-button'))
  expect(another.body.orderId).not.toBe(first.body.orderId)
})

test('an order that is not paid is not shipped, whatever the page says', async () => {
  const cookie = await open('pay-button')
  const { body } = await ask('pay-button', 'quote', { cart: { eraser: 1 } }, cookie)
  const made = await fetch(`${tollbridge.url}/v1/payments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tollbridge.clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ quote: body.quote }),
  })
  const { id } = await made.json()
  expect(await ask('pay-button', 'paid', { payment: id }, cookie)).toMatchObject({
    status: 409,
    body: { error: { message: 'This order is not paid.' } },
  })
})

test('a month that is paid twice at the same moment is charged once', async () => {
  const { url, appId, clientKey, serverKey } = tollbridge
  const shops = createExamples({ url, appId, clientKey, serverKey })
  onTestFinished(() => shops.close())
  const page = await shops.handle(new Request('http://shop.test/modal-checkout/'))
  const cookie = page?.headers.get('set-cookie')?.split(';')[0] ?? ''
  const askShop = async (route: string, body: object = {}) => {
    const headers = { 'content-type': 'application/json', cookie }
    const request = { method: 'POST', headers, body: JSON.stringify(body) }
    return (await shops.handle(new Request(`http://shop.test/modal-checkout/api/${route}`, request)))?.json()
  }
  const { stripe } = createTollbridge({ url, serverKey })
  const { id: setupIntent } = await askShop('setup-intent')
  const saved = await stripe.setupIntents.confirm.post(setupIntent, { payment_method: 'pm_card_visa' })
  await askShop('card-saved', { setupIntent })
  await Promise.all([askShop('pay'), askShop('pay')])
  const { data } = await stripe.charges.get<{ data: { paid: boolean }[] }>({ customer: saved['customer'] })
  expect(data.filter(({ paid }) => paid)).toHaveLength(1)
})

function runExample(name: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--conditions=source', 'examples/src/run-example.ts', name], {
    cwd: root,
    env: { ...process.env, TOLLBRIDGE_DATA_DIR: tollbridge.dataDir, EXAMPLE_PORT: '0', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  return { said: () => said, ended }
}

test('each shop runs by hand, on a port of its own', async () => {
  const { said } = runExample('modal-checkout')
  const address = await eventually(
    () => /http:\/\/localhost:\d+\/modal-checkout\//.exec(said())?.[0] ?? null,
    {
      timeoutMs: 15_000,
      what: `an address in: ${said()}`,
    },
  )
  const page = await fetch(new URL('/', address))
  expect(page.url).toBe(address)
  expect(await page.text()).toContain('Save a card, pay with it later')
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
  const answer = await fetch(`${address}api/setup-intent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: '{}',
  })
  expect(await answer.json()).toMatchObject({ id: expect.stringMatching(/^seti_/) })
})

test('a name that is none, and a server that is not there, are told with what to do', async () => {
  const wrong = runExample('yacht')
  expect(await wrong.ended).toBe(1)
  expect(wrong.said()).toContain('npm run example pay-button | modal-checkout | backendless-shop')
  const early = runExample('pay-button', { TOLLBRIDGE_DATA_DIR: join(tollbridge.dataDir, 'nothing') })
  expect(await early.ended).toBe(1)
  expect(early.said()).toContain('start Tollbridge in sandbox mode first, with npm start')
})
