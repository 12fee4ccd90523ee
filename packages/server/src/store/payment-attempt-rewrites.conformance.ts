/** Taking personal data out of payment attempts and orders. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewAttempt, PaymentAttemptStore } from './payment-attempt-store.ts'
import type { Store } from './store.ts'

const NOON = 1_795_000_000_000
const personal = { description: 'for Pat' }
/** Leaves out what the tests call personal. */
const withoutDescription = ({ description: _, ...rest }: Readonly<Record<string, unknown>>) => rest

export function paymentAttemptRewritesConformance(
  backend: string,
  openStore: () => Store | Promise<Store>,
): void {
  describe(`rewriting payment attempts on ${backend}`, () => {
    let store: Store
    let attempts: PaymentAttemptStore
    beforeEach(async () => {
      store = await openStore()
      attempts = store.paymentAttempts
    })
    afterEach(() => store.close())

    async function attempt(
      id: string,
      params: Readonly<Record<string, unknown>>,
      {
        outcome,
        ...more
      }: Partial<NewAttempt> & { readonly outcome?: 'open' | 'failed' | `pi_${string}` } = {},
    ): Promise<void> {
      const claim = await attempts.claim(
        {
          id,
          appId: 'app_1',
          account: '',
          subject: `order:${id}`,
          requestKey: null,
          fingerprint: 'print-1',
          orderId: id,
          terms: { amount: 5, ...personal },
          call: { operation: 'create', paymentIntent: null, params: { amount: 5, ...personal, ...params } },
          payer: null,
          replaces: null,
          idempotencyKey: `key-${id}`,
          createdAt: NOON,
          sentAfter: NOON,
          ...more,
        },
        { leaseUntil: NOON + 60_000 },
      )
      if (claim.outcome !== 'claimed') throw new Error(`expected a claim, got ${claim.outcome}`)
      if (outcome === 'open') return
      const paymentIntentId = outcome === undefined ? `pi_${id}` : outcome === 'failed' ? null : outcome
      await attempts.finish(claim.lease, {
        state: outcome === 'failed' ? 'failed' : 'succeeded',
        paymentIntentId,
        chargeId: null,
        refundId: null,
        paymentStatus: null,
        failure: null,
        isOwed: false,
        now: NOON,
      })
    }

    const shown = async (id: string) => {
      const found = await attempts.find('app_1', id)
      return { terms: found?.terms, params: found?.call.params }
    }
    const whole = (params: object = {}) => ({
      terms: { amount: 5, ...personal },
      params: { amount: 5, ...personal, ...params },
    })

    test('what was tried for a customer loses what is personal, and so does the order', async () => {
      await attempt('paid', {})
      await attempt('refused', { customer: 'cus_1' }, { outcome: 'failed' })
      await attempt('other', { customer: 'cus_2' })
      const of = { customerId: 'cus_1', paymentIntentIds: ['pi_paid'] }
      expect(await attempts.rewriteParams('app_1', of, withoutDescription)).toBe(3)
      expect(await shown('paid')).toEqual({ terms: { amount: 5 }, params: { amount: 5 } })
      expect(await shown('refused')).toEqual({
        terms: { amount: 5 },
        params: { amount: 5, customer: 'cus_1' },
      })
      expect(await shown('other')).toEqual(whole({ customer: 'cus_2' }))
      expect((await attempts.findOrder('app_1', '', 'paid'))?.terms).toEqual({ amount: 5 })
      expect((await attempts.findOrder('app_1', '', 'other'))?.terms).toEqual({ amount: 5, ...personal })
      expect(await attempts.rewriteParams('app_1', of, withoutDescription)).toBe(0)
    })

    test('an open attempt keeps what it may have to send again, and another app keeps its own', async () => {
      await attempt('open', { customer: 'cus_1' }, { outcome: 'open' })
      await attempt('foreign', { customer: 'cus_1' }, { appId: 'app_2' })
      const of = { customerId: 'cus_1', paymentIntentIds: ['pi_foreign'] }
      expect(await attempts.rewriteParams('app_1', of, withoutDescription)).toBe(0)
      expect(await shown('open')).toEqual(whole({ customer: 'cus_1' }))
    })

    test('the oldest come by once, batch by batch, up to the first that is young or open', async () => {
      await attempt('one', {})
      await attempt('two', {}, { createdAt: NOON + 1 })
      await attempt('three', {}, { createdAt: NOON + 2 })
      await attempt('open', {}, { createdAt: NOON + 3, outcome: 'open' })
      const next = (createdBefore: number) =>
        attempts.rewriteOldest({ createdBefore, limit: 2, rewrite: withoutDescription })
      expect(await next(NOON)).toEqual({ examined: 0, changed: 0 })
      expect(await next(NOON + 1)).toEqual({ examined: 1, changed: 2 })
      expect(await next(NOON + 99)).toEqual({ examined: 2, changed: 4 })
      expect(await next(NOON + 99)).toEqual({ examined: 0, changed: 0 })
      expect(await shown('three')).toEqual({ terms: { amount: 5 }, params: { amount: 5 } })
      expect(await shown('open')).toEqual(whole())
    })
  })
}
