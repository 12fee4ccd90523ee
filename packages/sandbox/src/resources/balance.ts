/** The account's balance and the transactions that make it up. */
import type Stripe from 'stripe'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import { ignored, list, shapeOf, text } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { noSuch } from '../api/stripe-error.ts'
import { asOf } from './balance-transaction-object.ts'

export const balanceRoutes: Route[] = [
  route('GET /v1/balance', {
    params: shapeOf<Stripe.BalanceRetrieveParams>()({ expand: list(text()) }),
    run(call) {
      const sums = new Map([['usd', { available: 0, pending: 0 }]])
      const { objects } = call.store.list({ kind: 'balance_transaction', limit: Number.MAX_SAFE_INTEGER - 1 })
      for (const transaction of objects) {
        const sum = sums.get(transaction.currency) ?? { available: 0, pending: 0 }
        sum[asOf(transaction, call.now).status === 'available' ? 'available' : 'pending'] += transaction.net
        sums.set(transaction.currency, sum)
      }
      const rows = (state: 'available' | 'pending'): Stripe.Balance.Available[] =>
        [...sums].map(([currency, sum]) => ({
          amount: sum[state],
          currency,
          source_types: { card: sum[state] },
        }))
      const balance: Stripe.Balance = {
        object: 'balance',
        available: rows('available'),
        livemode: false,
        pending: rows('pending'),
      }
      return ok(balance)
    },
  }),
  route('GET /v1/balance_transactions', {
    params: shapeOf<Stripe.BalanceTransactionListParams>()({
      ...pageParams,
      created: createdParam,
      currency: text(),
      expand: list(text()),
      payout: ignored(),
      source: text(),
      type: text(),
    }),
    run: (call, { params }) =>
      ok(
        listPage(call, '/v1/balance_transactions', {
          kind: 'balance_transaction',
          page: params,
          created: params.created,
          where: {
            ...(params.currency && { currency: params.currency }),
            ...(params.source && { source: params.source }),
            ...(params.type && { type: params.type }),
          },
        }),
      ),
  }),
  route('GET /v1/balance_transactions/:id', {
    params: shapeOf<Stripe.BalanceTransactionRetrieveParams>()({ expand: list(text()) }),
    run(call, { id }) {
      const transaction = call.store.get('balance_transaction', id)
      if (!transaction) throw noSuch('balance transaction', id, 'id')
      return ok(transaction)
    },
  }),
]
