/** What every backend must do with the prices of an order: the newest wins, and what was sold for it is known. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AttemptResult, NewAttempt, PaymentAttemptStore } from './payment-attempt-store.ts'
import type { Store } from './store.ts'

const NOON = 1_795_000_000_000
const LEASE = { leaseUntil: NOON + 60_000 }

export function newestPriceConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the newest price on ${backend}`, () => {
    let store: Store
    let attempts: PaymentAttemptStore
    let made = 0
    beforeEach(async () => {
      store = await openStore()
      attempts = store.paymentAttempts
    })
    afterEach(() => store.close())

    const anAttempt = (terms: NewAttempt['terms'], call: Partial<NewAttempt['call']>): NewAttempt => ({
      id: `att_${++made}`,
      appId: 'app_1',
      account: '',
      subject: 'order:o1',
      requestKey: null,
      fingerprint: 'print-1',
      orderId: 'o1',
      terms,
      call: { operation: 'create', paymentIntent: null, params: {}, ...call },
      payer: null,
      replaces: null,
      idempotencyKey: `key-${made}`,
      createdAt: NOON,
      sentAfter: NOON - 1_000,
    })
    const update = (terms: object) =>
      anAttempt({ ...terms }, { operation: 'update', paymentIntent: 'pi_1', params: {} })

    async function settle(attempt: NewAttempt, state: AttemptResult['state'] = 'succeeded'): Promise<string> {
      const claim = await attempts.claim(attempt, LEASE)
      if (claim.outcome !== 'claimed') return claim.outcome
      await attempts.finish(claim.lease, {
        state,
        paymentIntentId: 'pi_1',
        chargeId: null,
        refundId: null,
        paymentStatus: 'requires_payment_method',
        failure: null,
        isOwed: false,
        now: NOON,
      })
      return 'claimed'
    }
    const terms = async () => (await attempts.findOrder('app_1', '', 'o1'))?.terms

    test('of the server replaces an older one, and an older one comes back with the order as it is', async () => {
      await settle(anAttempt({ amount: 1, set_by: 'server', issued: 10 }, {}))
      expect(await settle(update({ amount: 2, set_by: 'server', issued: 20 }))).toBe('claimed')
      for (const issued of [20, 15, 10, null]) {
        expect(await settle(update({ amount: 3, set_by: 'server', issued }))).toBe('order_exists')
      }
      expect(await terms()).toMatchObject({ amount: 2, issued: 20 })
      expect(await settle(update({ amount: 4, set_by: 'server', issued: 21 }))).toBe('claimed')
      expect(await terms()).toMatchObject({ amount: 4, issued: 21 })
    })

    test('of the server replaces whatever a client set, also without a place in the order of issue', async () => {
      await settle(anAttempt({ amount: 1, set_by: 'client', issued: null }, {}))
      expect(await settle(update({ amount: 2, set_by: 'client', issued: null }))).toBe('claimed')
      expect(await settle(update({ amount: 3, set_by: 'server', issued: null }))).toBe('claimed')
      expect(await settle(update({ amount: 4, set_by: 'server', issued: null }))).toBe('order_exists')
    })

    test('says what was sold; a change that failed, or that has no outcome yet, says nothing', async () => {
      const tea = { id: 'tea', quantity: 2, unit_amount: 450 }
      const cup = { id: 'cup', quantity: 1, unit_amount: null }
      expect(await attempts.soldItems('app_1', ['pi_1'])).toEqual(new Map())
      await settle(anAttempt({ amount: 900, set_by: 'client', items: [tea] }, {}), 'failed')
      expect(await attempts.soldItems('app_1', ['pi_1', 'pi_2'])).toEqual(new Map([['pi_1', [tea]]]))
      expect(await attempts.soldItems('app_2', ['pi_1'])).toEqual(new Map())
      await settle(update({ amount: 5, set_by: 'client', items: [cup] }), 'failed')
      expect((await attempts.soldItems('app_1', ['pi_1'])).get('pi_1')).toEqual([tea])
      await settle(update({ amount: 5, set_by: 'client', items: [cup, tea] }))
      expect((await attempts.soldItems('app_1', ['pi_1'])).get('pi_1')).toEqual([cup, tea])
      await attempts.claim(update({ amount: 6, set_by: 'client', items: [tea] }), LEASE)
      expect((await attempts.soldItems('app_1', ['pi_1'])).get('pi_1')).toEqual([cup, tea])
    })

    test('that is only a sum has no items, and an older row has those that were asked for', async () => {
      const asked = { items: [{ id: 'tea', quantity: 2 }] }
      await settle(anAttempt({ amount: 900, asked }, {}))
      expect((await attempts.soldItems('app_1', ['pi_1'])).get('pi_1')).toEqual([
        { id: 'tea', quantity: 2, unit_amount: null },
      ])
      await settle(update({ amount: 5, set_by: 'server', issued: 1, items: null, asked: { items: null } }))
      expect(await attempts.soldItems('app_1', ['pi_1'])).toEqual(new Map())
    })
  })
}
