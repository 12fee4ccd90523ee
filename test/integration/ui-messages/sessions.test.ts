/** Who may receive and answer messages: by token, by tab and by origin. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ORIGIN, openShop, type Shop, type Tab } from './open-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.stop())
afterEach(() => {
  vi.useRealTimers()
})

const open = (headers: object) => fetch(`${shop.url}/v1/ui/stream`, { headers: { ...headers } })
const code = async (response: Response) => [response.status, (await response.json()).error.code]

/** All three requests of a page, which must be refused alike. */
async function refusals(tab: Tab): Promise<unknown[]> {
  const { body } = await shop.send()
  const claim = await tab.claim(body.id)
  const answer = await tab.answer(body.id, 'onFail')
  const seen = [
    await code(await open(tab.headers)),
    [claim.status, claim.body.error.code],
    [answer.status, answer.body.error.code],
  ]
  expect(await shop.message(body.id)).toMatchObject({ status: 'queued', callback: null })
  return seen
}
const everywhere = (status: number, error: string) => [1, 2, 3].map(() => [status, error])

describe('a session', () => {
  test('says whose it is and until when, and is for server keys alone', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { status, body } = await shop.post('/v1/ui/sessions', {
      user: 'anna',
      origin: ORIGIN,
      expires_in: 60,
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      object: 'ui_session',
      id: expect.stringMatching(/^uis_\w{32}$/),
      user: 'anna',
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_at: expect.any(Number),
    })
    expect(body.expires_at - before).toBeGreaterThanOrEqual(60)
    expect(body.expires_at - before).toBeLessThan(65)
    const client = { authorization: `Bearer ${shop.clientKey}` }
    const refused = await shop.post('/v1/ui/sessions', { user: 'anna', origin: ORIGIN }, client)
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'server_key_required' } } })
  })

  test.each([
    [{ origin: ORIGIN }, 'user'],
    [{ user: '', origin: ORIGIN }, 'user'],
    [{ user: 'anna' }, 'origin'],
    [{ user: 'anna', origin: 'https://shop.example/' }, 'origin'],
    [{ user: 'anna', origin: 'shop.example' }, 'origin'],
    [{ user: 'anna', origin: [] }, 'origin'],
    [{ user: 'anna', origin: ORIGIN, expires_in: 59 }, 'expires_in'],
    [{ user: 'anna', origin: ORIGIN, expires_in: 86_401 }, 'expires_in'],
    [{ user: 'anna', origin: ORIGIN, admin: true }, 'admin'],
  ])('cannot be made from %j', async (body, param) => {
    const answer = await shop.post('/v1/ui/sessions', body)
    expect(answer).toMatchObject({ status: 400, body: { error: { param } } })
  })
})

describe('a page is refused', () => {
  test('without a token, or with a forged one', async () => {
    const token = await shop.session('anna')
    const [head, claims, signature] = token.split('.') as [string, string, string]
    const others = Buffer.from(JSON.stringify({ ...JSON.parse(atob(claims)), sub: 'bert' })).toString(
      'base64url',
    )
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const forged = [
      '',
      'nonsense',
      `${head}.${others}.${signature}`,
      `${none}.${others}.`,
      `${head}.${claims}.`,
    ]
    for (const it of forged) {
      expect(await refusals(await shop.tab('anna', { token: it }))).toEqual(
        everywhere(401, 'ui_session_invalid'),
      )
    }
    expect(await code(await open({ origin: ORIGIN }))).toEqual([401, 'ui_session_invalid'])
  })

  test('with a token of another kind, signed by the same key', async () => {
    const { id } = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd' })
    expect(id).toMatch(/^pi_/)
    const { body } = await shop.post('/v1/payments', { order_id: 'o1', amount: 500, currency: 'usd' })
    expect(body.watch_token).toMatch(/\./)
    const tab = await shop.tab('anna', { token: body.watch_token })
    expect(await refusals(tab)).toEqual(everywhere(401, 'ui_session_invalid'))
    const follow = await fetch(`${shop.url}/v1/stream?selector=${encodeURIComponent("orderId='o1'")}`, {
      headers: { 'tollbridge-watch-token': await shop.session('anna') },
    })
    expect(follow.status).toBe(401)
  })

  test('when its token has expired', async () => {
    const tab = await shop.tab('anna', { token: await shop.session('anna', { expires_in: 60 }) })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect(await refusals(tab)).toEqual(everywhere(401, 'ui_session_expired'))
  })

  test('from another origin than its session’s', async () => {
    for (const origin of [
      'https://evil.example',
      'https://shop.example.evil.example',
      'http://shop.example',
      'null',
    ]) {
      expect(await refusals(await shop.tab('anna', { origin }))).toEqual(everywhere(403, 'origin_refused'))
    }
  })

  test('without a tab of its own', async () => {
    for (const id of ['', 'tab_short', 'tab_0123456789abcdef!', 'x'.repeat(80)]) {
      expect(await refusals(await shop.tab('anna', { id }))).toEqual(everywhere(401, 'ui_session_invalid'))
    }
  })
})

describe('the origin', () => {
  const token = (origin: unknown) => shop.session('anna', { origin })
  const opens = async (headers: object) => {
    const abort = new AbortController()
    const response = await fetch(`${shop.url}/v1/ui/stream`, {
      headers: { ...headers },
      signal: abort.signal,
    })
    abort.abort()
    return response.status
  }
  const tab = { 'tollbridge-tab': 'tab_0123456789abcdef' }

  test('may be one of several, or be left unchecked', async () => {
    const two = await token([ORIGIN, 'http://localhost:5173'])
    expect(await opens({ ...tab, 'tollbridge-ui-session': two, origin: 'http://localhost:5173' })).toBe(200)
    const any = await token('*')
    expect(await opens({ ...tab, 'tollbridge-ui-session': any, origin: 'https://any.example' })).toBe(200)
    expect(await opens({ ...tab, 'tollbridge-ui-session': any })).toBe(200)
  })

  test('is read from the page’s address where a browser sends none, as when it reads from its own origin', async () => {
    const own = { ...tab, 'tollbridge-ui-session': await token(shop.url) }
    expect(await opens({ ...own, referer: `${shop.url}/examples/cart` })).toBe(200)
    expect(await opens({ ...own, referer: 'https://evil.example/' })).toBe(403)
    expect(await opens({ ...own, 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await opens({ ...own, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await opens(own)).toBe(403)
    const others = { ...tab, 'tollbridge-ui-session': await token(ORIGIN), 'sec-fetch-site': 'same-origin' }
    expect(await opens(others)).toBe(403)
  })

  test('lets browsers ask from other origins, with the headers of a page', async () => {
    const asked = await fetch(`${shop.url}/v1/ui/callbacks`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,tollbridge-tab,tollbridge-ui-session',
      },
    })
    expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(asked.headers.get('access-control-allow-headers')).toContain('tollbridge-ui-session')
  })
})

test('a stream ends with its session', async () => {
  const tab = await shop.tab('anna', { token: await shop.session('anna', { expires_in: 60 }) })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 58_900 })
  const stream = await tab.stream()
  expect(await stream.next('error')).toMatchObject({ error: { code: 'ui_session_expired' } })
  await stream.reader.ended
})
