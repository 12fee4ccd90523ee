/** Gives back what was charged, and releases what was only held. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import type { Stored } from '../store/stored-objects.ts'
import { book } from './balance-transaction-object.ts'
import type { Charge } from './charge-object.ts'

export type Refund = Stored<Stripe.Refund>

/** A refund of `amount` in the given state; not stored yet, and booked nowhere. */
export function buildRefund(
  call: Call,
  charge: Charge,
  given: {
    amount: number
    status: string
    reason?: Stripe.Refund.Reason | null
    metadata?: Record<string, string>
  },
): Refund {
  return {
    id: call.newId('re_3'),
    object: 'refund',
    amount: given.amount,
    balance_transaction: null,
    charge: charge.id,
    created: call.now,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata: given.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: given.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: given.status,
    transfer_reversal: null,
  }
}

/** Books a refund of captured money and returns the transaction's id. */
export function bookRefund(call: Call, refund: Refund, type: 'refund' | 'refund_failure'): string {
  return book(call, {
    amount: type === 'refund' ? -refund.amount : refund.amount,
    currency: refund.currency,
    source: refund.id,
    type,
    reportingCategory: type,
    description: type === 'refund' ? 'REFUND FOR CHARGE' : 'REFUND FAILURE',
  }).id
}

/** The charge after `amount` more of it was given back; a negative amount takes a refund back. */
export function withRefunded(charge: Charge, amount: number): Charge {
  const refunded = charge.amount_refunded + amount
  return { ...charge, amount_refunded: refunded, refunded: refunded >= charge.amount }
}

/** Releases an authorized charge that is not captured; Stripe shows the release as a refund. */
export function releaseHold(call: Call, charge: Charge, reason: Stripe.Refund.Reason | null = null): Refund {
  const amount = charge.amount - charge.amount_refunded
  const refund = buildRefund(call, charge, { amount, status: 'succeeded', reason })
  const released: Refund = {
    ...refund,
    destination_details: { card: { type: 'reversal' }, type: 'card' },
  }
  call.store.put(released)
  call.record('refund.created', released)
  const after = withRefunded(charge, amount)
  call.store.put(after)
  call.record('charge.refunded', after, charge)
  return released
}
