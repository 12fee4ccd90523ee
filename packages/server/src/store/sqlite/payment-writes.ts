/** The statements that change payments; each runs inside a group commit. */
import type { DatabaseSync } from 'node:sqlite'
import {
  foldPayment,
  foldReading,
  type PaymentFacts,
  type PaymentReading,
} from '../../payment-state/fold-payment.ts'
import type { Payment } from '../../payment-state/payment.ts'
import { pollAt } from '../../payment-state/poll-schedule.ts'
import type { FulfilOutcome, StoredPayment } from '../payment-store.ts'
import {
  foldedValues,
  INSERT_PAYMENT,
  type PaymentRow,
  toStoredPayment,
  UPDATE_PAYMENT,
} from './payment-row.ts'

export interface PaymentWrites {
  /** Folds an event in, in the transaction that marks it handled. */
  fold(appId: string, facts: PaymentFacts, position: number, now: number): void
  settle(appId: string, reading: PaymentReading, now: number): StoredPayment
  markFulfilled(appId: string, id: string, now: number): FulfilOutcome
}

export function createPaymentWrites(database: DatabaseSync): PaymentWrites {
  const selectPayment = database.prepare('SELECT * FROM payments WHERE app_id = ? AND id = ?')
  const selectByCharge = database.prepare('SELECT * FROM payments WHERE app_id = ? AND charge_id = ?')
  const insertPayment = database.prepare(INSERT_PAYMENT)
  const updatePayment = database.prepare(UPDATE_PAYMENT)
  const setFulfilled = database.prepare('UPDATE payments SET fulfilled_at = ? WHERE app_id = ? AND id = ?')

  const rowOf = (appId: string, id: string) => selectPayment.get(appId, id) as PaymentRow | undefined

  function write(
    appId: string,
    payment: Payment,
    before: PaymentRow | undefined,
    more: { readonly position: number; readonly polls: number; readonly now: number },
  ): void {
    const values = foldedValues({
      payment,
      lastPosition: Math.max(before?.last_position ?? 0, more.position),
      pollAt: pollAt(payment, more.polls, more.now),
      polls: more.polls,
    })
    const statement = before === undefined ? insertPayment : updatePayment
    statement.run(...values, appId, payment.id)
  }

  return {
    fold(appId, facts, position, now) {
      const before = rowOf(appId, facts.snapshot.paymentId)
      const payment = foldPayment(
        before === undefined ? null : { evidence: JSON.parse(before.evidence) },
        facts,
      )
      write(appId, payment, before, { position, polls: 0, now })
    },
    settle(appId, reading, now) {
      const before = rowOf(appId, reading.paymentId)
      const payment = foldReading(
        before === undefined ? null : { evidence: JSON.parse(before.evidence) },
        reading,
      )
      write(appId, payment, before, { position: 0, polls: (before?.polls ?? 0) + 1, now })
      return toStoredPayment(rowOf(appId, reading.paymentId) as PaymentRow)
    },
    markFulfilled(appId, id, now) {
      const row = rowOf(appId, id) ?? (selectByCharge.get(appId, id) as PaymentRow | undefined)
      if (row === undefined) return { outcome: 'unknown' }
      const payment = toStoredPayment(row)
      if (payment.fulfilledAt !== null) return { outcome: 'fulfilled_before', payment }
      if (payment.status !== 'succeeded') return { outcome: 'not_paid', payment }
      setFulfilled.run(now, appId, payment.id)
      return { outcome: 'fulfilled', payment: { ...payment, fulfilledAt: now } }
    },
  }
}
