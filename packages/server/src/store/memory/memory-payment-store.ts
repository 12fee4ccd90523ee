/** The payments in memory. */
import { attemptOf } from '../../payment-state/describe-payment.ts'
import { foldPayment, foldReading, type PaymentFacts } from '../../payment-state/fold-payment.ts'
import type { Payment } from '../../payment-state/payment.ts'
import { pollAt } from '../../payment-state/poll-schedule.ts'
import {
  fulfilmentHindrance,
  type PaymentQuery,
  type PaymentStore,
  type StoredPayment,
} from '../payment-store.ts'

interface PaymentRecord {
  payment: StoredPayment
  checkedPosition: number
  pollAt: number | null
  polls: number
  fulfilledKey: string | null
}

export interface MemoryPaymentStore extends PaymentStore {
  /** Folds an event in; for the event store, while it marks the event handled. */
  fold(appId: string, facts: PaymentFacts, position: number, now: number): void
}

/** @param hasOrder whether an order was begun here. */
export function createMemoryPaymentStore(
  hasOrder: (appId: string, account: string, orderId: string) => boolean,
): MemoryPaymentStore {
  const records = new Map<string, PaymentRecord>()
  /** Which payment an order was delivered for. */
  const orders = new Map<string, { readonly paymentId: string; readonly fulfilledAt: number }>()
  const orderKey = ({ appId, account, orderId, id }: StoredPayment) =>
    JSON.stringify(orderId === null ? [appId, id] : [appId, account, orderId])
  const keyOf = (appId: string, id: string) => JSON.stringify([appId, id])
  const recordOf = (appId: string, id: string) =>
    records.get(keyOf(appId, id)) ??
    [...records.values()].find(({ payment }) => payment.appId === appId && payment.chargeId === id)
  const paymentsOf = (appId: string) =>
    [...records.values()].map(({ payment }) => payment).filter((payment) => payment.appId === appId)

  /** Whether Tollbridge may have asked for a price, or another payment is of the order: then there is something to check. */
  function isToCheck({ appId, id, account, orderId, evidence }: StoredPayment): boolean {
    if (attemptOf(evidence) !== null) return true
    if (orderId === null) return false
    const hasOther = paymentsOf(appId).some((other) => other.orderId === orderId && other.id !== id)
    return hasOther || hasOrder(appId, account ?? '', orderId)
  }

  function put(appId: string, payment: Payment, position: number, polls: number, now: number): StoredPayment {
    const before = records.get(keyOf(appId, payment.id))
    const stored: StoredPayment = {
      ...payment,
      appId,
      fulfilledAt: before?.payment.fulfilledAt ?? null,
      lastPosition: Math.max(before?.payment.lastPosition ?? 0, position),
    }
    records.set(keyOf(appId, payment.id), {
      payment: stored,
      checkedPosition: before?.checkedPosition ?? -1,
      fulfilledKey: before?.fulfilledKey ?? null,
      polls,
      pollAt: pollAt(payment, polls, now),
    })
    return stored
  }

  return {
    fold(appId, facts, position, now) {
      const before = records.get(keyOf(appId, facts.snapshot.paymentId))?.payment ?? null
      const stored = put(appId, foldPayment(before, facts), position, 0, now)
      const record = records.get(keyOf(appId, stored.id))
      if (record !== undefined && !isToCheck(stored)) record.checkedPosition = stored.lastPosition
    },
    find: async (appId, id) => recordOf(appId, id)?.payment ?? null,
    findByOrder: async (appId, orderId) =>
      paymentsOf(appId)
        .filter((payment) => payment.orderId === orderId)
        .sort(newestFirst),
    list: async (query) =>
      paymentsOf(query.appId)
        .filter((payment) => matches(payment, query))
        .sort(newestFirst)
        .filter((payment) => query.after === undefined || newestFirst(query.after, payment) < 0)
        .slice(0, query.limit),
    unfulfilled: async ({ appId, after, limit }) =>
      paymentsOf(appId)
        .filter((payment) => payment.fulfilledAt === null && fulfilmentHindrance(payment) === null)
        .filter((payment) => !orders.has(orderKey(payment)))
        .sort((a, b) => newestFirst(b, a))
        .filter((payment) => after === undefined || newestFirst(payment, after) < 0)
        .slice(0, limit),
    async firstFulfilledAt(appId) {
      const times = paymentsOf(appId).map(({ fulfilledAt }) => fulfilledAt)
      return times.reduce((first, at) => (at === null || (first !== null && first <= at) ? first : at), null)
    },
    async markFulfilled(appId, id, { key, now }) {
      const record = recordOf(appId, id)
      if (record === undefined) return { outcome: 'unknown' }
      const { payment } = record
      const isRepeat = key !== null && record.fulfilledKey === key
      if (payment.fulfilledAt !== null && !isRepeat) return { outcome: 'fulfilled_before', payment }
      // Of a repeat too: whoever never heard the first answer has not delivered yet.
      const hindrance = fulfilmentHindrance(payment)
      if (hindrance !== null) return { outcome: hindrance, payment }
      if (payment.fulfilledAt !== null) return { outcome: 'fulfilled', payment }
      const other = orders.get(orderKey(payment))
      if (other !== undefined) return { outcome: 'fulfilled_by_other', payment, other }
      orders.set(orderKey(payment), { paymentId: payment.id, fulfilledAt: now })
      record.payment = { ...payment, fulfilledAt: now }
      record.fulfilledKey = key
      return { outcome: 'fulfilled', payment: record.payment }
    },
    async settle(appId, reading, now) {
      const before = records.get(keyOf(appId, reading.paymentId))
      return put(appId, foldReading(before?.payment ?? null, reading), 0, (before?.polls ?? 0) + 1, now)
    },
    duePolls: async ({ now, limit }) =>
      [...records.values()]
        .filter((record) => record.pollAt !== null && record.pollAt <= now)
        .sort((a, b) => (a.pollAt ?? 0) - (b.pollAt ?? 0))
        .slice(0, limit)
        .map(({ payment }) => payment),
    async postponePoll(appId, id, at) {
      const record = records.get(keyOf(appId, id))
      if (record === undefined) return
      record.pollAt = at
      record.polls += 1
    },
    unchecked: async (limit) =>
      [...records.values()]
        .filter(({ payment, checkedPosition }) => checkedPosition < payment.lastPosition)
        .slice(0, limit)
        .map(({ payment }) => payment),
    async markChecked(payments) {
      for (const { appId, id, lastPosition } of payments) {
        const record = records.get(keyOf(appId, id))
        if (record !== undefined) record.checkedPosition = Math.max(record.checkedPosition, lastPosition)
      }
    },
  }
}

function newestFirst(a: Pick<Payment, 'created' | 'id'>, b: Pick<Payment, 'created' | 'id'>): number {
  return b.created - a.created || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
}

function matches(payment: StoredPayment, query: PaymentQuery): boolean {
  return (
    (query.status === undefined || payment.status === query.status) &&
    (query.orderId === undefined || payment.orderId === query.orderId) &&
    (query.customerId === undefined || payment.customerId === query.customerId) &&
    (query.createdFrom === undefined || payment.created >= query.createdFrom) &&
    (query.createdTo === undefined || payment.created <= query.createdTo)
  )
}
