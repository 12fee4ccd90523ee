/** The port to payments: one row a payment, folded from its events in the commit that marks them handled. */
import type { PaymentReading } from '../payment-state/fold-payment.ts'
import type { Payment, PaymentStatus } from '../payment-state/payment.ts'

export interface StoredPayment extends Payment {
  readonly appId: string
  /** Milliseconds since the epoch at which the app said that it delivered; null: not yet. */
  readonly fulfilledAt: number | null
  /** Position in the log of the newest event that was folded in; 0: Stripe was asked before any event came. */
  readonly lastPosition: number
}

/** Where a page of a list ended: its last payment. */
export type PaymentPlace = Pick<Payment, 'created' | 'id'>

/** Every given filter must hold. Newest first. */
export interface PaymentQuery {
  readonly appId: string
  readonly status?: PaymentStatus
  readonly orderId?: string
  readonly customerId?: string
  /** Seconds, both included. */
  readonly createdFrom?: number
  readonly createdTo?: number
  /** Only what comes after this place in the order of the list. */
  readonly after?: PaymentPlace
  readonly limit: number
}

export type FulfilOutcome =
  /** This call was the first, or a repeat of it under the same key. */
  | { readonly outcome: 'fulfilled'; readonly payment: StoredPayment }
  /** An earlier call was; `payment.fulfilledAt` is its time. */
  | { readonly outcome: 'fulfilled_before'; readonly payment: StoredPayment }
  /** The order was delivered for another payment of it. */
  | {
      readonly outcome: 'fulfilled_by_other'
      readonly payment: StoredPayment
      readonly other: { readonly paymentId: string; readonly fulfilledAt: number }
    }
  | { readonly outcome: FulfilmentHindrance; readonly payment: StoredPayment }
  | { readonly outcome: 'unknown' }

export interface FulfilCall {
  /** The caller's `Idempotency-Key`; null: each call is one of its own. */
  readonly key: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface PaymentStore {
  /** @param id of the PaymentIntent, or of a charge, whether it belongs to one or not. */
  find(appId: string, id: string): Promise<StoredPayment | null>
  /** Newest first. */
  findByOrder(appId: string, orderId: string): Promise<readonly StoredPayment[]>
  list(query: PaymentQuery): Promise<readonly StoredPayment[]>
  /** Paid, neither fulfilled nor given back in full nor disputed, and its order not delivered for another payment; the oldest first. */
  unfulfilled(query: Pick<PaymentQuery, 'appId' | 'after' | 'limit'>): Promise<readonly StoredPayment[]>
  /** When the app first said that it delivered something; milliseconds since the epoch, null: it never has. */
  firstFulfilledAt(appId: string): Promise<number | null>
  /** The first call wins, also among calls at the same time, and among all payments of an order. */
  markFulfilled(appId: string, id: string, call: FulfilCall): Promise<FulfilOutcome>
  /** Takes in what Stripe answered about a payment, and makes the row if there is none. */
  settle(appId: string, reading: PaymentReading, now: number): Promise<StoredPayment>
  /** Payments that Stripe should be asked about again, of all apps, the longest due first. */
  duePolls(options: { readonly now: number; readonly limit: number }): Promise<readonly StoredPayment[]>
  /** Stripe could not be asked: `at` is the next try, in milliseconds since the epoch; null gives up. */
  postponePoll(appId: string, id: string, at: number | null): Promise<void>
  /**
   * Payments that changed since they were last marked checked, of all apps. Only those of which Tollbridge may have
   * asked for a price, as they name an attempt of its own or the order of one, and those whose order another payment has
   * as well; the others need no check.
   */
  unchecked(limit: number): Promise<readonly StoredPayment[]>
  /** Payments that changed again in the meantime stay unchecked. */
  markChecked(payments: readonly Pick<StoredPayment, 'appId' | 'id' | 'lastPosition'>[]): Promise<void>
}

/** What speaks against delivering for a payment. */
export type FulfilmentHindrance = 'not_paid' | 'refunded' | 'disputed'

/** @returns null: nothing does. */
export function fulfilmentHindrance(payment: Payment): FulfilmentHindrance | null {
  if (payment.status !== 'succeeded') return 'not_paid'
  if (payment.amountRefunded >= payment.amountReceived) return 'refunded'
  const { disputeStatus } = payment
  return disputeStatus === null || SETTLED_DISPUTES.has(disputeStatus) ? null : 'disputed'
}

/** Those after which the money stays; all others take it back, or may. */
export const SETTLED_DISPUTES: ReadonlySet<string> = new Set(['won', 'warning_closed'])
