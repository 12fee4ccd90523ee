/** The statements that move a payment attempt from open to its outcome; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import type {
  AttemptLease,
  AttemptResult,
  LeaseOptions,
  NewAttempt,
  PaymentAttemptStore,
  PaymentOrder,
} from '../payment-attempt-store.ts'

type Done = 'done' | 'lease_lost'
type Postponement = Parameters<PaymentAttemptStore['postpone']>[1]

export interface PaymentAttemptWrites {
  insert(attempt: NewAttempt, token: string, leaseUntil: number): void
  /** false: it is final, or somebody holds it. */
  lease(id: string, token: string, options: LeaseOptions): boolean
  reopen(
    id: string,
    how: {
      readonly idempotencyKey: string
      readonly now: number
      readonly token: string
      readonly leaseUntil: number
    },
  ): void
  /** The same request is a new one from now on. */
  giveUpRequestKey(appId: string, id: string): void
  withdraw(lease: AttemptLease): Done
  noteSent(lease: AttemptLease, now: number): Done
  finish(lease: AttemptLease, result: AttemptResult): Done
  postpone(lease: AttemptLease, how: Postponement): Done
  /** The outcome has been told. @returns whether it was owed */
  forgive(appId: string, id: string): boolean
  adoptOrder(order: PaymentOrder): 'adopted' | 'known'
}

export function createPaymentAttemptWrites(database: DatabaseSync): PaymentAttemptWrites {
  const insertAttempt = database.prepare(
    `INSERT INTO payment_attempts (id, app_id, account, subject, request_key, fingerprint, order_id, terms, operation,
       call_intent, call_params, payer, replaces, idempotency_key, state, payment_intent_id, tries, first_sent_at,
       last_sent_at, lease_token, due_at, created_at, sent_after)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, 1, ?, ?, ?, ?, ?, ?)`,
  )
  const takeLease = database.prepare(
    `UPDATE payment_attempts SET lease_token = ?, due_at = ?
     WHERE id = ? AND state = 'open' AND (lease_token IS NULL OR due_at <= ? OR due_at > ?)`,
  )
  const reopenAttempt = database.prepare(
    `UPDATE payment_attempts SET state = 'open', idempotency_key = ?, tries = 1, first_sent_at = ?, last_sent_at = ?,
       absent_since = NULL, lease_token = ?, due_at = ?, failure = NULL, finished_at = NULL, is_owed = 0 WHERE id = ?`,
  )
  const clearRequestKey = database.prepare(
    'UPDATE payment_attempts SET request_key = NULL WHERE app_id = ? AND id = ?',
  )
  const deleteClaim = database.prepare(
    'DELETE FROM payment_attempts WHERE id = ? AND lease_token = ? AND tries = 1',
  )
  // The three below change a row only while the lease is held: the fence that lets each attempt end once. What Stripe
  // answers after all is still better than the conclusion that the call was not done; not so for a price, which may
  // have been changed again since.
  const countSent = database.prepare(
    `UPDATE payment_attempts SET tries = tries + 1, last_sent_at = ?, absent_since = NULL
     WHERE id = ? AND lease_token = ?`,
  )
  const setOutcome = database.prepare(
    `UPDATE payment_attempts SET state = ?, payment_intent_id = coalesce(?, payment_intent_id), charge_id = ?,
       refund_id = ?, payment_status = ?, failure = ?, is_owed = ?, finished_at = ?, lease_token = NULL, due_at = NULL
     WHERE id = ? AND (lease_token = ? OR (state = 'failed' AND failure ->> 'retryable' = 1
       AND operation <> 'update' AND idempotency_key = ?))`,
  )
  // It proves who the payer is, and is of no other use once its call has an outcome.
  const forgetToken = database.prepare(
    `UPDATE payment_attempts SET call_params = json_remove(call_params, '$.payment_method_data') WHERE id = ?`,
  )
  const setPostponed = database.prepare(
    `UPDATE payment_attempts SET last_error = ?, due_at = ?, absent_since = ?, lease_token = NULL
     WHERE id = ? AND lease_token = ?`,
  )
  const setTold = database.prepare(
    'UPDATE payment_attempts SET is_owed = 0 WHERE app_id = ? AND id = ? AND is_owed = 1',
  )
  const insertOrder = database.prepare(
    `INSERT INTO payment_orders (app_id, account, order_id, payment_intent_id, terms, payer, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, account, order_id) DO NOTHING`,
  )
  const replaceOrder = database.prepare(
    `UPDATE payment_orders SET payment_intent_id = ?, terms = ?, payer = ?, created_at = ?
     WHERE app_id = ? AND account = ? AND order_id = ? AND payment_intent_id = ?`,
  )
  // Also when the PaymentIntent is that of another order.
  const insertUnknown = database.prepare(
    `INSERT OR IGNORE INTO payment_orders (app_id, account, order_id, payment_intent_id, terms, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const selectTerms = database.prepare(
    `SELECT terms FROM payment_orders WHERE app_id = ? AND account = ? AND order_id = ? AND payment_intent_id = ?`,
  )
  const setTerms = database.prepare(
    'UPDATE payment_orders SET terms = ? WHERE app_id = ? AND account = ? AND order_id = ?',
  )

  const done = (changes: number | bigint): Done => (Number(changes) === 1 ? 'done' : 'lease_lost')

  function noteOrder(attempt: NewAttempt, result: AttemptResult): void {
    const { appId, account, orderId, terms, call, replaces } = attempt
    if (orderId === null || terms === null) return
    if (call.operation === 'create' && result.paymentIntentId !== null) {
      const order = [appId, account, orderId] as const
      const held = [result.paymentIntentId, JSON.stringify(terms), json(attempt.payer), result.now] as const
      if (replaces === null) insertOrder.run(...order, ...held)
      else replaceOrder.run(...held, ...order, replaces)
    }
    if (call.operation === 'update' && result.state !== 'failed') {
      const before = selectTerms.get(appId, account, orderId, call.paymentIntent)?.['terms']
      if (typeof before !== 'string') return
      setTerms.run(JSON.stringify({ ...JSON.parse(before), ...terms }), appId, account, orderId)
    }
  }

  return {
    insert(attempt, token, leaseUntil) {
      const { call, createdAt } = attempt
      insertAttempt.run(
        attempt.id,
        attempt.appId,
        attempt.account,
        attempt.subject,
        attempt.requestKey,
        attempt.fingerprint,
        attempt.orderId,
        attempt.terms === null ? null : JSON.stringify(attempt.terms),
        call.operation,
        call.paymentIntent,
        JSON.stringify(call.params),
        json(attempt.payer),
        attempt.replaces,
        attempt.idempotencyKey,
        call.paymentIntent,
        createdAt,
        createdAt,
        token,
        leaseUntil,
        createdAt,
        attempt.sentAfter,
      )
    },
    lease: (id, token, { now, latest, leaseUntil }) =>
      Number(takeLease.run(token, leaseUntil, id, now, latest).changes) === 1,
    reopen(id, { idempotencyKey, now, token, leaseUntil }) {
      reopenAttempt.run(idempotencyKey, now, now, token, leaseUntil, id)
    },
    giveUpRequestKey(appId, id) {
      clearRequestKey.run(appId, id)
    },
    withdraw: ({ attempt, token }) => done(deleteClaim.run(attempt.id, token).changes),
    noteSent: ({ attempt, token }, now) => done(countSent.run(now, attempt.id, token).changes),
    finish({ attempt, token }, result) {
      const { changes } = setOutcome.run(
        result.state,
        result.paymentIntentId,
        result.chargeId,
        result.refundId,
        result.paymentStatus,
        result.failure === null ? null : JSON.stringify(result.failure),
        result.isOwed ? 1 : 0,
        result.now,
        attempt.id,
        token,
        attempt.idempotencyKey,
      )
      if (Number(changes) === 1) {
        if (result.failure?.retryable !== true) forgetToken.run(attempt.id)
        noteOrder(attempt, result)
      }
      return done(changes)
    },
    postpone: ({ attempt, token }, { error, dueAt, absentSince }) =>
      done(setPostponed.run(error, dueAt, absentSince, attempt.id, token).changes),
    forgive: (appId, id) => Number(setTold.run(appId, id).changes) === 1,
    adoptOrder({ appId, account, orderId, paymentIntentId, terms, createdAt }) {
      const { changes } = insertUnknown.run(
        appId,
        account,
        orderId,
        paymentIntentId,
        JSON.stringify(terms),
        createdAt,
      )
      return Number(changes) === 1 ? 'adopted' : 'known'
    },
  }
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}
