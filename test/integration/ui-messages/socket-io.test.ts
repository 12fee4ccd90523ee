/** Messages for pages over Socket.IO: the same as over server-sent events, on a connection that pages have anyway. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type ContractClient, createContractClient } from '../realtime/contract-client.ts'
import { ORIGIN, openShop, type Shop } from './open-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.stop())
const clients: ContractClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

let tabs = 0
interface Page {
  readonly client: ContractClient
  readonly proof: { readonly token: string; readonly tab: string }
  /** What came for the subscription `ui`. */
  // biome-ignore lint/suspicious/noExplicitAny: looked into field by field
  next(type: 'message' | 'end', n?: number): Promise<any>
}

async function connect(
  user: string,
  { origin = ORIGIN, transports = ['websocket'], tab = '' } = {},
): Promise<Page> {
  const client = createContractClient({
    url: shop.url,
    appId: shop.appId,
    query: { apiKey: shop.clientKey },
    io: { transports, extraHeaders: { origin } },
  })
  clients.push(client)
  await client.connected()
  const proof = { token: await shop.session(user), tab: tab || `tab_socket_io_abcdef_${++tabs}` }
  return {
    client,
    proof,
    next: (type, n = 1) =>
      eventually(() => {
        // biome-ignore lint/suspicious/noExplicitAny: as above
        const data = client.answers('ui').flatMap((answer): any[] => (answer.data ? [answer.data] : []))
        return data.filter((it) => it.type === type)[n - 1] ?? null
      }),
  }
}

async function subscribe(user: string, options: Parameters<typeof connect>[1] = {}): Promise<Page> {
  const page = await connect(user, options)
  page.client.subscribe('ui', 'UI_MESSAGES', page.proof)
  await eventually(() => page.client.isReady('ui'))
  return page
}

describe.each([['websocket'], ['polling']])('over %s', (transport) => {
  test('all that waits comes, however much it is, as fast as the page reads', async () => {
    const user = `much-${transport}`
    const dataSecret = (await shop.setupIntent()).client_secret
    const note = 'x'.repeat(60_000)
    const sent: string[] = []
    for (let n = 0; n < 40; n += 1) {
      sent.push((await shop.send({ targetUsers: [user], data: { dataSecret, note } })).body.id)
    }
    const page = await subscribe(user, { transports: [transport] })
    await page.next('message', sent.length)
    const told = page.client.answers('ui').flatMap(({ data }) => (data ? [data] : []))
    expect(told).toMatchObject(sent.map((id) => ({ type: 'message', message: { id } })))
  })

  test('a message comes, is claimed, and is answered', async () => {
    const user = `u-${transport}`
    const page = await subscribe(user, { transports: [transport] })
    const intent = await shop.setupIntent()
    const { body } = await shop.send({ targetUsers: [user], data: { dataSecret: intent } })
    expect(body).toMatchObject({ status: 'delivered', recipients: 1 })
    const { message } = await page.next('message')
    expect(message).toMatchObject({ id: body.id, callbackNames: ['onSuccess', 'onFail'] })
    const claimed = await page.client.call('m1', 'UI_CLAIM', { ...page.proof, id: body.id })
    expect(claimed.result).toEqual({ object: 'ui_claim', id: body.id })
    await shop.confirmSetup(intent)
    const answered = await page.client.call('m2', 'UI_CALLBACK', {
      ...page.proof,
      id: body.id,
      callback: 'onSuccess',
      data: {},
    })
    expect(answered.result).toEqual({
      object: 'ui_callback',
      id: body.id,
      callback: 'onSuccess',
      verified: true,
    })
    expect(await page.next('end')).toEqual({ type: 'end', id: body.id, reason: 'settled' })
  })
})

test('tabs of both transports compete for one message', async () => {
  const socket = await subscribe('carl')
  const tab = await shop.tab('carl')
  const stream = await tab.stream()
  const { body } = await shop.send({ targetUsers: ['carl'] })
  await Promise.all([socket.next('message'), stream.next('message')])
  await tab.claim(body.id)
  expect(await socket.next('end')).toEqual({ type: 'end', id: body.id, reason: 'claimed' })
  const late = await socket.client.call('m1', 'UI_CLAIM', { ...socket.proof, id: body.id })
  expect(late.error).toMatchObject({ code: 409, details: { code: 'ui_message_claimed' } })
  stream.close()
})

test('who comes back gets what waits, and after SUB_OFF nothing', async () => {
  const page = await subscribe('dora')
  page.client.unsubscribe('ui')
  const { body } = await shop.send({ targetUsers: ['dora'] })
  // The answer to a method that comes later shows that nothing came before.
  await page.client.call('m0', 'SET_USER_TOKEN', { userToken: 'x' })
  expect(page.client.answers('ui')).toEqual([])
  const again = await subscribe('dora', { tab: page.proof.tab })
  expect((await again.next('message')).message.id).toBe(body.id)
})

test('an answer that waits for Stripe holds nothing else up', async () => {
  const page = await subscribe('emil')
  const { body } = await shop.send({ targetUsers: ['emil'] })
  let letGo = () => {}
  const asked = new Promise<void>((resolve) => {
    shop.proxy.decideWith(() => {
      resolve()
      return { kind: 'timeout_before' }
    })
    letGo = () => shop.proxy.reset()
  })
  const answer = page.client.call('m1', 'UI_CALLBACK', { ...page.proof, id: body.id, callback: 'onSuccess' })
  await asked
  await page.client.call('m2', 'SET_USER_TOKEN', { userToken: 'x' })
  expect(page.client.answers('m1')).toEqual([])
  expect((await answer).error).toMatchObject({ code: 504, details: { code: 'stripe_timeout' } })
  letGo()
  const repeated = await page.client.call('m3', 'UI_CALLBACK', {
    ...page.proof,
    id: body.id,
    callback: 'onSuccess',
  })
  expect(repeated.result).toMatchObject({ callback: 'onFail', verified: false })
})

describe('is refused', () => {
  test.each([
    ['a forged token', { token: 'forged' }, 401, 'ui_session_invalid'],
    ['no token', { token: undefined }, 401, 'ui_session_invalid'],
    ['a tab without an id', { tab: 'x' }, 401, 'ui_session_invalid'],
  ])('%s', async (_, wrong, code, name) => {
    const page = await connect('fred')
    page.client.subscribe('ui', 'UI_MESSAGES', { ...page.proof, ...wrong })
    expect(await page.client.errorOf('ui')).toMatchObject({ code, details: { code: name } })
    const { body } = await shop.send({ targetUsers: ['fred'] })
    const claim = await page.client.call('m1', 'UI_CLAIM', { ...page.proof, ...wrong, id: body.id })
    expect(claim.error).toMatchObject({ code, details: { code: name } })
    expect((await shop.message(body.id)).status).toBe('queued')
  })

  test('another origin', async () => {
    const page = await connect('gina', { origin: 'https://evil.example' })
    page.client.subscribe('ui', 'UI_MESSAGES', page.proof)
    expect(await page.client.errorOf('ui')).toMatchObject({ code: 403, details: { code: 'origin_refused' } })
  })

  test('an answer to somebody else’s message, one of a strange form, and one over 64 KiB', async () => {
    const page = await connect('hans')
    const { body } = await shop.send({ targetUsers: ['ida'] })
    const call = (id: string, options: object) =>
      page.client.call(id, 'UI_CALLBACK', { ...page.proof, id: body.id, callback: 'onFail', ...options })
    expect((await call('m1', {})).error?.details).toMatchObject({ code: 'resource_missing', param: 'id' })
    expect((await call('m2', { callback: 7 })).error?.details).toMatchObject({ param: 'callback' })
    expect((await call('m3', { admin: true })).error?.details).toMatchObject({ param: 'admin' })
    const large = await call('m4', { data: 'x'.repeat(65 * 1024) })
    expect(large.error?.details).toMatchObject({ code: 'body_too_large' })
  })
})
