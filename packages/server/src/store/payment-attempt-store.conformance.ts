/** What every backend of the payment attempts must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newestPriceConformance } from './newest-price.conformance.ts'
import { paymentAttemptRewritesConformance } from './payment-attempt-rewrites.conformance.ts'
import type { AttemptLease, AttemptResult, NewAttempt, PaymentAttemptStore } from './payment-attempt-store.ts'
import type { Store } from './store.ts'

const NOON = 1_795_000_000_000
const LEASE = { leaseUntil: NOON + 60_000 }

function anAttempt(id: string, overrides: Partial<NewAttempt> = {}): NewAttempt {
  return {
    id,
    appId: 'app_1',
    account: '',
    subject: `attempt:${id}`,
    requestKey: null,
    fingerprint: 'print-1',
    orderId: null,
    terms: null,
    call: { operation: 'create', paymentIntent: null, params: { amount: 1999, currency: 'usd' } },
    payer: { by: 'client', keys: ['digest-1'] },
    replaces: null,
    idempotencyKey: `key-${id}`,
    createdAt: NOON,
    sentAfter: NOON - 1_000,
    ...overrides,
  }
}

const forOrder = (id: string, overrides: Partial<NewAttempt> = {}) =>
  anAttempt(id, { subject: 'order:o1', orderId: 'o1', terms: { amount: 1999 }, ...overrides })

const success: AttemptResult = {
  state: 'succeeded',
  paymentIntentId: 'pi_1',
  chargeId: 'ch_1',
  refundId: null,
  paymentStatus: 'succeeded',
  failure: null,
  isOwed: false,
  now: NOON + 5,
}

const failure = (retryable: boolean): AttemptResult => ({
  ...success,
  state: 'failed',
  paymentIntentId: null,
  chargeId: null,
  paymentStatus: null,
  failure: { code: 'card_declined', message: 'No.', param: null, details: { charge: 'ch_0' }, retryable },
})

export function paymentAttemptStoreConformance(
  backend: string,
  openStore: () => Store | Promise<Store>,
): void {
  paymentAttemptRewritesConformance(backend, openStore)
  newestPriceConformance(backend, openStore)
  describe(`the payment attempts on ${backend}`, () => {
    let store: Store
    let attempts: PaymentAttemptStore
    beforeEach(async () => {
      store = await openStore()
      attempts = store.paymentAttempts
    })
    afterEach(() => store.close())

    async function claimed(attempt: NewAttempt): Promise<AttemptLease> {
      const claim = await attempts.claim(attempt, LEASE)
      if (claim.outcome !== 'claimed') throw new Error(`expected a claim, got ${claim.outcome}`)
      return claim.lease
    }

    test('an attempt is open, whole and leased once it is claimed', async () => {
      const given = forOrder('att_1', { requestKey: 'key:a', account: 'acct_1' })
      const { attempt } = await claimed(given)
      expect(attempt).toEqual({
        ...given,
        state: 'open',
        paymentIntentId: null,
        chargeId: null,
        refundId: null,
        paymentStatus: null,
        failure: null,
        tries: 1,
        firstSentAt: NOON,
        lastSentAt: NOON,
        absentSince: null,
        lastError: null,
        dueAt: LEASE.leaseUntil,
        isOwed: false,
        finishedAt: null,
      })
      expect(await attempts.find('app_1', 'att_1')).toEqual(attempt)
      expect(await attempts.find('app_2', 'att_1')).toBeNull()
    })

    test('a request key is taken once an account of an app, also after the end of the attempt', async () => {
      const lease = await claimed(anAttempt('att_1', { requestKey: 'key:a' }))
      await attempts.finish(lease, success)
      const again = await attempts.claim(anAttempt('att_2', { requestKey: 'key:a' }), LEASE)
      expect(again).toMatchObject({ outcome: 'repeated', attempt: { id: 'att_1', state: 'succeeded' } })
      await claimed(anAttempt('att_3', { requestKey: 'key:a', account: 'acct_1' }))
      await claimed(anAttempt('att_4', { requestKey: 'key:a', appId: 'app_2' }))
      expect(await attempts.findByRequestKey('app_1', 'acct_1', 'key:a')).toMatchObject({ id: 'att_3' })
      expect(await attempts.findByRequestKey('app_1', '', 'key:b')).toBeNull()
    })

    test('a claim that is taken back leaves nothing behind, unless it was sent again', async () => {
      const lease = await claimed(forOrder('att_1', { requestKey: 'key:a' }))
      expect(await attempts.withdraw({ ...lease, token: 'stolen' })).toBe('lease_lost')
      expect(await attempts.withdraw(lease)).toBe('done')
      expect(await attempts.find('app_1', 'att_1')).toBeNull()
      const again = await claimed(forOrder('att_2', { requestKey: 'key:a' }))
      await attempts.noteSent(again, NOON + 1)
      expect(await attempts.withdraw(again)).toBe('lease_lost')
    })

    test('of many that come together for one order, one is claimed', async () => {
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => attempts.claim(forOrder(`att_${n}`), LEASE)),
      )
      expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1)
      expect(claims.filter(({ outcome }) => outcome === 'busy')).toHaveLength(19)
    })

    test('an order gets its PaymentIntent with the outcome, and keeps it', async () => {
      await attempts.finish(await claimed(forOrder('att_1')), { ...failure(false), paymentIntentId: 'pi_1' })
      const order = {
        appId: 'app_1',
        account: '',
        orderId: 'o1',
        paymentIntentId: 'pi_1',
        terms: { amount: 1999 },
        payer: { by: 'client', keys: ['digest-1'] },
        createdAt: NOON + 5,
      }
      expect(await attempts.findOrder('app_1', '', 'o1')).toEqual(order)
      expect(await attempts.findOrderByIntent('app_1', '', 'pi_1')).toEqual(order)
      expect(await attempts.findOrder('app_1', 'acct_1', 'o1')).toBeNull()
      expect(await attempts.claim(forOrder('att_2'), LEASE)).toEqual({ outcome: 'order_exists', order })
      const confirm = { operation: 'confirm', paymentIntent: 'pi_1', params: {} } as const
      await attempts.finish(await claimed(forOrder('att_3', { call: confirm })), success)
      expect(await attempts.findOrder('app_1', '', 'o1')).toEqual(order)
    })

    test('an order goes on to another PaymentIntent only by a create that says which one it replaces', async () => {
      await attempts.finish(await claimed(forOrder('att_1')), success)
      const owner = { by: 'server', keys: [] } as const
      const anew = (id: string, replaces: string | null) =>
        forOrder(id, { replaces, payer: owner, terms: { amount: 2500 } })
      expect(await attempts.claim(anew('att_2', null), LEASE)).toMatchObject({ outcome: 'order_exists' })
      expect(await attempts.claim(anew('att_2', 'pi_0'), LEASE)).toMatchObject({ outcome: 'order_exists' })
      const second = await claimed(anew('att_2', 'pi_1'))
      expect(second.attempt).toMatchObject({ replaces: 'pi_1', payer: owner })
      await attempts.finish(second, { ...failure(false), paymentIntentId: null })
      expect(await attempts.findOrder('app_1', '', 'o1')).toMatchObject({ paymentIntentId: 'pi_1' })
      await attempts.finish(await claimed(anew('att_3', 'pi_1')), { ...success, paymentIntentId: 'pi_2' })
      expect(await attempts.findOrder('app_1', '', 'o1')).toEqual({
        appId: 'app_1',
        account: '',
        orderId: 'o1',
        paymentIntentId: 'pi_2',
        terms: { amount: 2500 },
        payer: owner,
        createdAt: NOON + 5,
      })
      expect(await attempts.findOrderByIntent('app_1', '', 'pi_1')).toBeNull()
      expect(await attempts.claim(anew('att_4', 'pi_1'), LEASE)).toMatchObject({ outcome: 'order_exists' })
    })

    test('a card token stays only while its call may be sent again', async () => {
      const card = { type: 'card', card: { token: 'tok_1abc' } }
      const params = { amount: 1999, payment_method_data: card }
      const withToken = (id: string) =>
        anAttempt(id, { call: { operation: 'create', paymentIntent: null, params } })
      const held = async (id: string) => (await attempts.find('app_1', id))?.call.params
      await attempts.finish(await claimed(withToken('att_1')), failure(true))
      expect(await held('att_1')).toEqual(params)
      await attempts.finish(await claimed(withToken('att_2')), success)
      expect(await held('att_2')).toEqual({ amount: 1999 })
      await attempts.finish(await claimed(withToken('att_3')), failure(false))
      expect(await held('att_3')).toEqual({ amount: 1999 })
    })

    test('an order without a PaymentIntent is free for another attempt after a failure', async () => {
      await attempts.finish(await claimed(forOrder('att_1')), failure(false))
      expect(await attempts.findOrder('app_1', '', 'o1')).toBeNull()
      await claimed(forOrder('att_2'))
    })

    test('a failure comes back as it was', async () => {
      await attempts.finish(await claimed(anAttempt('att_1')), failure(false))
      expect(await attempts.find('app_1', 'att_1')).toMatchObject({
        state: 'failed',
        failure: failure(false).failure,
        finishedAt: NOON + 5,
        dueAt: null,
      })
    })

    test('only the holder of the lease ends an attempt, and only once', async () => {
      const lease = await claimed(anAttempt('att_1'))
      expect(await attempts.finish({ ...lease, token: 'stolen' }, failure(false))).toBe('lease_lost')
      expect(await attempts.finish(lease, success)).toBe('done')
      expect(await attempts.finish(lease, failure(false))).toBe('lease_lost')
      expect(await attempts.postpone(lease, { error: 'x', dueAt: NOON, absentSince: null })).toBe(
        'lease_lost',
      )
      expect(await attempts.noteSent(lease, NOON)).toBe('lease_lost')
      expect(await attempts.find('app_1', 'att_1')).toMatchObject({ state: 'succeeded', chargeId: 'ch_1' })
    })

    test('an answer that comes after all replaces the conclusion that nothing was done', async () => {
      const late = await claimed(forOrder('att_1'))
      const at = { now: NOON + 60_000, leaseUntil: NOON + 90_000, latest: NOON * 2 }
      const second = await attempts.resume('app_1', 'att_1', at)
      if (second === null) throw new Error('expected a lease')
      await attempts.finish(second, failure(true))
      expect(await attempts.finish(late, success)).toBe('done')
      expect(await attempts.find('app_1', 'att_1')).toMatchObject({ state: 'succeeded', failure: null })
      expect(await attempts.findOrder('app_1', '', 'o1')).toMatchObject({ paymentIntentId: 'pi_1' })
      expect(await attempts.finish(late, failure(false))).toBe('lease_lost')
    })

    test('an open attempt is resumed when its lease was given back or has run out, not before', async () => {
      const lease = await claimed(anAttempt('att_1'))
      const later = { leaseUntil: NOON + 120_000, latest: NOON * 3 }
      expect(await attempts.resume('app_1', 'att_1', { now: NOON + 59_999, ...later })).toBeNull()
      const second = await attempts.resume('app_1', 'att_1', { now: NOON + 60_000, ...later })
      expect(second?.attempt).toMatchObject({ id: 'att_1', dueAt: NOON + 120_000 })
      expect(await attempts.finish(lease, failure(false))).toBe('lease_lost')
      if (second === null) throw new Error('expected a lease')
      expect(
        await attempts.postpone(second, {
          error: 'timed out',
          dueAt: NOON + 500_000,
          absentSince: NOON + 70,
        }),
      ).toBe('done')
      const third = await attempts.resume('app_1', 'att_1', { now: NOON + 60_001, ...later })
      expect(third?.attempt).toMatchObject({ state: 'open', lastError: 'timed out', tries: 1 })
      if (third === null) throw new Error('expected a lease')
      expect(await attempts.noteSent(third, NOON + 60_002)).toBe('done')
      await attempts.finish(third, success)
      expect(await attempts.find('app_1', 'att_1')).toMatchObject({ tries: 2, lastSentAt: NOON + 60_002 })
      expect(await attempts.resume('app_1', 'att_1', { now: NOON * 2, ...later })).toBeNull()
    })

    test('what is due is leased, the oldest first, and once', async () => {
      await claimed(anAttempt('att_1'))
      const second = await claimed(anAttempt('att_2', { appId: 'app_2' }))
      await attempts.postpone(second, { error: 'lost', dueAt: NOON + 10, absentSince: null })
      expect(await attempts.nextDueAt()).toBe(NOON + 10)
      const at = { now: NOON + 60_000, leaseUntil: NOON + 90_000, latest: NOON * 2, except: [] }
      const due = await attempts.leaseDue({ ...at, limit: 1 })
      expect(due.map(({ attempt }) => attempt.id)).toEqual(['att_2'])
      expect((await attempts.leaseDue({ ...at, limit: 9 })).map(({ attempt }) => attempt.id)).toEqual([
        'att_1',
      ])
      expect(await attempts.leaseDue({ ...at, limit: 9 })).toEqual([])
      for (const lease of due) await attempts.finish(lease, success)
      expect(await attempts.nextDueAt()).toBe(NOON + 90_000)
    })

    test('what its own process is at is left to it, and what a clock that was set back has put off is due now', async () => {
      await claimed(anAttempt('att_1'))
      const at = { leaseUntil: NOON + 90_000, limit: 9 }
      const before = { ...at, now: NOON - 1_000_000, latest: NOON - 500_000 }
      expect(await attempts.leaseDue({ ...before, except: ['att_1'] })).toEqual([])
      expect(await attempts.leaseDue({ ...before, latest: NOON * 2, except: [] })).toEqual([])
      const [lease] = await attempts.leaseDue({ ...before, except: [] })
      expect(lease?.attempt.id).toBe('att_1')
      const again = { now: NOON - 1_000_000, latest: NOON, leaseUntil: NOON }
      expect(await attempts.resume('app_1', 'att_1', again)).toMatchObject({ attempt: { id: 'att_1' } })
    })

    test('the first look that found nothing is kept, until the call is sent once more', async () => {
      const lease = await claimed(anAttempt('att_1'))
      await attempts.postpone(lease, { error: 'lost', dueAt: NOON, absentSince: NOON + 7 })
      const at = { now: NOON, leaseUntil: NOON + 9, latest: NOON * 2 }
      const second = await attempts.resume('app_1', 'att_1', at)
      if (second === null) throw new Error('expected a lease')
      expect(second.attempt).toMatchObject({ absentSince: NOON + 7, sentAfter: NOON - 1_000 })
      await attempts.noteSent(second, NOON + 8)
      expect((await attempts.find('app_1', 'att_1'))?.absentSince).toBeNull()
    })

    test('an id is taken once, and says so', async () => {
      await attempts.finish(await claimed(anAttempt('att_1')), success)
      const again = await attempts.claim(anAttempt('att_1', { idempotencyKey: 'other' }), LEASE)
      expect(again).toEqual({ outcome: 'taken' })
    })

    test('an outcome is owed until it is told, and a request key holds until it is given up', async () => {
      const lease = await claimed(anAttempt('att_1', { requestKey: 'content:a' }))
      await attempts.finish(lease, { ...success, isOwed: true })
      expect(await attempts.forgive('app_2', 'att_1')).toBe(false)
      expect(await attempts.forgive('app_1', 'att_1')).toBe(true)
      expect(await attempts.forgive('app_1', 'att_1')).toBe(false)
      await attempts.giveUpRequestKey('app_2', 'att_1')
      expect(await attempts.findByRequestKey('app_1', '', 'content:a')).not.toBeNull()
      await attempts.giveUpRequestKey('app_1', 'att_1')
      expect(await attempts.findByRequestKey('app_1', '', 'content:a')).toBeNull()
    })

    test('a failure at which Stripe did nothing is opened again under a new key, any other is not', async () => {
      await attempts.finish(await claimed(forOrder('att_1', { requestKey: 'key:a' })), failure(true))
      const again = { idempotencyKey: 'key-again', now: NOON + 9, leaseUntil: NOON + 60_000 }
      const lease = await attempts.reopen('app_1', 'att_1', again)
      if (lease === null || typeof lease === 'string') throw new Error('expected a lease')
      expect(lease.attempt).toMatchObject({
        state: 'open',
        idempotencyKey: 'key-again',
        tries: 1,
        firstSentAt: NOON + 9,
        failure: null,
        finishedAt: null,
      })
      expect(await attempts.reopen('app_1', 'att_1', again)).toBeNull()
      await attempts.finish(lease, failure(false))
      expect(await attempts.reopen('app_1', 'att_1', again)).toBeNull()
    })

    test('a failure is not opened again while another attempt at the order is open', async () => {
      await attempts.finish(await claimed(forOrder('att_1')), failure(true))
      await claimed(forOrder('att_2'))
      const again = { idempotencyKey: 'key-again', now: NOON, leaseUntil: NOON + 60_000 }
      expect(await attempts.reopen('app_1', 'att_1', again)).toBe('busy')
    })

    test('a create that failed is not opened again once the order has its PaymentIntent: its request is a new one', async () => {
      await attempts.finish(await claimed(forOrder('att_1', { requestKey: 'token:a' })), failure(true))
      await attempts.finish(await claimed(forOrder('att_2', { requestKey: 'token:b' })), success)
      const again = { idempotencyKey: 'key-again', now: NOON, leaseUntil: NOON + 60_000 }
      expect(await attempts.reopen('app_1', 'att_1', again)).toBe('order_exists')
      expect(await attempts.find('app_1', 'att_1')).toMatchObject({ state: 'failed', requestKey: null })
      expect(await attempts.findByRequestKey('app_1', '', 'token:a')).toBeNull()
      const anew = await attempts.claim(forOrder('att_3', { requestKey: 'token:a' }), LEASE)
      expect(anew).toMatchObject({ outcome: 'order_exists', order: { paymentIntentId: 'pi_1' } })
    })

    describe('a change of price', () => {
      const update = { operation: 'update', paymentIntent: 'pi_1', params: { amount: 2500 } } as const
      const confirm = { operation: 'confirm', paymentIntent: 'pi_1', params: {} } as const
      const unpaid: AttemptResult = { ...success, chargeId: null, paymentStatus: 'requires_payment_method' }
      const changing = (id: string, amount: number, more: Partial<NewAttempt> = {}) =>
        forOrder(id, { terms: { amount, asked: { amount, items: null } }, call: update, ...more })
      const confirming = (id: string, terms: NewAttempt['terms'], more: Partial<NewAttempt> = {}) =>
        forOrder(id, { terms, call: confirm, ...more })
      const termsOf = async () => (await attempts.findOrder('app_1', '', 'o1'))?.terms
      beforeEach(async () => {
        const terms = {
          amount: 1999,
          currency: 'usd',
          description: null,
          asked: { amount: 1999, items: null },
        }
        await attempts.finish(await claimed(forOrder('att_0', { terms })), unpaid)
      })

      test('gives the order its new terms with the outcome, and leaves the others as they are', async () => {
        const lease = await claimed(changing('att_1', 2500))
        expect(await termsOf()).toMatchObject({ amount: 1999 })
        await attempts.finish(lease, unpaid)
        expect(await termsOf()).toEqual({
          amount: 2500,
          currency: 'usd',
          description: null,
          asked: { amount: 2500, items: null },
        })
      })

      test('that failed, or is of another payment, changes nothing', async () => {
        await attempts.finish(await claimed(changing('att_1', 2500)), failure(false))
        const other = { ...update, paymentIntent: 'pi_2' }
        await attempts.finish(await claimed(changing('att_2', 2600, { call: other })), unpaid)
        await attempts.finish(await claimed(confirming('att_3', { amount: 1999 })), success)
        expect(await termsOf()).toMatchObject({ amount: 1999 })
      })

      test('that counts as not done stays so, whatever comes late: the price may be another again', async () => {
        const late = await claimed(changing('att_1', 2500))
        const at = { now: NOON + 60_000, leaseUntil: NOON + 90_000, latest: NOON * 2 }
        const second = await attempts.resume('app_1', 'att_1', at)
        if (second === null) throw new Error('expected a lease')
        await attempts.finish(second, failure(true))
        expect(await attempts.finish(late, unpaid)).toBe('lease_lost')
        expect(await termsOf()).toMatchObject({ amount: 1999 })
      })

      test('and a confirmation do not come together, and the second one finds the new price', async () => {
        const lease = await claimed(changing('att_1', 2500))
        expect(await attempts.claim(confirming('att_2', { amount: 1999 }), LEASE)).toMatchObject({
          outcome: 'busy',
          attempt: { id: 'att_1' },
        })
        await attempts.finish(lease, unpaid)
        const outdated = { outcome: 'order_exists', order: { terms: { amount: 2500 } } }
        expect(await attempts.claim(confirming('att_2', { amount: 1999 }), LEASE)).toMatchObject(outdated)
        expect(
          await attempts.claim(confirming('att_2', { amount: 2500, currency: 'eur' }), LEASE),
        ).toMatchObject(outdated)
        const held = await claimed(confirming('att_2', { amount: 2500, currency: 'usd' }))
        expect(await attempts.claim(changing('att_3', 1), LEASE)).toMatchObject({ outcome: 'busy' })
        await attempts.finish(held, failure(false))
        await claimed(confirming('att_4', null))
      })

      test('keeps a confirmation of the old price from being opened again: its request is a new one', async () => {
        const old = confirming('att_1', { amount: 1999, currency: null }, { requestKey: 'key:a' })
        await attempts.finish(await claimed(old), failure(true))
        await attempts.finish(await claimed(changing('att_2', 2500)), unpaid)
        const again = { idempotencyKey: 'key-again', now: NOON, leaseUntil: NOON + 60_000 }
        expect(await attempts.reopen('app_1', 'att_1', again)).toBe('order_exists')
        expect(await attempts.findByRequestKey('app_1', '', 'key:a')).toBeNull()
      })
    })

    test('an account is known once a payment was tried on it, to that app', async () => {
      await claimed(anAttempt('att_1', { account: 'acct_1' }))
      expect(await attempts.knowsAccount('app_1', 'acct_1')).toBe(true)
      expect(await attempts.knowsAccount('app_1', 'acct_2')).toBe(false)
      expect(await attempts.knowsAccount('app_2', 'acct_1')).toBe(false)
      expect(await attempts.knownAccounts('app_1')).toEqual(['acct_1'])
      expect(await attempts.knownAccounts('app_2')).toEqual([])
    })

    test('attempts that have been open for long are found, the oldest first', async () => {
      const first = await claimed(anAttempt('att_1', { createdAt: NOON, subject: 'a' }))
      await claimed(anAttempt('att_2', { createdAt: NOON + 1, subject: 'b', appId: 'app_2' }))
      await claimed(anAttempt('att_3', { createdAt: NOON + 9, subject: 'c' }))
      const openSince = async (limit = 9) =>
        (await attempts.openSince({ createdBefore: NOON + 9, limit })).map(({ id }) => id)
      expect(await openSince()).toEqual(['att_1', 'att_2'])
      expect(await openSince(1)).toEqual(['att_1'])
      await attempts.finish(first, failure(false))
      expect(await openSince()).toEqual(['att_2'])
    })

    test('an order whose row was lost is adopted once, and one that is there stays', async () => {
      const lost = {
        appId: 'app_1',
        account: '',
        orderId: 'o1',
        paymentIntentId: 'pi_1',
        terms: { amount: 1999 },
        payer: null,
        createdAt: NOON,
      }
      expect(await attempts.adoptOrder(lost)).toBe('adopted')
      expect(await attempts.adoptOrder({ ...lost, paymentIntentId: 'pi_2' })).toBe('known')
      expect(await attempts.adoptOrder({ ...lost, orderId: 'o2' })).toBe('known')
      expect(await attempts.adoptOrder({ ...lost, appId: 'app_2' })).toBe('adopted')
      expect(await attempts.findOrder('app_1', '', 'o1')).toEqual(lost)
      expect(await attempts.findOrder('app_1', '', 'o2')).toBeNull()
      // A create that comes now finds it.
      expect(await attempts.claim(forOrder('att_1'), LEASE)).toMatchObject({ outcome: 'order_exists' })
    })

    test('an outcome that is owed is told once, to the same request', async () => {
      const refund = { operation: 'refund', paymentIntent: 'pi_1', params: { amount: 5 } } as const
      const lease = await claimed(anAttempt('att_1', { subject: 'pi:pi_1', call: refund }))
      await attempts.finish(lease, { ...success, refundId: 're_1', isOwed: true })
      expect(await attempts.takeOwed('app_1', '', 'pi:pi_1', 'print-2')).toBeNull()
      expect(await attempts.takeOwed('app_1', '', 'pi:pi_1', 'print-1')).toMatchObject({ refundId: 're_1' })
      expect(await attempts.takeOwed('app_1', '', 'pi:pi_1', 'print-1')).toBeNull()
    })

    test('the history of a payment is all that was tried at it and its order, in order', async () => {
      await attempts.finish(await claimed(forOrder('att_1')), failure(false))
      await attempts.finish(await claimed(forOrder('att_2')), success)
      const refund = { operation: 'refund', paymentIntent: 'pi_1', params: {} } as const
      await claimed(anAttempt('att_3', { subject: 'pi:pi_1', call: refund }))
      await claimed(anAttempt('att_4', { appId: 'app_2', subject: 'pi:pi_1', call: refund }))
      const history = await attempts.history('app_1', {
        account: '',
        paymentIntentId: 'pi_1',
        orderId: 'o1',
      })
      expect(history.map(({ id }) => id)).toEqual(['att_1', 'att_2', 'att_3'])
    })
  })
}
