/** What every backend of the messages for pages must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { MOST_DELIVERIES } from './ui-message-state.ts'
import type {
  NewUiMessage,
  UiJobWish,
  UiMessageStore,
  UiPage,
  UiPresence,
  UiSettlement,
} from './ui-message-store.ts'

const APP = 'app_1'

const message = (overrides: Partial<NewUiMessage> = {}): NewUiMessage => ({
  id: 'uim_1',
  appId: APP,
  original: {
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: { title: 'Käse "🧀"' },
    companyId: 7,
  },
  callbacks: { onSuccess: { name: 'saved', data: { order: 1 } }, onFail: { name: null, data: null } },
  users: ['u1'],
  tab: null,
  instance: null,
  requestKey: null,
  fingerprint: 'f1',
  createdAt: 1000,
  expiresAt: 9000,
  intent: 'seti_1',
  intentBefore: 'requires_payment_method',
  state: 'queued',
  ...overrides,
})

const page = (overrides: Partial<UiPage> = {}): UiPage => ({
  user: 'u1',
  tab: 'tab_1',
  session: 'uis_1',
  ...overrides,
})

const settlement = (overrides: Partial<UiSettlement> = {}): UiSettlement => ({
  id: 'uic_1',
  callback: 'onSuccess',
  data: { setupIntent: { id: 'seti_1' } },
  verified: true,
  page: page(),
  ...overrides,
})

const wish = (overrides: Partial<UiJobWish> = {}): UiJobWish => ({
  handlers: ['saved'],
  instance: null,
  listens: false,
  ...overrides,
})

export function uiMessageStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the messages for pages on ${backend}`, () => {
    let store: Store
    let ui: UiMessageStore
    beforeEach(async () => {
      store = await openStore()
      ui = store.uiMessages
    })
    afterEach(() => store.close())

    const send = async (overrides: Partial<NewUiMessage> = {}) =>
      (await ui.insert(message(overrides))).message
    const openIds = async (of = page(), now = 2000) => (await ui.openFor(APP, of, now)).map(({ id }) => id)

    test('a message comes back as it was sent, to its own app', async () => {
      const { outcome, message: stored } = await ui.insert(message())
      expect(outcome).toBe('inserted')
      expect(stored).toEqual({
        ...message(),
        endsAs: null,
        claimedBy: null,
        claims: 0,
        endedAt: null,
        change: 1,
      })
      expect(await ui.find(APP, 'uim_1')).toEqual(stored)
      expect(Object.keys(stored.callbacks)).toEqual(['onSuccess', 'onFail'])
      expect(await ui.find('app_2', 'uim_1')).toBeNull()
    })

    test('the same request key gives the first message again, in its own app', async () => {
      const first = await send({ requestKey: 'k' })
      const again = await ui.insert(message({ id: 'uim_2', requestKey: 'k', fingerprint: 'f2' }))
      expect(again).toEqual({ outcome: 'exists', message: first })
      expect(await ui.find(APP, 'uim_2')).toBeNull()
      const other = await ui.insert(message({ id: 'uim_3', appId: 'app_2', requestKey: 'k' }))
      expect(other.outcome).toBe('inserted')
    })

    test('a message that reaches nobody is over at once', async () => {
      const sent = await send({ state: 'undeliverable', users: [] })
      expect(sent).toMatchObject({ state: 'undeliverable', endedAt: 1000 })
      expect(await openIds()).toEqual([])
    })

    test('a page gets the open messages of its user, and of other tabs none, oldest first', async () => {
      await send()
      await send({ id: 'uim_2', tab: 'tab_1' })
      await send({ id: 'uim_3', tab: 'tab_2' })
      await send({ id: 'uim_4', users: ['u2', 'u1', 'u1'] })
      await send({ id: 'uim_5', users: ['u2'] })
      await send({ id: 'uim_6', appId: 'app_2' })
      await send({ id: 'uim_7', expiresAt: 2000 })
      expect(await openIds()).toEqual(['uim_1', 'uim_2', 'uim_4'])
    })

    test('once a tab has claimed it, no other gets it, and the tab itself does', async () => {
      await send()
      expect(await ui.claim(APP, 'uim_1', page(), 2000)).toMatchObject({
        outcome: 'taken',
        message: { state: 'claimed', claimedBy: page() },
      })
      expect(await openIds()).toEqual(['uim_1'])
      expect(await openIds(page({ tab: 'tab_2' }))).toEqual([])
      expect(await ui.claim(APP, 'uim_1', page({ tab: 'tab_2' }), 2000)).toMatchObject({ outcome: 'claimed' })
      const renewed = page({ session: 'uis_2' })
      expect(await ui.claim(APP, 'uim_1', renewed, 2000)).toMatchObject({ outcome: 'taken' })
    })

    test('of two tabs that claim at once one gets it', async () => {
      await send()
      const tabs = ['tab_1', 'tab_2', 'tab_3']
      const takings = await Promise.all(tabs.map((tab) => ui.claim(APP, 'uim_1', page({ tab }), 2000)))
      expect(takings.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'claimed', 'taken'])
    })

    test('neither another user nor another tab may take what was not sent to them', async () => {
      await send({ tab: 'tab_1' })
      for (const stranger of [page({ tab: 'tab_2' }), page({ user: 'u2' })]) {
        expect(await ui.claim(APP, 'uim_1', stranger, 2000)).toMatchObject({ outcome: 'unknown' })
        const taking = await ui.settle(APP, 'uim_1', settlement({ page: stranger }), 2000)
        expect(taking.outcome).toBe('unknown')
      }
      expect((await ui.claim('app_2', 'uim_1', page(), 2000)).outcome).toBe('unknown')
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ state: 'queued' })
    })

    test('of callbacks that come at once one settles it and leaves one job', async () => {
      await send()
      const ids = ['uic_1', 'uic_2', 'uic_3'] as const
      const takings = await Promise.all(ids.map((id) => ui.settle(APP, 'uim_1', settlement({ id }), 2000)))
      expect(takings.map(({ outcome }) => outcome).sort()).toEqual(['settled', 'settled', 'taken'])
      expect(await ui.find(APP, 'uim_1')).toMatchObject({
        state: 'settled',
        endedAt: 2000,
        claimedBy: page(),
      })
      expect(await ui.leaseJobs(APP, wish(), { token: 'l', until: 3000 }, 2000, 10)).toHaveLength(1)
      expect(await openIds()).toEqual([])
    })

    test('what another tab has claimed, it alone settles', async () => {
      await send()
      await ui.claim(APP, 'uim_1', page({ tab: 'tab_2' }), 2000)
      const failed = { callback: 'onFail', verified: false }
      expect((await ui.settle(APP, 'uim_1', settlement(failed), 2000)).outcome).toBe('claimed')
      const own = settlement({ ...failed, page: page({ tab: 'tab_2' }) })
      expect((await ui.settle(APP, 'uim_1', own, 2000)).outcome).toBe('taken')
    })

    test('what is canceled or past its time can be neither claimed nor settled nor canceled', async () => {
      await send()
      await send({ id: 'uim_2', expiresAt: 2000 })
      expect(await ui.cancel(APP, 'uim_1', 1500)).toMatchObject({ endsAs: 'canceled', endedAt: null })
      expect(await ui.cancel(APP, 'uim_1', 9500)).toMatchObject({ endsAs: 'canceled' })
      expect(await ui.cancel(APP, 'uim_9', 1500)).toBeNull()
      for (const id of ['uim_1', 'uim_2']) {
        expect((await ui.claim(APP, id, page(), 2000)).outcome).toBe('ended')
        expect((await ui.settle(APP, id, settlement({ verified: false }), 2000)).outcome).toBe('ended')
      }
      expect(await ui.cancel(APP, 'uim_2', 2000)).toMatchObject({ endsAs: 'undeliverable' })
      expect(await openIds()).toEqual([])
      expect(await ui.leaseJobs(APP, wish({ listens: true }), { token: 'l', until: 3000 }, 2000, 9)).toEqual(
        [],
      )
    })

    test('past its time it expires, or was undeliverable where no page had received it', async () => {
      await send({ expiresAt: 2000 })
      await send({ id: 'uim_2', expiresAt: 2000 })
      await send({ id: 'uim_3', expiresAt: 2001 })
      await ui.markDelivered(['uim_2'])
      await ui.markDelivered(['uim_2'])
      expect(await ui.endOverdue(1999, 10)).toBe(0)
      expect(await ui.endOverdue(2000, 10)).toBe(2)
      expect(await ui.endOverdue(2000, 10)).toBe(0)
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ endsAs: 'undeliverable', endedAt: null })
      expect(await ui.find(APP, 'uim_2')).toMatchObject({ endsAs: 'expired', endedAt: null })
      expect(await ui.find(APP, 'uim_3')).toMatchObject({ state: 'queued', endsAs: null, endedAt: null })
    })

    test('what is about to end waits for Stripe’s word, and ends as it says or as it was to', async () => {
      await send()
      await send({ id: 'uim_2' })
      await send({ id: 'uim_3' })
      await ui.claim(APP, 'uim_1', page(), 1500)
      await ui.cancel(APP, 'uim_1', 1600)
      await ui.cancel(APP, 'uim_2', 1600)
      expect((await ui.ending(10)).map(({ id }) => id)).toEqual(['uim_1', 'uim_2'])
      expect(await ui.ending(1)).toHaveLength(1)
      const word = settlement({ page: null })
      expect((await ui.settle(APP, 'uim_1', word, 2000)).outcome).toBe('taken')
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ state: 'settled', endsAs: null, claimedBy: page() })
      expect(await ui.jobOf('uim_1')).toMatchObject({ page: null, verified: true })
      expect(await ui.finishEnding(APP, 'uim_2', 2000)).toMatchObject({ state: 'canceled', endedAt: 2000 })
      expect(await ui.finishEnding(APP, 'uim_2', 3000)).toMatchObject({ endedAt: 2000 })
      expect(await ui.finishEnding(APP, 'uim_1', 3000)).toMatchObject({ state: 'settled' })
      expect(await ui.finishEnding(APP, 'uim_3', 3000)).toMatchObject({ state: 'queued', endedAt: null })
      expect(await ui.finishEnding(APP, 'uim_9', 3000)).toBeNull()
      expect((await ui.settle(APP, 'uim_2', settlement({ id: 'uic_2', page: null }), 3000)).outcome).toBe(
        'ended',
      )
      expect(await ui.ending(10)).toEqual([])
    })

    test('Stripe’s word counts for whoever brings it, also past the message’s time', async () => {
      await send({ expiresAt: 2000 })
      await ui.claim(APP, 'uim_1', page({ tab: 'tab_2' }), 1500)
      expect((await ui.settle(APP, 'uim_1', settlement({ page: page({ user: 'u2' }) }), 3000)).outcome).toBe(
        'unknown',
      )
      expect((await ui.settle(APP, 'uim_1', settlement(), 3000)).outcome).toBe('taken')
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ state: 'settled', claimedBy: page() })
    })

    test('the messages about an intent that have no end yet are found, of one app', async () => {
      await send()
      await send({ id: 'uim_2', intent: 'seti_2' })
      await send({ id: 'uim_3', appId: 'app_2' })
      await send({ id: 'uim_4' })
      await send({ id: 'uim_5' })
      await ui.cancel(APP, 'uim_4', 1500)
      await ui.settle(APP, 'uim_5', settlement(), 1500)
      expect((await ui.unendedOf(APP, 'seti_1')).map(({ id }) => id).sort()).toEqual(['uim_1', 'uim_4'])
    })

    test('a claim of a tab that is not connected is found, and taken back for the next tab', async () => {
      await send()
      await ui.claim(APP, 'uim_1', page(), 1500)
      const here = { holder: 'h', appId: APP, page: page(), instance: null, until: 3000 }
      await ui.putPresence(here)
      expect(await ui.abandoned(2000, 10)).toEqual([])
      expect(await ui.abandoned(3000, 10)).toMatchObject([{ id: 'uim_1', claims: 1 }])
      await ui.dropPresence('h')
      expect(await ui.abandoned(2000, 10)).toHaveLength(1)
      await ui.release(APP, 'uim_1', page({ tab: 'tab_9' }))
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ state: 'claimed' })
      await ui.release(APP, 'uim_1', page())
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ state: 'delivered', claimedBy: null, claims: 1 })
      expect(await ui.abandoned(2000, 10)).toEqual([])
      const second = page({ tab: 'tab_2' })
      expect(await openIds(second)).toEqual(['uim_1'])
      expect(await ui.claim(APP, 'uim_1', second, 2000)).toMatchObject({
        outcome: 'taken',
        message: { claims: 2 },
      })
    })

    test('delivery is noted once and takes nothing back', async () => {
      await send()
      await ui.claim(APP, 'uim_1', page(), 2000)
      await ui.markDelivered(['uim_1'])
      expect(await ui.find(APP, 'uim_1')).toMatchObject({ state: 'claimed', claimedBy: page() })
    })

    test('changes are read in their order, each message as it is now', async () => {
      expect(await ui.latestChange()).toBe(0)
      await send()
      await send({ id: 'uim_2', appId: 'app_2' })
      const seen = await ui.latestChange()
      await ui.claim(APP, 'uim_1', page(), 2000)
      await ui.claim(APP, 'uim_1', page(), 2000)
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      const changed = await ui.changesAfter(seen, 10)
      expect(changed.map(({ id, state }) => [id, state])).toEqual([['uim_1', 'settled']])
      expect(changed[0]?.change).toBe(await ui.latestChange())
      expect((await ui.changesAfter(0, 10)).map(({ id }) => id)).toEqual(['uim_2', 'uim_1'])
      expect((await ui.changesAfter(0, 1)).map(({ id }) => id)).toEqual(['uim_2'])
    })

    test('a sender finds what ended of its own messages', async () => {
      await send({ instance: 'i1' })
      await send({ id: 'uim_2', instance: 'i1' })
      await send({ id: 'uim_3', instance: 'i2' })
      await ui.settle(APP, 'uim_2', settlement(), 2000)
      await ui.cancel(APP, 'uim_3', 2000)
      const ended = await ui.endedOf(APP, 'i1', 0, 10)
      expect(ended.map(({ id }) => id)).toEqual(['uim_2'])
      expect(await ui.endedOf(APP, 'i1', ended[0]?.change ?? 0, 10)).toEqual([])
      expect(await ui.endedOf('app_2', 'i1', 0, 10)).toEqual([])
    })

    test('a job goes to one stream that fits, and comes again when its lease is over', async () => {
      await send()
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      const lease = (token: string, now: number) =>
        ui.leaseJobs(APP, wish(), { token, until: now + 100 }, now, 10)
      expect(await ui.leaseJobs('app_2', wish(), { token: 'x', until: 9 }, 2000, 10)).toEqual([])
      expect(await ui.leaseJobs(APP, wish({ handlers: [] }), { token: 'x', until: 9 }, 2000, 10)).toEqual([])
      const both = await Promise.all([lease('a', 2000), lease('b', 2000)])
      const jobs = both.flat()
      expect(jobs).toEqual([
        {
          ...settlement(),
          messageId: 'uim_1',
          handler: { name: 'saved', data: { order: 1 } },
          state: 'pending',
          error: null,
          deliveries: 1,
        },
      ])
      expect(await lease('b', 2099)).toEqual([])
      expect(await lease('b', 2100)).toMatchObject([{ id: 'uic_1', deliveries: 2 }])
    })

    test('a lease is renewed by its holder alone, and cut when the holder goes', async () => {
      await send()
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      await ui.leaseJobs(APP, wish(), { token: 'a', until: 2100 }, 2000, 10)
      expect(await ui.renewLease(APP, 'uic_1', { token: 'b', until: 9000 })).toBe('lost')
      expect(await ui.renewLease('app_2', 'uic_1', { token: 'a', until: 9000 })).toBe('lost')
      expect(await ui.renewLease(APP, 'uic_1', { token: 'a', until: 2500 })).toBe('renewed')
      await ui.cutLeases('b', 2001)
      await ui.cutLeases('a', 2300)
      await ui.cutLeases('a', 2400)
      expect(await ui.leaseJobs(APP, wish(), { token: 'c', until: 2600 }, 2299, 10)).toEqual([])
      expect(await ui.leaseJobs(APP, wish(), { token: 'c', until: 2600 }, 2300, 10)).toHaveLength(1)
      expect(await ui.renewLease(APP, 'uic_1', { token: 'a', until: 9000 })).toBe('lost')
    })

    test('a job ends once, and its end stays', async () => {
      await send()
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      await ui.leaseJobs(APP, wish(), { token: 'a', until: 2100 }, 2000, 10)
      expect(await ui.finishJob('app_2', 'uic_1', { state: 'done', error: null }, 2000)).toBeNull()
      const failed = await ui.finishJob(APP, 'uic_1', { state: 'failed', error: 'No such order' }, 2000)
      expect(failed).toMatchObject({ state: 'failed', error: 'No such order' })
      expect(await ui.finishJob(APP, 'uic_1', { state: 'done', error: null }, 2001)).toEqual(failed)
      expect(await ui.job(APP, 'uic_1')).toEqual(failed)
      expect(await ui.job('app_2', 'uic_1')).toBeNull()
      expect(await ui.jobOf('uim_1')).toEqual(failed)
      expect(await ui.jobOf('uim_2')).toBeNull()
      expect(await ui.renewLease(APP, 'uic_1', { token: 'a', until: 9000 })).toBe('lost')
      expect(await ui.leaseJobs(APP, wish(), { token: 'b', until: 9000 }, 8000, 10)).toEqual([])
    })

    test('an inline handler runs in its own process, and one without a name where somebody listens', async () => {
      await send({ callbacks: { onSuccess: { name: 'inline:i1:0', data: null } } })
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      await send({ id: 'uim_2', callbacks: { onFail: { name: null, data: null } } })
      await ui.settle(APP, 'uim_2', settlement({ id: 'uic_2', callback: 'onFail' }), 2000)
      const take = async (of: Partial<UiJobWish>) => {
        const jobs = await ui.leaseJobs(APP, wish(of), { token: 'l', until: 3000 }, 2000, 10)
        return jobs.map(({ id }) => id)
      }
      expect(await take({ handlers: ['inline:i1:0'], instance: 'i2' })).toEqual([])
      expect(await take({ instance: 'i1' })).toEqual(['uic_1'])
      expect(await take({ listens: true })).toEqual(['uic_2'])
    })

    test('a stream is given no more jobs than it takes, the oldest first', async () => {
      for (const n of [1, 2, 3]) {
        await send({ id: `uim_${n}` })
        await ui.settle(APP, `uim_${n}`, settlement({ id: `uic_${n}` }), 2000)
      }
      const take = (token: string) => ui.leaseJobs(APP, wish(), { token, until: 3000 }, 2000, 2)
      expect((await take('a')).map(({ id }) => id)).toEqual(['uic_1', 'uic_2'])
      expect((await take('b')).map(({ id }) => id)).toEqual(['uic_3'])
    })

    test('a job that nobody ever acknowledges fails in the end', async () => {
      await send()
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      const take = (now: number) => ui.leaseJobs(APP, wish(), { token: 'a', until: now + 1 }, now, 10)
      for (let n = 0; n < MOST_DELIVERIES; n++) expect(await take(2000 + n)).toHaveLength(1)
      const end = 2000 + MOST_DELIVERIES
      expect(await take(end)).toEqual([])
      expect(await ui.endOverdue(end - 1, 10)).toBe(0)
      expect(await ui.endOverdue(end, 10)).toBe(1)
      expect(await ui.job(APP, 'uic_1')).toMatchObject({ state: 'failed', error: /never acknowledged/ })
    })

    test('who is connected counts until it goes, or is heard of no more', async () => {
      const presence = (holder: string, of: Partial<UiPresence>): UiPresence => ({
        holder,
        appId: APP,
        page: null,
        instance: null,
        until: 3000,
        ...of,
      })
      await ui.putPresence(presence('a', { page: { user: 'u1', tab: 'tab_1' } }))
      await ui.putPresence(presence('b', { page: { user: 'u1', tab: 'tab_1' } }))
      await ui.putPresence(presence('c', { page: { user: 'u1', tab: 'tab_2' }, until: 2500 }))
      await ui.putPresence(presence('d', { page: { user: 'u2', tab: 'tab_1' } }))
      await ui.putPresence(presence('e', { instance: 'i1' }))
      await ui.putPresence(presence('f', { appId: 'app_2', page: { user: 'u1', tab: 'tab_3' } }))
      const count = (users: readonly string[], tab: string | null, now = 2000) =>
        ui.countPages(APP, { users, tab }, now)
      expect(await count(['u1'], null)).toBe(2)
      expect(await count(['u1', 'u2'], null)).toBe(3)
      expect(await count(['u1'], 'tab_2')).toBe(1)
      expect(await count(['u1'], 'tab_2', 2500)).toBe(0)
      expect(await ui.hasInstance(APP, 'i1', 2999)).toBe(true)
      expect(await ui.hasInstance('app_2', 'i1', 2999)).toBe(false)
      const of = { page: { user: 'u1', tab: 'tab_1' }, until: 5000 }
      await ui.renewPresences([presence('a', of), presence('b', of)])
      expect(await count(['u1'], null, 4000)).toBe(1)
      expect(await ui.sweep({ endedBy: 0, unheardBy: 0, now: 3500 }, 100)).toBe(4)
      await ui.renewPresences([presence('e', { instance: 'i1', until: 6000 })])
      expect(await ui.hasInstance(APP, 'i1', 4000)).toBe(true)
      await ui.dropPresence('a')
      await ui.dropPresence('b')
      await ui.dropPresence('e')
      expect(await count(['u1'], null)).toBe(0)
      expect(await ui.hasInstance(APP, 'i1', 2000)).toBe(false)
    })

    test('old messages go with their jobs, and an unheard callback stays for longer', async () => {
      await send()
      await send({ id: 'uim_2' })
      await send({ id: 'uim_3' })
      await ui.settle(APP, 'uim_1', settlement(), 2000)
      await ui.settle(APP, 'uim_2', settlement({ id: 'uic_2' }), 2000)
      await ui.finishJob(APP, 'uic_2', { state: 'done', error: null }, 2000)
      await ui.putPresence({ holder: 'a', appId: APP, page: null, instance: null, until: 2000 })
      expect(await ui.sweep({ endedBy: 1999, unheardBy: 1000, now: 1999 }, 10)).toBe(0)
      expect(await ui.sweep({ endedBy: 2000, unheardBy: 1000, now: 2000 }, 10)).toBe(2)
      expect(await ui.job(APP, 'uic_2')).toBeNull()
      expect(await ui.find(APP, 'uim_1')).not.toBeNull()
      expect(await ui.sweep({ endedBy: 2000, unheardBy: 2000, now: 2000 }, 10)).toBe(1)
      expect(await ui.job(APP, 'uic_1')).toBeNull()
      expect(await ui.find(APP, 'uim_3')).not.toBeNull()
    })
  })
}
