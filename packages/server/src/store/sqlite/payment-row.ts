/** Payments as rows, and back. */
import type { SQLInputValue } from 'node:sqlite'
import { attemptOf } from '../../payment-state/describe-payment.ts'
import type { Payment, PaymentStatus } from '../../payment-state/payment.ts'
import type { PaymentId } from '../../payment-state/payment-id.ts'
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
  readonly fulfilled_key: string | null
  readonly poll_at: number | null
  readonly polls: number
}

/** What hardly ever changes once it is known, and stands in indexes. */
const NAMES = [
  'account',
  'order_id',
  'customer_id',
  'charge_id',
  'currency',
  'livemode',
  'created',
] as const satisfies readonly (keyof PaymentRow)[]

/** What most events change. */
const STATE = [
  'status',
  'amount',
  'amount_capturable',
  'amount_received',
  'amount_refunded',
  'dispute_id',
  'dispute_status',
  'last_error',
  'updated',
  'needs_reread',
  'evidence',
  'last_position',
  'poll_at',
  'polls',
] as const satisfies readonly (keyof PaymentRow)[]

/** What a fold must know of the row as it was. */
export type PaymentBefore = Pick<PaymentRow, (typeof NAMES)[number] | 'evidence' | 'last_position' | 'polls'>

export const SELECT_BEFORE = `
  SELECT ${NAMES.join(', ')}, evidence, last_position, polls FROM payments WHERE app_id = ? AND id = ?`

/**
 * The position up to which a payment is checked; -1: no further than before. Takes whether it names an attempt of ours,
 * the app, the account and the order, then the app, the order and the payment, and the position. Where no attempt and no
 * order of ours is named, and no other payment is of its order, there is nothing to check.
 */
const CHECKED = `
  CASE WHEN ? OR EXISTS (SELECT 1 FROM payment_orders WHERE app_id = ? AND account = ? AND order_id = ?)
      OR EXISTS (SELECT 1 FROM payments WHERE app_id = ? AND order_id = ? AND id <> ?)
    THEN -1 ELSE ? END`

/** Takes `nameValues`, `stateValues`, the app, the id and `checkedValues`. */
export const INSERT_PAYMENT = `
  INSERT INTO payments (${[...NAMES, ...STATE].join(', ')}, app_id, id, checked_position)
  VALUES (${[...NAMES, ...STATE].map(() => '?').join(', ')}, ?, ?, ${CHECKED})`

/** Takes `nameValues`, the app and the id. */
export const UPDATE_NAMES = `UPDATE payments SET ${assign(NAMES)} WHERE app_id = ? AND id = ?`

/** Takes `stateValues`, `checkedValues`, the app and the id. */
export const UPDATE_STATE = `
  UPDATE payments SET ${assign(STATE)}, checked_position = max(checked_position, ${CHECKED})
  WHERE app_id = ? AND id = ?`

function assign(names: readonly string[]): string {
  return names.map((name) => `${name} = ?`).join(', ')
}

export function nameValues(payment: Payment): SQLInputValue[] {
  return [
    payment.account,
    payment.orderId,
    payment.customerId,
    payment.chargeId,
    payment.currency,
    payment.livemode ? 1 : 0,
    payment.created,
  ]
}

/** Whether the row names the payment otherwise than it is named now. */
export function isRenamed(before: PaymentBefore, names: readonly SQLInputValue[]): boolean {
  return NAMES.some((name, index) => before[name] !== names[index])
}

export interface PaymentUpkeep {
  readonly lastPosition: number
  readonly pollAt: number | null
  readonly polls: number
}

export function stateValues(
  payment: Payment,
  { lastPosition, pollAt, polls }: PaymentUpkeep,
): SQLInputValue[] {
  return [
    payment.status,
    payment.amount,
    payment.amountCapturable,
    payment.amountReceived,
    payment.amountRefunded,
    payment.disputeId,
    payment.disputeStatus,
    payment.lastError === null ? null : JSON.stringify(payment.lastError),
    payment.updated,
    payment.needsReread ? 1 : 0,
    JSON.stringify(payment.evidence),
    lastPosition,
    pollAt,
    polls,
  ]
}

/** @param position up to where the payment is checked if Tollbridge never asked for it */
export function checkedValues(appId: string, payment: Payment, position: number): SQLInputValue[] {
  const { account, orderId, evidence } = payment
  const isMade = attemptOf(evidence) === null ? 0 : 1
  return [isMade, appId, account ?? '', orderId, appId, orderId, payment.id, position]
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
    // Read anew only for who folds; most readers want the row alone.
    get evidence() {
      return JSON.parse(row.evidence) as StoredPayment['evidence']
    },
    fulfilledAt: row.fulfilled_at,
    lastPosition: row.last_position,
  }
}
