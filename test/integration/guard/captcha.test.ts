/** The captcha hook against a verification service of the tests, over real HTTP. */
import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { charge, codeOf } from '../../support/api-client.ts'
import { botAddress, type Guarded, startGuarded } from './start-guarded.ts'

interface Asked {
  readonly path: string
  readonly form: URLSearchParams
}

let service: Server
let origin: string
let asked: Asked[]
let answer: (form: URLSearchParams) => object | 'silence' | 'garbage'
let server: Guarded

/** As both services answer. */
const judge = (form: URLSearchParams) =>
  form.get('response') === 'solved'
    ? { success: true, hostname: 'shop.example.com' }
    : { success: false, 'error-codes': ['invalid-input-response'] }

beforeAll(async () => {
  service = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const form = new URLSearchParams(body)
      asked.push({ path: request.url ?? '', form })
      const verdict = answer(form)
      if (verdict === 'silence') return
      response.setHeader('content-type', 'application/json')
      response.end(verdict === 'garbage' ? '<html>' : JSON.stringify(verdict))
    })
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(() => {
  service.closeAllConnections()
  service.close()
})
beforeEach(() => {
  asked = []
  answer = judge
})
afterEach(() => server.stop())

const start = (env: Record<string, string> = {}) =>
  startGuarded({
    CAPTCHA_PROVIDER: 'turnstile',
    CAPTCHA_SITE_KEY: 'site-key',
    CAPTCHA_SECRET: 'captcha-secret',
    CAPTCHA_API_BASE: origin,
    CAPTCHA_TIMEOUT_SECONDS: '1',
    ...env,
  })

test.each([
  ['turnstile', '/turnstile/v0/siteverify'],
  ['hcaptcha', '/siteverify'],
])('%s, always: the page is told what to show, and its answer is verified', async (provider, path) => {
  server = await start({ CAPTCHA_PROVIDER: provider, CAPTCHA_AFTER_FAILURES: '0' })
  const refused = await server.tryFrom('203.0.113.7', { token: 'tok_visa' })
  expect([refused.status, codeOf(refused)]).toEqual([403, 'captcha_required'])
  expect(refused.body['errorData']).toMatchObject({
    param: 'captcha',
    captcha: { provider, site_key: 'site-key' },
  })
  expect(asked).toEqual([])

  const wrong = await server.tryFrom('203.0.113.7', { token: 'tok_visa', captcha: 'guessed' })
  expect([wrong.status, codeOf(wrong)]).toEqual([403, 'captcha_failed'])
  expect(await server.chargesAtStripe()).toBe(0)

  const paid = await server.tryFrom('203.0.113.7', { token: 'tok_visa', captcha: 'solved' })
  expect(paid.body).toMatchObject({ status: 'succeeded' })
  expect(asked.map(({ path: seen }) => seen)).toEqual([path, path])
  expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
    secret: 'captcha-secret',
    sitekey: 'site-key',
    response: 'solved',
    remoteip: '203.0.113.7',
  })
})

test('after failures: nobody is asked before, and only their address then', async () => {
  server = await start({ CAPTCHA_AFTER_FAILURES: '2' })
  for (let n = 0; n < 2; n++) expect((await server.tryFrom('198.51.100.1')).status).toBe(402)
  expect(codeOf(await server.tryFrom('198.51.100.1'))).toBe('captcha_required')
  expect((await server.tryFrom('203.0.113.7', { token: 'tok_visa' })).status).toBe(200)
  expect(asked).toEqual([])
  const solved = await server.tryFrom('198.51.100.1', { token: 'tok_visa', captcha: 'solved' })
  expect(solved.body).toMatchObject({ status: 'succeeded' })
})

test('a botnet that wears out the client key meets the captcha, and a person passes it', async () => {
  server = await start({ GUARD_CLIENT_KEY: '2000/10 in 10m' })
  for (let n = 0; n < 40; n++) {
    expect((await server.tryFrom(botAddress(n))).status).toBe(n < 10 ? 402 : 403)
  }
  expect(await server.chargesAtStripe()).toBe(10)
  const person = await server.tryFrom('203.0.113.7', { token: 'tok_visa', captcha: 'solved' })
  expect(person.body).toMatchObject({ status: 'succeeded' })
})

test('solved captchas lift no limit of the address', async () => {
  server = await start({ CAPTCHA_AFTER_FAILURES: '0' })
  for (let n = 0; n < 5; n++) {
    expect((await server.tryFrom('198.51.100.1', { captcha: 'solved' })).status).toBe(402)
  }
  expect((await server.tryFrom('198.51.100.1', { captcha: 'solved' })).status).toBe(429)
})

test.each([
  ['says nothing', 'silence'],
  ['answers no JSON', 'garbage'],
  ['refuses our secret', { success: false, 'error-codes': ['invalid-input-secret'] }],
] as const)('a service that %s charges nothing, and the same request works later', async (_name, verdict) => {
  server = await start({ CAPTCHA_AFTER_FAILURES: '0' })
  answer = () => verdict
  const body = { token: await server.freshToken(), captcha: 'solved' }
  const refused = await server.tryFrom('203.0.113.7', body)
  expect([refused.status, codeOf(refused)]).toEqual([503, 'captcha_unavailable'])
  expect(await server.chargesAtStripe()).toBe(0)
  answer = judge
  expect((await server.tryFrom('203.0.113.7', body)).body).toMatchObject({ status: 'succeeded' })
})

test('a server key is never asked', async () => {
  server = await start({ CAPTCHA_AFTER_FAILURES: '0' })
  const answer_ = await charge(server, { token: 'tok_visa', amount: 500 }, { key: server.serverKey })
  expect(answer_.body).toMatchObject({ status: 'succeeded' })
})
