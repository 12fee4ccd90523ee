/** However quotes, prices of the server and jumps of the clock interleave: the word that was issued last wins. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PaymentsDeps } from '../../../packages/server/src/payments/create-payments.ts'
import { createMemoryStore } from '../../../packages/server/src/store/memory/create-memory-store.ts'
import { rounds } from '../../support/rounds.ts'
import { APP, aCaller, aPayment, openTill, type Till } from './open-till.ts'

let till: Till
beforeAll(async () => {
  till = await openTill({ timeoutMs: 2_000 })
})
afterAll(() => till.close())

/** A signed quote, as far as the payments know it. */
interface Quote {
  readonly id: string
  readonly amount: number
  readonly issued: number
}

type Step =
  /** The clock of whoever signs goes by `ms`, back as well, and one more quote is signed. */
  | { readonly kind: 'sign'; readonly ms: number }
  /** Pages come with quotes that were signed before, all at once. */
  | { readonly kind: 'present'; readonly which: readonly number[] }
  /** The app's server names a price with its key. */
  | { readonly kind: 'change' }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('sign' as const),
      ms: fc.integer({ min: -864_000_000, max: 864_000_000 }),
    }),
    fc.record({
      kind: fc.constant('present' as const),
      which: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('change' as const) }),
  ),
  { minLength: 3, maxLength: 12 },
)

let orders = 0

test('the newest word wins, whatever arrives first', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { prices } = createMemoryStore()
      const orderId = `issued-${orders++}`
      let now = 1_795_000_000_000
      let amounts = 1_000
      const decidePrice: PaymentsDeps['decidePrice'] = async ({ role, amount, quote }) => {
        const signed = quote === null ? null : (JSON.parse(quote) as Quote)
        return {
          amount: signed?.amount ?? amount ?? 0,
          currency: 'usd',
          source: signed === null ? 'open' : 'quote',
          orderId,
          issued: signed?.issued ?? (role === 'server' ? await prices.nextIssue(APP, now) : null),
          items: null,
          mayHold: true,
          quote: signed === null ? null : { id: signed.id, isExpired: false, terms: {} },
        }
      }
      const payments = till.open({ decidePrice })
      const words = (price: { amount?: number; quote?: Quote }) => ({
        amount: price.amount ?? null,
        currency: null,
        items: null,
        quote: price.quote === undefined ? null : JSON.stringify(price.quote),
      })
      const present = (quote: Quote) =>
        payments.pay(aCaller(), aPayment({ orderId, card: null, asked: words({ quote }) }))
      const sign = async (): Promise<Quote> => {
        const issued = await prices.nextIssue(APP, now)
        return { id: `quote-${issued}`, amount: amounts++, issued }
      }

      const quotes = [await sign()]
      const first = quotes[0] as Quote
      const paymentIntentId = (await present(first)).intent.id
      let newest = { amount: first.amount, issued: first.issued }
      for (const step of plan) {
        if (step.kind === 'sign') {
          now += step.ms
          quotes.push(await sign())
        } else if (step.kind === 'present') {
          const chosen = step.which.map((n) => quotes[n % quotes.length] as Quote)
          const best = chosen.reduce((a, b) => (b.issued > a.issued ? b : a))
          if (best.issued > newest.issued) newest = { amount: best.amount, issued: best.issued }
          const results = await Promise.allSettled(chosen.map(present))
          for (const { reason } of results.filter((it) => it.status === 'rejected')) {
            expect(reason).toMatchObject({ code: 'quote_superseded' })
          }
        } else {
          const caller = aCaller()
          const server = {
            ...caller,
            clientKey: null,
            principal: { role: 'server', appId: APP, keyId: null, scopes: ['payments'] },
          } as typeof caller
          newest = { amount: amounts++, issued: Number.NaN }
          await payments.changePrice(server, { paymentIntentId, asked: words({ amount: newest.amount }) })
          const order = await till.attempts.findOrder(APP, '', orderId)
          newest = { ...newest, issued: Number(order?.terms['issued']) }
        }
        const order = await till.attempts.findOrder(APP, '', orderId)
        expect(order?.terms).toMatchObject(newest)
        expect((await till.stripe.paymentIntents.retrieve(paymentIntentId)).amount).toBe(newest.amount)
      }
    }),
    { numRuns: rounds(12) },
  )
})
