/** Books what a charge, refund or dispute does to the account's balance. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import type { Stored } from '../store/stored-objects.ts'

export type BalanceTransaction = Stored<Stripe.BalanceTransaction>

interface Booking {
  amount: number
  currency: string
  source: string
  type: 'adjustment' | 'charge' | 'payment' | 'refund' | 'refund_failure'
  reportingCategory: string
  description: string | null
  /** Stripe's fee, in minor units. */
  fee?: number
  fundsAtOnce?: boolean
}

const AVAILABLE_AFTER_SECONDS = 2 * 24 * 3600

/** Stores the booking. Its funds become available two days later, or at once. */
export function book(call: Call, booking: Booking): BalanceTransaction {
  const { amount, currency, fee = 0 } = booking
  const transaction: BalanceTransaction = {
    id: call.newId('txn_3'),
    object: 'balance_transaction',
    amount,
    available_on: booking.fundsAtOnce ? call.now : call.now + AVAILABLE_AFTER_SECONDS,
    balance_type: 'payments',
    created: call.now,
    currency,
    description: booking.description,
    exchange_rate: null,
    fee,
    fee_details: fee
      ? [
          {
            amount: fee,
            application: null,
            currency,
            description: 'Stripe processing fees',
            type: 'stripe_fee',
          },
        ]
      : [],
    net: amount - fee,
    reporting_category: booking.reportingCategory,
    source: booking.source,
    status: booking.fundsAtOnce ? 'available' : 'pending',
    type: booking.type,
  }
  call.store.put(transaction)
  return transaction
}

/** The transaction as of now: what was pending is available once its day has come. */
export function asOf(transaction: BalanceTransaction, now: number): BalanceTransaction {
  return transaction.available_on <= now ? { ...transaction, status: 'available' } : transaction
}

/** Stripe's usual fee for a card payment: 2.9 % and 30. */
export function processingFee(amount: number): number {
  return Math.min(amount, Math.round(amount * 0.029) + 30)
}
