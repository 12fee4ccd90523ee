/** How the app's server gets its callbacks: each once, to a process that can run it, until somebody says it is done. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type EventReader, openShop, type Shop, type Tab } from './open-shop.ts'

let shop: Shop
let anna: Tab
beforeAll(async () => {
  shop = await openShop()
  anna = await shop.tab('anna')
})
afterAll(() => shop.stop())
const open: EventReader[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const stream of open.splice(0)) stream.close()
})

let names = 0
/** Names of handlers that no other test takes. */
const handler = () => `handler-${++names}`
const jobsOf = async (...args: Parameters<Shop['jobs']>) => {
  const stream = await shop.jobs(...args)
  open.push(stream)
  return stream
}
/** Sends a message and has the page answer it with `onFail`. */
const answered = async (
  onFail: unknown,
  headers: Readonly<Record<string, string>> = {},
  more: object = {},
) => {
  const { body } = await shop.send({ callbacks: { onFail }, ...more }, headers)
  const answer = await anna.answer(body.id, 'onFail', { error: { type: 'card_error', message: 'No.' } })
  return { id: body.id as string, answer }
}

describe('a callback', () => {
  test('comes with the server’s own copy of the message, and what it is about', async () => {
    const name = handler()
    const jobs = await jobsOf({ handlers: name })
    const intent = await shop.setupIntent()
    const { id, answer } = await answered(
      { handler: name, data: { order: 7 } },
      {},
      { data: { title: 'Card', dataSecret: intent }, companyId: 'c-7' },
    )
    expect(answer.status).toBe(200)
    const error = { type: 'card_error', message: 'No.' }
    const job = await jobs.next('callback')
    expect(job).toEqual({
      id: expect.stringMatching(/^uic_\w{32}$/),
      lease: expect.any(String),
      message_id: id,
      callback: 'onFail',
      handler: name,
      handler_data: { order: 7 },
      original_message: {
        id,
        scope: 'plugin:stripe',
        name: 'collectPaymentInformation',
        data: { title: 'Card', dataSecret: JSON.parse(JSON.stringify(intent)) },
        companyId: 'c-7',
      },
      callback_data: { error, result: { error } },
      context: {
        messageId: id,
        callback: 'onFail',
        user: { id: 'anna' },
        sessionId: expect.stringMatching(/^uis_/),
        connectionId: anna.id,
        verified: false,
      },
    })
    expect(await shop.message(id)).toMatchObject({ handler: { name, outcome: 'pending', error: null } })
    expect((await shop.ack(job.id)).body).toEqual({ object: 'ui_callback_end', id: job.id, outcome: 'done' })
    expect(await shop.message(id)).toMatchObject({ handler: { name, outcome: 'done', error: null } })
  })

  test('that failed is marked with its error, which the page never sees, and a later ack changes nothing', async () => {
    const name = handler()
    const jobs = await jobsOf({ handlers: name })
    const { id } = await answered(name)
    const job = await jobs.next('callback')
    await shop.ack(job.id, { outcome: 'failed', error: 'No such order' })
    expect((await shop.ack(job.id, { outcome: 'done' })).body.outcome).toBe('failed')
    expect(await shop.message(id)).toMatchObject({ handler: { outcome: 'failed', error: 'No such order' } })
    expect(await shop.ack('uic_unknown')).toMatchObject({ status: 404, body: { error: { param: 'id' } } })
    expect(await shop.ack(job.id, { outcome: 'maybe' })).toMatchObject({
      body: { error: { param: 'outcome' } },
    })
  })

  test('waits for a process that knows its handler', async () => {
    const [name, other] = [handler(), handler()]
    const wrong = await jobsOf({ handlers: other })
    const { id } = await answered(name)
    const right = await jobsOf({ handlers: `${name},${other}` })
    expect(await right.next('callback')).toMatchObject({ message_id: id })
    expect(wrong.of('callback')).toEqual([])
  })

  test('goes to one of several processes', async () => {
    const name = handler()
    const streams = await Promise.all([1, 2, 3].map(() => jobsOf({ handlers: name })))
    const sent = await Promise.all(Array.from({ length: 9 }, () => answered(name)))
    const all = () => streams.flatMap((stream) => stream.of('callback').map(({ message_id }) => message_id))
    await eventually(() => all().length >= 9)
    expect(all().sort()).toEqual(sent.map(({ id }) => id).sort())
  })

  test('without a handler goes to whoever listens', async () => {
    const deaf = await jobsOf({ handlers: handler() })
    const { id } = await answered(null)
    const listener = await jobsOf({ listens: '1' })
    const seen = () => listener.of('callback').filter(({ message_id }) => message_id === id)
    await eventually(() => seen().length > 0)
    expect(seen()[0]).toMatchObject({ handler: null, handler_data: null })
    await shop.ack(seen()[0].id)
    expect(deaf.of('callback')).toEqual([])
  })

  test.each([
    [{ handlers: 'a b' }, 'handlers'],
    [{ instance: 'a:b' }, 'instance'],
    [{ listens: 'yes' }, 'listens'],
    [{ handler: 'a' }, 'handler'],
  ])('cannot be taken with %j', async (query: Record<string, string>, param) => {
    const answer = await shop.get(`/v1/ui/callbacks/stream?${new URLSearchParams(query)}`)
    expect(answer.status).toBe(400)
    expect(answer.body.error.param).toMatch(new RegExp(`^${param}`))
  })

  test('is no business of a client key', async () => {
    const client = { authorization: `Bearer ${shop.clientKey}` }
    expect((await shop.get('/v1/ui/callbacks/stream', client)).status).toBe(403)
    expect((await shop.post('/v1/ui/callbacks/uic_1/ack', { outcome: 'done' }, client)).status).toBe(403)
    expect((await shop.post('/v1/ui/callbacks/uic_1/lease', { lease: 'x' }, client)).status).toBe(403)
  })
})

describe('without an ack', () => {
  const passes = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })

  test('it comes again when its lease is over, and not before', async () => {
    const name = handler()
    const first = await jobsOf({ handlers: name })
    await answered(name)
    const job = await first.next('callback')
    const second = await jobsOf({ handlers: name })
    passes(29_000)
    // Another one that comes now shows that there was a round.
    const later = await answered(name)
    const all = () => [...first.of('callback'), ...second.of('callback')]
    await eventually(() => all().some(({ message_id }) => message_id === later.id))
    expect(all()).toHaveLength(2)
    passes(2_000)
    await eventually(() => all().filter(({ id }) => id === job.id).length === 2)
  })

  test('it stays with a process that asks for more time, until somebody else has it', async () => {
    const name = handler()
    const first = await jobsOf({ handlers: name })
    await answered(name)
    const { id, lease } = await first.next('callback')
    const more = (of = lease) => shop.post(`/v1/ui/callbacks/${id}/lease`, { lease: of })
    passes(25_000)
    const { status, body } = await more()
    expect([status, body]).toEqual([200, { object: 'ui_lease', id, lease_until: Date.now() + 30_000 }])
    expect(await more('another')).toMatchObject({ status: 409, body: { error: { code: 'ui_lease_lost' } } })
    first.close()
    vi.useRealTimers()
    passes(60_000)
    const second = await jobsOf({ handlers: name })
    await second.next('callback')
    expect((await more()).status).toBe(409)
    expect((await shop.ack(id)).body.outcome).toBe('done')
    expect((await shop.post('/v1/ui/callbacks/uic_unknown/lease', { lease })).status).toBe(404)
  })

  test('it comes again soon when its stream ends', async () => {
    const name = handler()
    const first = await jobsOf({ handlers: name })
    await answered(name)
    const job = await first.next('callback')
    const second = await jobsOf({ handlers: name })
    first.close()
    const again = await second.next('callback')
    expect(again.id).toBe(job.id)
    expect(again.lease).not.toBe(job.lease)
  })
})

describe('a function of one process', () => {
  const inline = (instance: string) => [`inline:${instance}:0`, { 'tollbridge-instance': instance }] as const

  test('is called there and nowhere else', async () => {
    const others = await jobsOf({ handlers: 'inline:i1:0', instance: 'i2' })
    const own = await jobsOf({ instance: 'i1' })
    const { id, answer } = await answered(...inline('i1'))
    expect(answer.status).toBe(200)
    expect(await own.next('callback')).toMatchObject({ message_id: id, handler: 'inline:i1:0' })
    expect(others.of('callback')).toEqual([])
  })

  test('that is gone is told to the page, and nothing has happened', async () => {
    const { id, answer } = await answered(...inline('gone'))
    expect([answer.status, answer.body.error.code]).toEqual([410, 'ui_callback_gone'])
    expect(await shop.message(id)).toMatchObject({ status: 'queued', callback: null })
    await jobsOf({ instance: 'gone' })
    expect((await anna.answer(id, 'onFail')).status).toBe(200)
  })
})

describe('the sender hears of the end of its messages', () => {
  const from = (instance: string) => ({ 'tollbridge-instance': instance })

  test('of its own, also while nobody takes the callbacks', async () => {
    const news = await jobsOf({ instance: 's1' })
    const { id } = await answered(null, from('s1'))
    await answered(null, from('s2'))
    const error = { type: 'card_error', message: 'No.' }
    expect(await news.next('settled')).toEqual({
      message_id: id,
      callback: 'onFail',
      data: { error, result: { error } },
      verified: false,
    })
    const canceled = await shop.send({}, from('s1'))
    await shop.post(`/v1/ui/messages/${canceled.body.id}/cancel`)
    expect(await news.next('ended')).toEqual({ message_id: canceled.body.id, reason: 'canceled' })
    const late = await shop.send({ ttlMs: 1_000, targetUsers: ['nobody'] }, from('s1'))
    expect(await news.next('ended', 2)).toEqual({ message_id: late.body.id, reason: 'undeliverable' })
    expect(news.of('settled')).toHaveLength(1)
    expect(news.of('callback')).toEqual([])
  })

  test('and after a broken connection of those that it missed, once', async () => {
    const first = await jobsOf({ instance: 's3' })
    const one = await answered(null, from('s3'))
    await first.next('settled')
    const lastId = first.lastId() ?? ''
    first.close()
    const two = await answered(null, from('s3'))
    const back = await jobsOf({ instance: 's3' }, { 'last-event-id': lastId })
    await back.next('settled')
    expect(back.of('settled').map(({ message_id }) => message_id)).toEqual([two.id])
    const all = await jobsOf({ instance: 's3' })
    await all.next('settled', 2)
    expect(all.of('settled').map(({ message_id }) => message_id)).toEqual([one.id, two.id])
  })

  test('but not of what the answer has told already', async () => {
    const news = await jobsOf({ instance: 's4' })
    const nobody = await shop.send({ target: 'caller', targetUsers: undefined }, from('s4'))
    expect(nobody.body.status).toBe('undeliverable')
    const { id } = await answered(null, from('s4'))
    await news.next('settled')
    expect(news.of('ended')).toEqual([])
    expect(news.of('settled')).toMatchObject([{ message_id: id }])
  })
})

test('a backlog of large callbacks arrives as fast as it is read, each once', async () => {
  const name = handler()
  const error = { message: 'x'.repeat(60_000) }
  const sent: string[] = []
  for (let n = 0; n < 40; n += 1) {
    const { body } = await shop.send({ callbacks: { onFail: name } })
    await anna.answer(body.id, 'onFail', { error })
    sent.push(body.id)
  }
  const jobs = await jobsOf({ handlers: name })
  await eventually(() => jobs.of('callback').length >= sent.length || jobs.of('error').length > 0, {
    what: 'all callbacks',
  })
  expect(jobs.of('error')).toEqual([])
  expect(jobs.of('callback').map(({ message_id }) => message_id)).toEqual(sent)
  for (const { id } of jobs.of('callback')) await shop.ack(id)
})

test('a stream of callbacks is told when the server stops', async () => {
  const other = await openShop()
  const jobs = await other.jobs()
  await other.stop()
  expect(await jobs.next('error')).toMatchObject({ error: { code: 'shutting_down' } })
  await jobs.reader.ended
})
