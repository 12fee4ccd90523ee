/** What every backend of the payments must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PaymentReading } from '../payment-state/fold-payment.ts'
import type { PaymentId } from '../payment-state/payment-id.ts'
import { paymentSnapshot, type SnapshotPart } from '../payment-state/snapshot.ts'
import { anEvent, NOON } from './event-store-fixture.conformance.ts'
import type { StoredPayment } from './payment-store.ts'
import type { Store } from './store.ts'

const SECOND = Math.floor(NOON / 1000)
const KEYS = { orderId: 'order_id', attempt: 'attempt' }
const MINUTE_MS = 60_000

function anIntent(overrides: Readonly<Record<string, unknown>> = {}) {
  const status = overrides['status'] ?? 'succeeded'
  return {
    id: 'pi_1',
    object: 'payment_intent',
    status,
    amount: 1000,
    amount_capturable: 0,
    amount_received: status === 'succeeded' ? 1000 : 0,
    currency: 'usd',
    latest_charge: null,
    customer: 'cus_1',
    metadata: { order_id: 'order-1' },
    livemode: false,
    created: SECOND,
    last_payment_error: null,
    ...overrides,
  }
}

function partOf(object: unknown, at: number) {
  const snapshot = paymentSnapshot({ object, at, isBeginning: false }, KEYS)
  if (snapshot === null) throw new Error('The object is no part of a payment')
  return snapshot
}

function aReading(object: unknown, basis: PaymentReading['basis']): PaymentReading {
  const snapshot = partOf(object, 0)
  const parts: SnapshotPart[] = [snapshot]
  return { paymentId: snapshot.paymentId, account: null, basis, parts, amountRefunded: 0 }
}

export function paymentStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the payments on ${backend}`, () => {
    let store: Store
    let payments: Store['payments']
    beforeEach(async () => {
      store = await openStore()
      payments = store.payments
    })
    afterEach(() => store.close())

    /** Stores an event with this object, and handles it. @returns its position */
    async function handle(
      object: unknown,
      { at = SECOND, appId = 'app_1', now = NOON } = {},
    ): Promise<number> {
      const stored = await store.events.insertOnce(anEvent({ appId }), { leaseMs: 1_000 })
      if (stored.outcome === 'duplicate') throw new Error('Expected the event to be new')
      const facts = { snapshot: partOf(object, at), at, account: null }
      await store.events.finish(stored.lease, { changes: [{ kind: 'payment', facts }], startedAt: now, now })
      return stored.event.position
    }

    const found = async (id: string, appId = 'app_1'): Promise<StoredPayment> => {
      const payment = await payments.find(appId, id)
      if (payment === null) throw new Error(`Expected a payment ${id}`)
      return payment
    }
    const ids = (list: readonly StoredPayment[]) => list.map(({ id }) => id)

    test('a payment is what its handled events say, and remembers the newest', async () => {
      expect(await payments.find('app_1', 'pi_1')).toBeNull()
      const second = await handle(anIntent({ latest_charge: 'ch_1' }), { at: SECOND + 1 })
      await handle(anIntent({ status: 'processing' }))
      expect(await found('pi_1')).toMatchObject({
        appId: 'app_1',
        id: 'pi_1',
        account: null,
        orderId: 'order-1',
        status: 'succeeded',
        amount: 1000,
        amountCapturable: 0,
        amountReceived: 1000,
        amountRefunded: 0,
        currency: 'usd',
        chargeId: 'ch_1',
        customerId: 'cus_1',
        livemode: false,
        disputeId: null,
        disputeStatus: null,
        lastError: null,
        created: SECOND,
        updated: SECOND + 1,
        needsReread: false,
        fulfilledAt: null,
        lastPosition: second + 1,
      })
    })

    test('a lease that was lost folds nothing', async () => {
      const stored = await store.events.insertOnce(anEvent(), { leaseMs: 1_000 })
      if (stored.outcome === 'duplicate') throw new Error('Expected the event to be new')
      const facts = { snapshot: partOf(anIntent(), SECOND), at: SECOND, account: 'acct_1' }
      const result = { changes: [{ kind: 'payment', facts }], startedAt: NOON, now: NOON } as const
      await store.events.finish({ ...stored.lease, token: 'another' }, result)
      expect(await payments.find('app_1', 'pi_1')).toBeNull()
      await store.events.finish(stored.lease, result)
      expect((await found('pi_1')).account).toBe('acct_1')
    })

    test('a payment is found by its id and by its charge, within its app', async () => {
      await handle(anIntent({ latest_charge: 'ch_1' }))
      expect((await found('ch_1')).id).toBe('pi_1')
      expect(await payments.find('app_2', 'pi_1')).toBeNull()
      expect(await payments.find('app_2', 'ch_1')).toBeNull()
    })

    test('the error of the last try comes back as it was', async () => {
      const error = { code: 'card_declined', decline_code: 'lost_card', message: 'Declined – “é”.' }
      await handle(anIntent({ status: 'requires_payment_method', last_payment_error: error }))
      expect((await found('pi_1')).lastError).toEqual(error)
    })

    test('lists go newest first, page by page, through every filter', async () => {
      for (const [n, created] of [SECOND, SECOND + 1, SECOND + 1, SECOND + 2].entries()) {
        const status = n % 2 === 0 ? 'succeeded' : 'canceled'
        await handle(anIntent({ id: `pi_${n}`, created, status, customer: `cus_${n % 2}` }))
      }
      await handle(anIntent({ id: 'pi_other' }), { appId: 'app_2' })
      const all = await payments.list({ appId: 'app_1', limit: 10 })
      expect(ids(all)).toEqual(['pi_3', 'pi_2', 'pi_1', 'pi_0'])
      const second = all[1]
      if (second === undefined) throw new Error('Expected four payments')
      expect(ids(await payments.list({ appId: 'app_1', limit: 1, after: second }))).toEqual(['pi_1'])
      const filtered = async (filter: object) =>
        ids(await payments.list({ appId: 'app_1', limit: 10, ...filter }))
      expect(await filtered({ status: 'succeeded' })).toEqual(['pi_2', 'pi_0'])
      expect(await filtered({ customerId: 'cus_1' })).toEqual(['pi_3', 'pi_1'])
      expect(await filtered({ orderId: 'order-9' })).toEqual([])
      expect(await filtered({ createdFrom: SECOND + 1, createdTo: SECOND + 1 })).toEqual(['pi_2', 'pi_1'])
      expect(ids(await payments.findByOrder('app_1', 'order-1'))).toEqual(['pi_3', 'pi_2', 'pi_1', 'pi_0'])
    })

    test('the first word that it was delivered wins, also among words at the same time', async () => {
      await handle(anIntent({ latest_charge: 'ch_1' }))
      const outcomes = await Promise.all([
        payments.markFulfilled('app_1', 'pi_1', { key: 'first', now: NOON + 1 }),
        payments.markFulfilled('app_1', 'ch_1', { key: 'second', now: NOON + 2 }),
      ])
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['fulfilled', 'fulfilled_before'])
      const times = outcomes.map((it) => ('payment' in it ? it.payment.fulfilledAt : null))
      expect(times).toEqual([NOON + 1, NOON + 1])
      await handle(anIntent(), { at: SECOND + 5 })
      expect((await found('pi_1')).fulfilledAt).toBe(NOON + 1)
    })

    test('a repeat of the first word hears the same, another word does not', async () => {
      await handle(anIntent({ latest_charge: 'ch_1' }))
      const say = async (key: string | null, now: number) =>
        (await payments.markFulfilled('app_1', 'pi_1', { key, now })).outcome
      expect(await say('mine', NOON + 1)).toBe('fulfilled')
      await handle(anIntent(), { at: SECOND + 5 })
      expect(await say('mine', NOON + 2)).toBe('fulfilled')
      expect(await say('other', NOON + 3)).toBe('fulfilled_before')
      expect(await say(null, NOON + 4)).toBe('fulfilled_before')
      expect((await found('pi_1')).fulfilledAt).toBe(NOON + 1)
    })

    test('two words without a key are two', async () => {
      await handle(anIntent())
      const call = { key: null, now: NOON }
      expect((await payments.markFulfilled('app_1', 'pi_1', call)).outcome).toBe('fulfilled')
      expect((await payments.markFulfilled('app_1', 'pi_1', call)).outcome).toBe('fulfilled_before')
    })

    test('nothing is delivered for what is not paid, or not there', async () => {
      await handle(anIntent({ status: 'processing' }))
      expect(await payments.markFulfilled('app_1', 'pi_1', { key: null, now: NOON })).toMatchObject({
        outcome: 'not_paid',
      })
      expect(await payments.markFulfilled('app_1', 'pi_9', { key: null, now: NOON })).toEqual({
        outcome: 'unknown',
      })
      expect(await payments.markFulfilled('app_2', 'pi_1', { key: null, now: NOON })).toEqual({
        outcome: 'unknown',
      })
      expect((await found('pi_1')).fulfilledAt).toBeNull()
    })

    test('of two payments of an order one is delivered for, also among words at the same time', async () => {
      await handle(anIntent({ id: 'pi_1' }))
      await handle(anIntent({ id: 'pi_2' }))
      expect(ids(await payments.unfulfilled({ appId: 'app_1', limit: 10 }))).toHaveLength(2)
      const outcomes = await Promise.all([
        payments.markFulfilled('app_1', 'pi_1', { key: 'a', now: NOON + 1 }),
        payments.markFulfilled('app_1', 'pi_2', { key: 'b', now: NOON + 2 }),
      ])
      expect(outcomes).toMatchObject([
        { outcome: 'fulfilled', payment: { id: 'pi_1' } },
        {
          outcome: 'fulfilled_by_other',
          payment: { id: 'pi_2', fulfilledAt: null },
          other: { paymentId: 'pi_1', fulfilledAt: NOON + 1 },
        },
      ])
      expect(await payments.unfulfilled({ appId: 'app_1', limit: 10 })).toEqual([])
      expect(await payments.firstFulfilledAt('app_1')).toBe(NOON + 1)
      expect(await payments.firstFulfilledAt('app_2')).toBeNull()
      // Orders of other accounts and apps are others.
      await handle(anIntent({ id: 'pi_3' }), { appId: 'app_2' })
      const elsewhere = await payments.markFulfilled('app_2', 'pi_3', { key: null, now: NOON })
      expect(elsewhere.outcome).toBe('fulfilled')
    })

    test('nothing is delivered for what was given back in full, or is disputed', async () => {
      const charge = { latest_charge: 'ch_1' }
      await handle(anIntent({ ...charge, metadata: { order_id: 'a' } }))
      await handle(anIntent({ id: 'pi_2', metadata: { order_id: 'b' } }))
      const refund = {
        id: 're_1',
        object: 'refund',
        payment_intent: 'pi_2',
        status: 'succeeded',
        amount: 1000,
      }
      await handle(refund, { at: SECOND + 9 })
      const dispute = {
        id: 'dp_1',
        object: 'dispute',
        payment_intent: 'pi_1',
        charge: 'ch_1',
        created: SECOND,
      }
      const say = async (id: string) =>
        (await payments.markFulfilled('app_1', id, { key: null, now: NOON })).outcome
      await handle({ ...dispute, status: 'needs_response' }, { at: SECOND + 10 })
      expect([await say('pi_1'), await say('pi_2')]).toEqual(['disputed', 'refunded'])
      expect(await payments.unfulfilled({ appId: 'app_1', limit: 10 })).toEqual([])
      await handle({ ...dispute, status: 'won' }, { at: SECOND + 20 })
      expect(ids(await payments.unfulfilled({ appId: 'app_1', limit: 10 }))).toEqual(['pi_1'])
      expect(await say('pi_1')).toBe('fulfilled')
    })

    test('what is owed is listed, who waits longest first, page by page', async () => {
      for (const n of [1, 2, 3, 4]) {
        const metadata = { order_id: `order-${n}` }
        await handle(anIntent({ id: `pi_${n}`, created: SECOND + n, metadata }))
      }
      await handle(anIntent({ id: 'pi_5', status: 'processing' }))
      const refund = {
        id: 're_1',
        object: 'refund',
        payment_intent: 'pi_2',
        status: 'succeeded',
        amount: 1000,
      }
      await handle(refund, { at: SECOND + 9 })
      await handle({ ...refund, id: 're_2', payment_intent: 'pi_4', amount: 999 }, { at: SECOND + 9 })
      await payments.markFulfilled('app_1', 'pi_3', { key: null, now: NOON })
      const owed = await payments.unfulfilled({ appId: 'app_1', limit: 10 })
      expect(ids(owed)).toEqual(['pi_1', 'pi_4'])
      const [first] = owed
      if (first === undefined) throw new Error('Expected a payment')
      expect(ids(await payments.unfulfilled({ appId: 'app_1', limit: 10, after: first }))).toEqual(['pi_4'])
    })

    test('an unfinished payment is due for a poll, less and less often, until it is finished', async () => {
      await handle(anIntent({ status: 'processing' }))
      const due = async (now: number) => ids(await payments.duePolls({ now, limit: 10 }))
      expect(await due(NOON + MINUTE_MS - 1)).toEqual([])
      expect(await due(NOON + MINUTE_MS)).toEqual(['pi_1'])
      const now = NOON + MINUTE_MS
      const before = (await found('pi_1')).evidence
      await payments.settle('app_1', aReading(anIntent({ status: 'processing' }), before), now)
      expect(await due(now + 5 * MINUTE_MS - 1)).toEqual([])
      expect(await due(now + 5 * MINUTE_MS)).toEqual(['pi_1'])
      await payments.postponePoll('app_1', 'pi_1', now + 9 * MINUTE_MS)
      expect(await due(now + 9 * MINUTE_MS - 1)).toEqual([])
      const again = (await found('pi_1')).evidence
      const settled = await payments.settle('app_1', aReading(anIntent(), again), now)
      expect(settled.status).toBe('succeeded')
      expect(await found('pi_1')).toEqual(settled)
      expect(await due(NOON * 2)).toEqual([])
    })

    test('two events of one second that contradict each other wait for a reading, which settles it', async () => {
      await handle(anIntent({ status: 'processing' }))
      await handle(anIntent({ status: 'requires_action' }))
      expect((await found('pi_1')).needsReread).toBe(true)
      expect(ids(await payments.duePolls({ now: NOON + 5_000, limit: 1 }))).toEqual(['pi_1'])
      const reading = aReading(anIntent({ status: 'requires_action' }), (await found('pi_1')).evidence)
      const settled = await payments.settle('app_1', reading, NOON)
      expect(settled).toMatchObject({ status: 'requires_action', needsReread: false })
    })

    test('a reading makes the row of a payment that no event has told of', async () => {
      const made = await payments.settle('app_1', aReading(anIntent({ id: 'pi_8' }), null), NOON)
      expect(made).toMatchObject({ id: 'pi_8' satisfies PaymentId, status: 'succeeded', lastPosition: 0 })
      expect(await payments.find('app_1', 'pi_8')).toEqual(made)
    })

    test('a payment is unchecked from its change to its check, also when it changes in between', async () => {
      const ours = { metadata: { attempt: 'att_1' } }
      await handle(anIntent(ours))
      const [seen] = await payments.unchecked(10)
      expect(seen?.id).toBe('pi_1')
      await handle(anIntent(ours), { at: SECOND + 1 })
      await payments.markChecked(seen === undefined ? [] : [seen])
      const again = await payments.unchecked(10)
      expect(ids(again)).toEqual(['pi_1'])
      await payments.markChecked(again)
      expect(await payments.unchecked(10)).toEqual([])
      await handle(anIntent({ id: 'pi_2', ...ours }))
      expect(ids(await payments.unchecked(10))).toEqual(['pi_2'])
    })

    test('a payment that Tollbridge never asked for needs no check, until it carries an order of its own', async () => {
      await handle(anIntent())
      await handle(anIntent({ id: 'pi_2', metadata: {} }))
      await handle(anIntent({ id: 'pi_2', metadata: {} }), { at: SECOND + 1 })
      expect(await payments.unchecked(10)).toEqual([])
      const claim = await store.paymentAttempts.claim(
        {
          id: 'att_1',
          appId: 'app_1',
          account: '',
          subject: 'order:order-1',
          requestKey: null,
          fingerprint: 'print',
          orderId: 'order-1',
          terms: { amount: 1000, currency: 'usd' },
          call: { operation: 'create', paymentIntent: null, params: {} },
          payer: null,
          replaces: null,
          idempotencyKey: 'key-1',
          createdAt: NOON,
          sentAfter: NOON,
        },
        { leaseUntil: NOON + 1 },
      )
      if (claim.outcome !== 'claimed') throw new Error('expected a claim')
      await store.paymentAttempts.finish(claim.lease, {
        state: 'succeeded',
        paymentIntentId: 'pi_9',
        chargeId: null,
        refundId: null,
        paymentStatus: 'requires_payment_method',
        failure: null,
        isOwed: false,
        now: NOON,
      })
      await handle(anIntent({ id: 'pi_2', metadata: {} }), { at: SECOND + 2 })
      expect(await payments.unchecked(10)).toEqual([])
      await handle(anIntent(), { at: SECOND + 2 })
      expect(ids(await payments.unchecked(10))).toEqual(['pi_1'])
      await handle(anIntent({ id: 'pi_3' }), { appId: 'app_2' })
      expect(ids(await payments.unchecked(10))).toEqual(['pi_1'])
    })
  })
}
