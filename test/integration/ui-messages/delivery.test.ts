/** How a message reaches its pages: whom, when, once, and what becomes of it without an answer. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type EventReader, openShop, type Shop } from './open-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.stop())
const open: EventReader[] = []
afterEach(() => {
  for (const stream of open.splice(0)) stream.close()
  vi.useRealTimers()
})

let people = 0
const person = () => `person-${++people}`
const streamOf = async (tab: { stream(): Promise<EventReader> }) => {
  const stream = await tab.stream()
  open.push(stream)
  return stream
}
const ids = (stream: EventReader) => stream.of('message').map(({ id }) => id)
const to = (user: string, more: object = {}) => ({ targetUsers: [user], ...more })

describe('what a page gets', () => {
  test('is all that waits, however much it is, as fast as the page reads', async () => {
    const user = person()
    const dataSecret = (await shop.setupIntent()).client_secret
    const note = 'x'.repeat(60_000)
    const sent: string[] = []
    for (let n = 0; n < 60; n += 1)
      sent.push((await shop.send(to(user, { data: { dataSecret, note } }))).body.id)
    const stream = await streamOf(await shop.tab(user))
    await eventually(() => stream.of('message').length === sent.length || stream.of('error').length > 0, {
      what: 'all messages',
    })
    expect(stream.of('error')).toEqual([])
    expect(ids(stream)).toEqual(sent)
  })

  test('is the message without handlers, and of the SetupIntent no more than it needs', async () => {
    const user = person()
    const stream = await streamOf(await shop.tab(user))
    const intent = await shop.setupIntent()
    const { status, body } = await shop.send({
      ...to(user),
      data: { title: '<b>Card</b>', dataSecret: intent, elementOptions: null },
      callbacks: {
        onFail: { handler: 'failed', data: { secret: 'of the server' } },
        onSuccess: { handler: 'saved' },
      },
      companyId: 'c-7',
      order: { id: 1 },
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      object: 'ui_message',
      id: expect.stringMatching(/^uim_\w{32}$/),
      status: 'delivered',
      recipients: 1,
      expires_at: expect.any(Number),
    })
    const { client_secret } = intent
    expect(await stream.next('message')).toEqual({
      id: body.id,
      scope: 'plugin:stripe',
      name: 'collectPaymentInformation',
      data: { title: '<b>Card</b>', dataSecret: { id: intent.id, client_secret }, elementOptions: null },
      callbackNames: ['onFail', 'onSuccess'],
      expiresAt: expect.any(Number),
      extras: { companyId: 'c-7', order: { id: 1 } },
    })
    expect(JSON.stringify(stream.reader.blocks)).not.toContain('of the server')
  })

  test('is what was sent before it came, in order, and nothing of others', async () => {
    const [user, other] = [person(), person()]
    const first = await shop.send(to(user))
    const second = await shop.send(to(user))
    await shop.send(to(other))
    expect([first.body.status, first.body.recipients]).toEqual(['queued', 0])
    const stream = await streamOf(await shop.tab(user))
    await stream.next('message', 2)
    expect(ids(stream)).toEqual([first.body.id, second.body.id])
    await eventually(async () => (await shop.message(first.body.id)).status === 'delivered')
  })

  test('is for the caller’s tab alone, where one is named', async () => {
    const user = person()
    const [here, there] = [await shop.tab(user), await shop.tab(user)]
    const [mine, others] = [await streamOf(here), await streamOf(there)]
    const caller = { session: await shop.session(user), tab: here.id }
    const sent = await shop.send({ target: 'caller', targetUsers: undefined, caller })
    expect(sent.body).toMatchObject({ status: 'delivered', recipients: 1 })
    await mine.next('message')
    const toAll = await shop.send(to(user))
    expect(toAll.body.recipients).toBe(2)
    await others.next('message')
    expect(ids(others)).toEqual([toAll.body.id])
  })

  test('may be sent to the tab that answered a callback', async () => {
    const tab = await shop.tab(person())
    const stream = await streamOf(tab)
    const user = `person-${people}`
    await shop.send({ target: 'caller', targetUsers: undefined, caller: { user, tab: tab.id } })
    expect(await stream.next('message')).toMatchObject({ name: 'collectPaymentInformation' })
  })
})

describe('of several tabs', () => {
  test('the first to claim it has it, and the others are told to close it', async () => {
    const user = person()
    const tabs = await Promise.all([1, 2, 3].map(() => shop.tab(user)))
    const streams = await Promise.all(tabs.map(streamOf))
    const { body } = await shop.send(to(user))
    await Promise.all(streams.map((stream) => stream.next('message')))
    const claims = await Promise.all(tabs.map((tab) => tab.claim(body.id)))
    const winner = claims.findIndex(({ status }) => status === 200)
    expect(claims.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    const losers = streams.filter((_, n) => n !== winner)
    for (const loser of losers) expect(await loser.next('end')).toEqual({ id: body.id, reason: 'claimed' })
    await tabs[winner]?.answer(body.id, 'onFail')
    expect(await streams[winner]?.next('end')).toEqual({ id: body.id, reason: 'settled' })
    for (const loser of losers) expect(loser.of('end')).toHaveLength(1)
  })

  test('one that comes after the claim gets nothing, and the claimer gets it again after a reload', async () => {
    const user = person()
    const tab = await shop.tab(user)
    const { body } = await shop.send(to(user))
    const later = await shop.send(to(user))
    await tab.claim(body.id)
    const other = await streamOf(await shop.tab(user))
    await other.next('message')
    expect(ids(other)).toEqual([later.body.id])
    const again = await streamOf(tab)
    await again.next('message', 2)
    expect(ids(again)).toEqual([body.id, later.body.id])
  })
})

describe('a message ends', () => {
  test('for its pages when it is canceled', async () => {
    const user = person()
    const stream = await streamOf(await shop.tab(user))
    const { body } = await shop.send(to(user))
    await stream.next('message')
    const canceled = await shop.post(`/v1/ui/messages/${body.id}/cancel`)
    expect(canceled.body).toMatchObject({ status: 'canceled', ended_at: expect.any(Number), callback: null })
    expect(await stream.next('end')).toEqual({ id: body.id, reason: 'canceled' })
    await streamOf(await shop.tab(user)).then((fresh) => expect(ids(fresh)).toEqual([]))
  })

  test('at its time: expired where a page had it, undeliverable where none had', async () => {
    const [user, nobody] = [person(), person()]
    const stream = await streamOf(await shop.tab(user))
    const sent = await shop.send(to(user, { ttlMs: 1_000 }))
    const lost = await shop.send(to(nobody, { ttlMs: 1_000 }))
    expect(await stream.next('end')).toEqual({ id: sent.body.id, reason: 'expired' })
    await eventually(async () => (await shop.message(lost.body.id)).ended_at !== null)
    expect(await shop.message(sent.body.id)).toMatchObject({ status: 'expired' })
    expect(await shop.message(lost.body.id)).toMatchObject({ status: 'undeliverable' })
  })

  test('after half an hour unless told otherwise', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { body } = await shop.send()
    expect(body.expires_at - before).toBeGreaterThanOrEqual(1_800)
    expect(body.expires_at - before).toBeLessThan(1_805)
  })

  test('at once, and loudly, where its caller is no page with a session', async () => {
    const tab = 'tab_0123456789abcdef'
    const noone = [
      undefined,
      null,
      { session: 'forged', tab },
      { session: await shop.session('anna'), tab: 'x' },
    ]
    for (const caller of noone) {
      const { status, body } = await shop.send({ target: 'caller', targetUsers: undefined, caller })
      expect([status, body.status, body.recipients]).toEqual([201, 'undeliverable', 0])
      expect(await shop.message(body.id)).toMatchObject({ status: 'undeliverable', users: [] })
    }
  })
})

describe('what cannot be sent', () => {
  const setup = { data: { dataSecret: 'seti_1_secret_1' } }
  test.each([
    ['to everybody', { target: 'allUsers' }, 'target', /allUsers is refused/],
    ['to no users', { targetUsers: undefined }, 'targetUsers', /missing/],
    ['to an empty list', { targetUsers: [] }, 'targetUsers', /name a user/],
    ['to a caller and users', { target: 'caller' }, 'targetUsers', /target users/],
    ['for another plugin', { scope: 'plugin:plaid' }, 'scope', /no function/],
    ['for another function', { name: 'open' }, 'name', /collectPaymentInformation/],
    [
      'with a callback that the function has not',
      { callbacks: { onEvent: 'x' } },
      'callbacks.onEvent',
      /onCancel/,
    ],
    ['with a handler that is none', { callbacks: { onFail: 7 } }, 'callbacks.onFail', /handler/],
    [
      'with a function of another process',
      { callbacks: { onFail: 'inline:other:1' } },
      'callbacks.onFail',
      /inline/,
    ],
    ['without the SetupIntent', { data: {} }, 'data.dataSecret', /missing/],
    ['with another secret', { data: { dataSecret: 'pi_1_secret_1' } }, 'data.dataSecret', /SetupIntent/],
    [
      'without the payment',
      { name: 'handleCardAction', data: {}, callbacks: {} },
      'data.clientSecret',
      /missing/,
    ],
    [
      'with a strange account',
      { data: { ...setup.data, stripeAccount: 'x' } },
      'data.stripeAccount',
      /acct_/,
    ],
    ['for a moment', { ttlMs: 999 }, 'ttlMs', /1000/],
    ['for longer than a day', { ttlMs: 86_400_001 }, 'ttlMs', /day/],
  ])('%s', async (_, more, param, message) => {
    const { status, body } = await shop.send({ ...setup, ...more })
    expect([status, body.error.param]).toEqual([400, param])
    expect(body.error.message).toMatch(message)
  })

  test('over 64 KiB', async () => {
    const { status, body } = await shop.send({ ...setup, note: 'x'.repeat(64 * 1024) })
    expect([status, body.error.code]).toEqual([413, 'body_too_large'])
  })

  test('with a card number', async () => {
    const { status, body } = await shop.send({ ...setup, note: ['Card 4242424242424242'] })
    expect([status, body.error.code, body.error.param]).toEqual([400, 'card_number_refused', 'note.0'])
  })

  test.each([40, 20_000])('that is nested %i deep is refused: no card number hides there', async (levels) => {
    const dataSecret = (await shop.setupIntent()).client_secret
    const deep = `${'['.repeat(levels)}"4242424242424242"${']'.repeat(levels)}`
    const { status, body } = await shop.post(
      '/v1/ui/messages',
      `{"scope":"plugin:stripe","name":"collectPaymentInformation","target":"users","targetUsers":["deep"],"data":{"dataSecret":"${dataSecret}","note":${deep}}}`,
    )
    expect([status, body.error.code, body.error.param]).toEqual([400, 'parameter_invalid', 'data'])
  })

  test('with a client key', async () => {
    const { status, body } = await shop.send(setup, { authorization: `Bearer ${shop.clientKey}` })
    expect([status, body.error.code]).toEqual([403, 'server_key_required'])
  })
})

test('a message that is sent again under its key is one message', async () => {
  const user = person()
  const stream = await streamOf(await shop.tab(user))
  const message = { ...to(user), data: { dataSecret: await shop.setupIntent() } }
  const key = { 'idempotency-key': 'order-1' }
  const sent = await Promise.all([1, 2, 3].map(() => shop.send(message, key)))
  expect(new Set(sent.map(({ body }) => body.id)).size).toBe(1)
  const other = await shop.send({ ...message, ttlMs: 5_000 }, key)
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_reused' } } })
  const last = await shop.send(message)
  await stream.next('message', 2)
  expect(ids(stream)).toEqual([sent[0]?.body.id, last.body.id])
})

test('everything is still there after a restart of the server', async () => {
  const other = await openShop()
  try {
    const tab = await other.tab('anna')
    const stream = await tab.stream()
    const shown = await other.send()
    const claimed = await other.send()
    const intent = await other.setupIntent()
    const answered = await other.send({ data: { dataSecret: intent } })
    await stream.next('message', 3)
    await tab.claim(claimed.body.id)
    await other.confirmSetup(intent)
    await tab.answer(answered.body.id, 'onSuccess')
    const waiting = await other.send({ targetUsers: ['bert'] })

    const next = await other.restart()
    expect(await stream.next('error')).toMatchObject({ error: { code: 'shutting_down' } })
    const token = tab.headers['tollbridge-ui-session']
    const back = await next.tab('anna', { id: tab.id, ...(token === undefined ? {} : { token }) })
    const reader = await back.stream()
    await reader.next('message', 2)
    expect(ids(reader)).toEqual([shown.body.id, claimed.body.id])
    expect((await back.answer(answered.body.id, 'onFail')).status).toBe(409)
    expect((await back.answer(claimed.body.id, 'onFail')).status).toBe(200)
    const bert = await (await next.tab('bert')).stream()
    expect(await bert.next('message')).toMatchObject({ id: waiting.body.id })
    const jobs = await next.jobs()
    const first = await jobs.next('callback', 2)
    const told = jobs.of('callback').map(({ message_id, context }) => [message_id, context.verified])
    expect(told.sort()).toEqual(
      [
        [answered.body.id, true],
        [claimed.body.id, false],
      ].sort(),
    )
    expect(first.lease).toMatch(/./)
    for (const it of [reader, bert, jobs]) it.close()
    await next.stop()
  } catch (error) {
    await other.stop()
    throw error
  }
})
