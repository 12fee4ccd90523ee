/** What Tollbridge asked for when it made a payment, from the attempts that it wrote down before calling Stripe. */
import { attemptOf } from '../payment-state/describe-payment.ts'
import type { PaymentAttempt, PaymentAttemptStore, PaymentOrder } from '../store/payment-attempt-store.ts'
import type { StoredPayment } from '../store/payment-store.ts'
import type { ExpectedPrices, Price } from './check-amounts.ts'

export type AttemptRecords = Pick<PaymentAttemptStore, 'find' | 'findOrder' | 'history'>

/**
 * What a payment made here must cost. One that carries the order id of another payment is measured by that order: a
 * cheap payment must not pass for it.
 */
export function createExpectedPrices(attempts: AttemptRecords): ExpectedPrices {
  const orderOf = ({ appId, account, orderId }: StoredPayment) =>
    orderId === null ? null : attempts.findOrder(appId, account ?? '', orderId)

  const historyOf = ({ appId, account, id }: StoredPayment) =>
    attempts.history(appId, { account: account ?? '', paymentIntentId: id, orderId: null })

  return {
    async present(payment) {
      const order = await orderOf(payment)
      if (order !== null) return priceIn(order.terms)
      const attemptId = attemptOf(payment.evidence)
      const attempt = attemptId === null ? null : await attempts.find(payment.appId, attemptId)
      if (attempt === null) return null
      const changes = (await historyOf(payment)).filter(isDoneChange)
      const newest = changes.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0)).at(-1)
      return priceIn((newest ?? attempt).call.params)
    },
    async others(payment) {
      const order: PaymentOrder | null = await orderOf(payment)
      if (order !== null && order.paymentIntentId !== payment.id) return []
      // Stripe may have a price whose change has no outcome here yet. What was asked for before counts only while
      // nothing is paid: Stripe sends no event about a change, and an old event may come late.
      const isUnpaid = payment.amountReceived === 0 && payment.amountCapturable === 0
      return (await historyOf(payment))
        .filter(
          (it) => isOpenChange(it) || (isUnpaid && (it.call.operation === 'create' || isDoneChange(it))),
        )
        .map(({ call }) => priceIn(call.params))
        .filter((price) => price !== null)
    },
  }
}

function isOpenChange({ call, state }: PaymentAttempt): boolean {
  return call.operation === 'update' && state === 'open'
}

function isDoneChange({ call, state }: PaymentAttempt): boolean {
  return call.operation === 'update' && state !== 'open' && state !== 'failed'
}

function priceIn(terms: Readonly<Record<string, unknown>>): Price | null {
  const { amount, currency } = terms
  return typeof amount === 'number' && typeof currency === 'string' ? { amount, currency } : null
}
