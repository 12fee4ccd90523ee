/** Payments as rows, and back. */
import type { SQLInputValue } from 'node:sqlite'
import type { Payment, PaymentId, PaymentStatus } from '../../payment-state/payment.ts'
import type { StoredPayment } from '../payment-store.ts'

export interface PaymentRow {
  readonly app_id: string
  readonly id: string
  readonly account: string | null
  readonly order_id: string | null
  readonly status: string
  readonly amount: number
  readonly amount_capturable: number
  readonly amount_received: number
  readonly amount_refunded: number
  readonly currency: string
  readonly charge_id: string | null
  readonly customer_id: string | null
  /** 0 or 1, as is `needs_reread`. */
  readonly livemode: number
  readonly dispute_id: string | null
  readonly dispute_status: string | null
  /** JSON, as is `evidence`. */
  readonly last_error: string | null
  readonly created: number
  readonly updated: number
  readonly needs_reread: number
  readonly evidence: string
  readonly last_position: number
  readonly checked_position: number
  readonly fulfilled_at: number | null
  readonly poll_at: number | null
  readonly polls: number
}

/** The columns that a fold writes, in the order of `foldedValues`. */
const FOLDED = [
  'account',
  'order_id',
  'status',
  'amount',
  'amount_capturable',
  'amount_received',
  'amount_refunded',
  'currency',
  'charge_id',
  'customer_id',
  'livemode',
  'dispute_id',
  'dispute_status',
  'last_error',
  'created',
  'updated',
  'needs_reread',
  'evidence',
  'last_position',
  'poll_at',
  'polls',
] as const satisfies readonly (keyof PaymentRow)[]

/** Takes the values of `foldedValues`, then the app and the id; a payment is unchecked until it is looked at. */
export const INSERT_PAYMENT = `
  INSERT INTO payments (${FOLDED.join(', ')}, app_id, id, checked_position)
  VALUES (${FOLDED.map(() => '?').join(', ')}, ?, ?, -1)`

export const UPDATE_PAYMENT = `
  UPDATE payments SET ${FOLDED.map((name) => `${name} = ?`).join(', ')} WHERE app_id = ? AND id = ?`

export interface FoldedPayment {
  readonly payment: Payment
  readonly lastPosition: number
  readonly pollAt: number | null
  readonly polls: number
}

export function foldedValues({ payment, lastPosition, pollAt, polls }: FoldedPayment): SQLInputValue[] {
  return [
    payment.account,
    payment.orderId,
    payment.status,
    payment.amount,
    payment.amountCapturable,
    payment.amountReceived,
    payment.amountRefunded,
    payment.currency,
    payment.chargeId,
    payment.customerId,
    payment.livemode ? 1 : 0,
    payment.disputeId,
    payment.disputeStatus,
    payment.lastError === null ? null : JSON.stringify(payment.lastError),
    payment.created,
    payment.updated,
    payment.needsReread ? 1 : 0,
    JSON.stringify(payment.evidence),
    lastPosition,
    pollAt,
    polls,
  ]
}

export function toStoredPayment(row: PaymentRow): StoredPayment {
  return {
    appId: row.app_id,
    id: row.id as PaymentId,
    account: row.account,
    orderId: row.order_id,
    status: row.status as PaymentStatus,
    amount: row.amount,
    amountCapturable: row.amount_capturable,
    amountReceived: row.amount_received,
    amountRefunded: row.amount_refunded,
    currency: row.currency,
    chargeId: row.charge_id,
    customerId: row.customer_id,
    livemode: row.livemode === 1,
    disputeId: row.dispute_id,
    disputeStatus: row.dispute_status,
    lastError: row.last_error === null ? null : JSON.parse(row.last_error),
    created: row.created,
    updated: row.updated,
    needsReread: row.needs_reread === 1,
    evidence: JSON.parse(row.evidence),
    fulfilledAt: row.fulfilled_at,
    lastPosition: row.last_position,
  }
}
