/** Finding, paging and counting stored events. */
import { describe, expect, test } from 'vitest'
import type { FlagFilter, StoredEvent } from './event-store.ts'
import {
  eventId,
  NOON,
  type OpenStore,
  stored,
  useEventStore,
  whereClause,
} from './event-store-fixture.conformance.ts'

export function eventReadsConformance(backend: string, openStore: OpenStore): void {
  describe(`reading events on ${backend}`, () => {
    const { events, insert, find } = useEventStore(openStore)

    test('the newest come first unless an order is asked for', async () => {
      await insert({ eventId: 'evt_a' })
      await insert({ eventId: 'evt_b' })
      await insert({ eventId: 'evt_c' })
      expect((await find(null)).map(eventId)).toEqual(['evt_c', 'evt_b', 'evt_a'])
      await insert({ eventId: 'evt_old', receivedAt: NOON - 1 })
      await insert({ eventId: 'evt_new', receivedAt: NOON + 1 })
      expect((await find(null, { limit: 2 })).map(eventId)).toEqual(['evt_new', 'evt_c'])
      expect((await find(null)).at(-1)?.eventId).toBe('evt_old')
      expect((await find(null, { sort: 'created' })).map(eventId)).toEqual([
        'evt_old',
        'evt_a',
        'evt_b',
        'evt_c',
        'evt_new',
      ])
    })

    test('an order may have several columns, and null comes first when ascending', async () => {
      await insert({ eventId: 'evt_a', currency: 'usd', amount: 5 })
      await insert({ eventId: 'evt_b', currency: null, amount: 7 })
      await insert({ eventId: 'evt_c', currency: 'eur', amount: 5 })
      await insert({ eventId: 'evt_d', currency: 'usd', amount: 9 })
      expect((await find(null, { sort: 'currency, amount desc' })).map(eventId)).toEqual([
        'evt_b',
        'evt_c',
        'evt_d',
        'evt_a',
      ])
      expect((await find(null, { sort: 'amount desc, currency desc' })).map(eventId)).toEqual([
        'evt_d',
        'evt_b',
        'evt_a',
        'evt_c',
      ])
    })

    test('text is ordered by code points', async () => {
      for (const status of ['\u{1F600}', '\uFF5E', 'b', 'B', 'a']) await insert({ status })
      const sorted = await find(null, { sort: 'status' })
      expect(sorted.map(({ status }) => status)).toEqual(['B', 'a', 'b', '\uFF5E', '\u{1F600}'])
    })

    test('pages follow one another without gap or repetition', async () => {
      for (let i = 0; i < 7; i++) await insert({ amount: 1000 })
      const pages = [
        await find(null, { sort: 'amount', limit: 3 }),
        await find(null, { sort: 'amount', limit: 3, offset: 3 }),
        await find(null, { sort: 'amount', limit: 3, offset: 6 }),
      ]
      expect(pages.map((page) => page.length)).toEqual([3, 3, 1])
      expect(pages.flat()).toEqual(await find(null, { sort: 'amount' }))
    })

    test.each([
      ["id = 'ch_x'", ['evt_x']],
      ["paymentIntentId = 'pi_x' OR orderId = 'order-7'", ['evt_x', 'evt_y']],
      ['amount BETWEEN 1 AND 999', ['evt_y']],
      ['amount > 999 AND livemode = TRUE', ['evt_z']],
      ['livemode = FALSE', ['evt_x', 'evt_y']],
      ["type LIKE 'charge.%'", ['evt_x', 'evt_y']],
      ["type NOT LIKE 'charge.%'", ['evt_z']],
      ['orderId IS NULL', ['evt_x', 'evt_z']],
      ["status <> 'succeeded'", ['evt_y']],
      ["currency IN ('eur', 'chf')", ['evt_z']],
      [`created >= ${NOON + 1}`, ['evt_z']],
      ['updated IS NULL AND ownerId IS NULL', ['evt_x', 'evt_y', 'evt_z']],
      ["id = 'ch_x?' OR orderId = 'it''s'", []],
      ["orderId > 5 AND orderId = 'order-7'", []],
    ])('where %s', async (where, expected) => {
      await insert({ eventId: 'evt_x', id: 'ch_x', paymentIntentId: 'pi_x', amount: 1000 })
      await insert({ eventId: 'evt_y', orderId: 'order-7', amount: 50, status: 'failed' })
      await insert({
        eventId: 'evt_z',
        type: 'payment_intent.succeeded',
        amount: 5000,
        livemode: true,
        currency: 'eur',
        status: null,
        receivedAt: NOON + 1,
      })
      expect((await find(where, { sort: 'eventId' })).map(eventId)).toEqual(expected)
      expect(await events.count({ appId: 'app_1', where: whereClause(where) })).toBe(expected.length)
    })

    test('a page goes forward after a place, or backward before one', async () => {
      const inserted: StoredEvent[] = []
      for (let i = 0; i < 6; i++) {
        // The clock may step back; the log's order is that of its positions.
        inserted.push(stored(await insert({ receivedAt: NOON - i, amount: i % 2 })).event)
        await insert({ appId: 'app_2' })
      }
      const place = (index: number) => inserted[index]?.position ?? 0
      const page = { appId: 'app_1', where: null, limit: 2 }
      expect(await events.page({ ...page, after: place(1) })).toEqual([inserted[2], inserted[3]])
      expect(await events.page({ ...page, before: place(4) })).toEqual([inserted[3], inserted[2]])
      expect(await events.page({ ...page, after: 0, limit: 100 })).toEqual(inserted)
      expect(await events.page({ ...page, after: place(5) })).toEqual([])
      expect(await events.page({ ...page, before: place(0) })).toEqual([])
      const even = whereClause('amount = 0')
      expect(await events.page({ ...page, where: even, before: place(5) })).toEqual([
        inserted[4],
        inserted[2],
      ])
    })

    test('an event is found by our id and by that of Stripe, within its app', async () => {
      const { event } = stored(await insert({ eventId: 'evt_1', objectId: 'object-one' }))
      expect(await events.findByObjectId('app_1', 'object-one')).toEqual(event)
      expect(await events.findByEventId('app_1', 'evt_1')).toEqual(event)
      expect(await events.findByObjectId('app_2', 'object-one')).toBeNull()
      expect(await events.findByEventId('app_2', 'evt_1')).toBeNull()
      expect(await events.findByEventId('app_1', 'object-one')).toBeNull()
    })

    test('flagged events are left out unless they are asked for', async () => {
      const flags = [null, 'wrong_mode', 'foreign_account', 'doctor', null] as const
      for (const [index, flag] of flags.entries()) await insert({ eventId: `evt_${index}`, id: 'ch_1', flag })
      const all = { appId: 'app_1', where: null, limit: 10 }
      const found = async (flag?: FlagFilter) => {
        const query = flag === undefined ? all : { ...all, flag }
        const page = await events.page({ ...query, after: 0 })
        expect(await find(null, { ...query, sort: 'created' })).toEqual(page)
        expect(await find("id = 'ch_1'", { ...query, where: whereClause("id = 'ch_1'") })).toHaveLength(
          page.length,
        )
        expect(await events.count(query)).toBe(page.length)
        return page.map(eventId)
      }
      expect(await found()).toEqual(['evt_0', 'evt_4'])
      expect(await found('none')).toEqual(['evt_0', 'evt_4'])
      expect(await found('any')).toEqual(['evt_1', 'evt_2', 'evt_3'])
      expect(await found('foreign_account')).toEqual(['evt_2'])
      expect((await events.findByEventId('app_1', 'evt_1'))?.flag).toBe('wrong_mode')
      expect(await events.readAfter(0, 10)).toHaveLength(5)
    })

    test('a connected account is a column to search by', async () => {
      await insert({ eventId: 'evt_own' })
      await insert({ eventId: 'evt_connected', account: 'acct_2', context: 'acct_0/acct_2' })
      expect((await find("account = 'acct_2'")).map(eventId)).toEqual(['evt_connected'])
      expect((await find('account IS NULL')).map(eventId)).toEqual(['evt_own'])
      expect((await find(null))[0]).toMatchObject({ account: 'acct_2', context: 'acct_0/acct_2' })
    })

    test('counting counts one app', async () => {
      await insert()
      await insert()
      await insert({ appId: 'app_2' })
      expect(await events.count({ appId: 'app_1', where: null })).toBe(2)
      expect(await events.count({ appId: 'app_3', where: null })).toBe(0)
    })
  })
}
