/** Payment attempts and orders as rows, and back. */
import type {
  AttemptState,
  PaymentAttempt,
  PaymentOperation,
  PaymentOrder,
} from '../payment-attempt-store.ts'

export interface PaymentAttemptRow {
  readonly id: string
  readonly app_id: string
  readonly account: string
  readonly subject: string
  readonly request_key: string | null
  readonly fingerprint: string
  readonly order_id: string | null
  /** JSON, as are `call_params` and `failure`. */
  readonly terms: string | null
  readonly operation: PaymentOperation
  readonly call_intent: string | null
  readonly call_params: string
  /** JSON. */
  readonly payer: string | null
  readonly replaces: string | null
  readonly idempotency_key: string
  readonly state: AttemptState
  readonly payment_intent_id: string | null
  readonly charge_id: string | null
  readonly refund_id: string | null
  readonly payment_status: string | null
  readonly failure: string | null
  readonly tries: number
  readonly first_sent_at: number
  readonly last_sent_at: number
  readonly sent_after: number
  readonly absent_since: number | null
  readonly last_error: string | null
  readonly due_at: number | null
  /** 0 or 1. */
  readonly is_owed: number
  readonly created_at: number
  readonly finished_at: number | null
}

export interface PaymentOrderRow {
  readonly app_id: string
  readonly account: string
  readonly order_id: string
  readonly payment_intent_id: string
  readonly terms: string
  /** JSON. */
  readonly payer: string | null
  readonly created_at: number
}

export function toPaymentAttempt(row: PaymentAttemptRow): PaymentAttempt {
  return {
    id: row.id,
    appId: row.app_id,
    account: row.account,
    subject: row.subject,
    requestKey: row.request_key,
    fingerprint: row.fingerprint,
    orderId: row.order_id,
    terms: row.terms === null ? null : JSON.parse(row.terms),
    call: {
      operation: row.operation,
      paymentIntent: row.call_intent,
      params: JSON.parse(row.call_params),
    },
    payer: row.payer === null ? null : JSON.parse(row.payer),
    replaces: row.replaces,
    idempotencyKey: row.idempotency_key,
    createdAt: row.created_at,
    sentAfter: row.sent_after,
    state: row.state,
    paymentIntentId: row.payment_intent_id,
    chargeId: row.charge_id,
    refundId: row.refund_id,
    paymentStatus: row.payment_status,
    failure: row.failure === null ? null : JSON.parse(row.failure),
    tries: row.tries,
    firstSentAt: row.first_sent_at,
    lastSentAt: row.last_sent_at,
    absentSince: row.absent_since,
    lastError: row.last_error,
    dueAt: row.due_at,
    isOwed: row.is_owed === 1,
    finishedAt: row.finished_at,
  }
}

export function toPaymentOrder(row: PaymentOrderRow): PaymentOrder {
  return {
    appId: row.app_id,
    account: row.account,
    orderId: row.order_id,
    paymentIntentId: row.payment_intent_id,
    terms: JSON.parse(row.terms),
    payer: row.payer === null ? null : JSON.parse(row.payer),
    createdAt: row.created_at,
  }
}
