/** Stories 7 to 10: bytes, signatures, forgers, and secrets that are rolled. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AdminSetup, startAdmin } from '../admin/start-admin.ts'
import { type DeliverOptions, openStory, type Story } from './open-story.ts'

let story: Story & { end(): Promise<void> }
beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.end())

const stored = async (eventId: string) => (await story.get(`/v1/events/${eventId}`)).status === 200

describe('story 7: the raw body is lost', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
  ])('a body is verified byte for byte, sent as %s', async (contentType) => {
    const id = `evt_bytes${contentType.length}`
    const text = `  ${JSON.stringify(JSON.parse(story.eventText({ id })), null, 3)}\r\n\t`
    expect((await story.deliver(text, { contentType })).status).toBe(200)
    const { body } = await story.get(`/v1/events/${id}`)
    expect(body.payload.id).toBe(id)
    const row = story.database().prepare('SELECT payload FROM events WHERE event_id = ?').get(id)
    expect(row?.['payload']).toBe(text)
  })

  test('a body that something parsed and wrote anew is refused, and the answer names the cause', async () => {
    const original = JSON.stringify(JSON.parse(story.eventText({ id: 'evt_rewritten' })), null, 2)
    const timestamp = Math.floor(Date.now() / 1000)
    const signature = story.stripe.webhooks.generateTestHeaderString({
      payload: original,
      secret: story.signingSecret(),
      timestamp,
    })
    const rewritten = JSON.stringify(JSON.parse(original))
    const answer = await story.deliver(rewritten, { signature })
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'signature_invalid' } } })
    expect(answer.body.error.message).toMatch(/body|secret/)
    expect(await stored('evt_rewritten')).toBe(false)
  })
})

describe('story 8: status and body disagree', () => {
  test.each<[string, DeliverOptions]>([
    ['no signature', { signature: null }],
    ['a wrong secret', { secret: 'whsec_ofSomebodyElse' }],
    ['a stale signature', { timestamp: Math.floor(Date.now() / 1000) - 3_600 }],
  ])('with %s no answer says "received", and none is a 200', async (_name, options) => {
    const { status, body } = await story.deliver(story.eventText(), options)
    expect(status).toBe(400)
    expect(body).not.toHaveProperty('received')
    expect(body.error.type).toBeDefined()
  })

  test('and what is answered "received" with 200 is stored', async () => {
    const { status, body } = await story.deliver(story.eventText({ id: 'evt_agreed' }))
    expect([status, body]).toEqual([200, { received: true }])
    expect(await stored('evt_agreed')).toBe(true)
  })
})

describe('story 9: forged events', () => {
  let admin: AdminSetup
  beforeAll(async () => {
    admin = await startAdmin()
  })
  afterAll(() => admin.stop())

  test('an app without a signing secret has no endpoint: nothing is believed unverified', async () => {
    await admin.operator('POST', '/v1/admin/apps', { app_id: 'app_unready', mode: 'test' })
    const response = await fetch(`${admin.tollbridge.url}/webhooks/stripe/app_unready`, {
      method: 'POST',
      body: story.eventText(),
    })
    expect(response.status).toBe(404)
  })

  test.each<[string, () => DeliverOptions]>([
    ['no header', () => ({ signature: null })],
    ['an empty header', () => ({ signature: '' })],
    ['a header of commas', () => ({ signature: ',,,' })],
    ['a time and no signature', () => ({ signature: `t=${Math.floor(Date.now() / 1000)}` })],
    ['an empty signature', () => ({ signature: `t=${Math.floor(Date.now() / 1000)},v1=` })],
    ['an old scheme', () => ({ signature: `t=${Math.floor(Date.now() / 1000)},v0=${'0'.repeat(64)}` })],
    ['a guessed signature', () => ({ signature: `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` })],
    ['a secret of nobody', () => ({ secret: 'whsec_guessed' })],
    ['an empty secret', () => ({ secret: '' })],
    ['a signature of an hour ago', () => ({ timestamp: Math.floor(Date.now() / 1000) - 3_600 })],
    ['a signature of tomorrow', () => ({ timestamp: Math.floor(Date.now() / 1000) + 86_400 })],
  ])('%s: refused, and nothing of it is kept', async (name, options) => {
    const id = `evt_forged${name.replace(/\W/g, '')}`
    expect((await story.deliver(story.eventText({ id }), options())).status).toBe(400)
    expect(await stored(id)).toBe(false)
  })

  test('a delivery that is replayed within the tolerance changes nothing', async () => {
    const text = story.eventText({ id: 'evt_replayed' })
    const timestamp = Math.floor(Date.now() / 1000)
    const signature = story.stripe.webhooks.generateTestHeaderString({
      payload: text,
      secret: story.signingSecret(),
      timestamp,
    })
    for (let n = 0; n < 3; n++) expect((await story.deliver(text, { signature })).status).toBe(200)
    const { body } = await story.get("/v1/events?where=eventId%3D'evt_replayed'")
    expect(body.data).toHaveLength(1)
  })

  test('an event id that comes again with other content leaves the first as it is', async () => {
    const first = story.eventText({ id: 'evt_twofaced' })
    await story.deliver(first)
    const object = {
      id: 'ch_other',
      object: 'charge',
      amount: 9_999_999,
      currency: 'usd',
      status: 'succeeded',
    }
    await story.deliver(story.eventText({ id: 'evt_twofaced', data: { object } }))
    const { body } = await story.get('/v1/events/evt_twofaced')
    expect(body.amount).toBe(1000)
    expect(body.payload).toEqual(JSON.parse(first))
  })
})

describe('story 10: an outage by rotation', () => {
  test('while a secret is rolled, deliveries with the old, the new, or both signatures are all taken', async () => {
    const old = story.signingSecret()
    const fresh = 'whsec_theNewOneOfTheStory'
    expect((await story.deliver(story.eventText(), { secret: fresh })).status).toBe(400)
    const rolled = await story.post(
      '/v1/admin/signing_secrets',
      { signing_secret: fresh },
      { key: story.server.operatorKey ?? '' },
    )
    expect(rolled.status).toBe(201)
    const sign = (payload: string, secret: string) => {
      const timestamp = Math.floor(Date.now() / 1000)
      return story.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
    }
    const v1Of = (header: string) => header.split(',').filter((part) => part.startsWith('v1='))
    for (const secrets of [
      [old],
      [fresh],
      [old, fresh],
      [fresh, old],
      ['whsec_retired', fresh],
      [old, 'whsec_retired'],
    ]) {
      const text = story.eventText()
      const headers = secrets.map((secret) => sign(text, secret))
      const signature = [headers[0]?.split(',')[0], ...headers.flatMap(v1Of)].join(',')
      expect([secrets, (await story.deliver(text, { signature })).status]).toEqual([secrets, 200])
    }
    const { body } = await story.get('/v1/admin/signing_secrets', story.server.operatorKey ?? '')
    expect(JSON.stringify(body)).not.toContain(fresh)
  })
})
