/** Stories 11 and 13: events that never came, and events that should not have come. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { openSse } from '../realtime/sse-reader.ts'
import { eventIdsOf, openStory } from './open-story.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function open(options: Parameters<typeof openStory>[0] = {}) {
  const story = await openStory(options)
  ends.push(story.end)
  return story
}

describe('story 11: events that never came', () => {
  test('a payment of which no webhook ever arrived is paid, listed and pushed after a restart, once', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tollbridge-story-'))
    ends.push(async () => rmSync(dataDir, { recursive: true, force: true }))
    const before = await openStory({ dataDir, env: { REPAIR_INTERVAL_SECONDS: '0' } })
    before.server.sandbox.deliveries.dropNext(1_000)
    const order = { order_id: 'cart-1', amount: 1999, token: 'tok_visa' }
    const { body: paid } = await before.post('/v1/payments', order)
    await before.server.sandbox.idle()
    expect((await before.get('/v1/events')).body.data).toEqual([])
    await before.end()

    const after = await open({ dataDir })
    const stream = await after.stream()
    const sent = (await after.stripe.events.list({ limit: 100 })).data.map(({ id }) => id).toSorted()
    expect(sent.length).toBeGreaterThan(2)
    await stream.has(sent.length)
    const row = await eventually(async () => (await after.get('/v1/payments')).body.data[0] ?? null)
    expect(row).toMatchObject({ id: paid.id, status: 'succeeded', order_id: 'cart-1', amount_received: 1999 })
    const { body } = await after.get('/v1/events?limit=100')
    expect(body.data.map(({ eventId }: { eventId: string }) => eventId).toSorted()).toEqual(sent)
    expect(body.data.every(({ source }: { source: string }) => source === 'repair')).toBe(true)

    // The webhooks arrive after all, days late: nothing happens twice.
    for (const event of (await after.stripe.events.list({ limit: 100 })).data) {
      expect((await after.deliver(JSON.stringify(event))).status).toBe(200)
    }
    await after.deliver(after.eventText({ id: 'evt_last' }))
    await stream.has(sent.length + 1)
    expect(stream.events()).toHaveLength(sent.length + 1)
  })
})

describe('story 13: live and test, and accounts, mixed up', () => {
  test('a live event at a test endpoint, and one of a foreign account, are stored and answered, and mean nothing', async () => {
    const story = await open()
    const { server } = story
    const all = await story.stream()
    const payer = await openSse(
      `${server.url}/v1/stream?client_key=${server.clientKey}&selector=${encodeURIComponent("id = 'ch_mixed'")}`,
      { 'last-event-id': '0' },
    )
    ends.push(async () => payer.close())
    const object = {
      id: 'ch_mixed',
      object: 'charge',
      amount: 1000,
      currency: 'usd',
      status: 'succeeded',
      payment_intent: 'pi_mixed',
    }
    const mixed = { data: { object } }
    const live = story.eventText({ ...mixed, id: 'evt_live', livemode: true })
    const foreign = story.eventText({ ...mixed, id: 'evt_foreign', account: 'acct_stranger' })
    for (const text of [live, foreign, live]) {
      expect(await story.deliver(text)).toMatchObject({ status: 200, body: { received: true } })
    }
    await story.deliver(story.eventText({ ...mixed, id: 'evt_own' }))
    await all.has(1)
    await payer.has(1)
    expect([eventIdsOf(all), eventIdsOf(payer)]).toEqual([['evt_own'], ['evt_own']])

    const flagged = (await story.get('/v1/events?flag=any')).body.data
    expect(flagged).toMatchObject([
      { eventId: 'evt_foreign', flag: 'foreign_account', account: 'acct_stranger' },
      { eventId: 'evt_live', flag: 'wrong_mode', livemode: true },
    ])
    expect((await story.get('/v1/events')).body.data).toMatchObject([{ eventId: 'evt_own', flag: null }])
    const where = encodeURIComponent("id = 'ch_mixed'")
    expect((await story.get(`/v1/events?where=${where}`, server.clientKey)).body.data).toHaveLength(1)
    const rows = await fetch(
      `${server.url}/${server.appId}/${server.clientKey}/data/StripeEvents?where=${where}`,
    )
    expect(await rows.json()).toMatchObject([{ eventId: 'evt_own' }])
    for (const { objectId } of flagged) {
      const row = await fetch(
        `${server.url}/${server.appId}/${server.clientKey}/data/StripeEvents/${objectId}`,
      )
      expect(row.ok).toBe(false)
    }
    for (const eventId of ['evt_live', 'evt_foreign']) {
      const handling = await eventually(async () => {
        const { body } = await story.get(`/v1/events/${eventId}`)
        return body.handling.state === 'handled' ? body.handling : null
      })
      expect(handling.attempts).toHaveLength(1)
    }
    expect(
      (await story.get('/v1/payments')).body.data.map(({ livemode }: { livemode: boolean }) => livemode),
    ).not.toContain(true)
  })

  test('a Connect platform that takes the account gets its events, with the account in the row and the headers', async () => {
    const story = await open({ env: { CONNECTED_ACCOUNTS: 'acct_mine' } })
    const stream = await story.stream()
    await story.deliver(story.eventText({ id: 'evt_stranger', account: 'acct_stranger' }))
    await story.deliver(story.eventText({ id: 'evt_mine', account: 'acct_mine' }))
    await stream.has(1)
    expect(stream.events()[0]?.data?.['headers']).toMatchObject({ eventId: 'evt_mine', account: 'acct_mine' })
    const where = encodeURIComponent("account = 'acct_mine'")
    expect((await story.get(`/v1/events?where=${where}`)).body.data).toMatchObject([{ eventId: 'evt_mine' }])
  })

  test('an account on which the app charges is not foreign to it, though no setting names it', async () => {
    const story = await open()
    const headers = { 'stripe-account': 'acct_shop' }
    const paid = await story.post(
      '/v1/payments',
      { order_id: 'cart-1', amount: 500, token: 'tok_visa' },
      { headers },
    )
    expect(paid).toMatchObject({ status: 200, body: { account: 'acct_shop' } })
    for (const account of ['acct_shop', 'acct_stranger']) {
      await story.deliver(story.eventText({ id: `evt_of_${account}`, account }))
    }
    expect((await story.get('/v1/events/evt_of_acct_shop')).body).toMatchObject({
      account: 'acct_shop',
      flag: null,
    })
    expect((await story.get('/v1/events/evt_of_acct_stranger')).body.flag).toBe('foreign_account')
  })
})
