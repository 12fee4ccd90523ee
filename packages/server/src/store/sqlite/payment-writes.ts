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
import {
  type FulfilCall,
  type FulfilOutcome,
  fulfilmentHindrance,
  type StoredPayment,
} from '../payment-store.ts'
import {
  checkedValues,
  INSERT_PAYMENT,
  isRenamed,
  nameValues,
  type PaymentBefore,
  type PaymentRow,
  type PaymentUpkeep,
  SELECT_BEFORE,
  stateValues,
  toStoredPayment,
  UPDATE_NAMES,
  UPDATE_STATE,
} from './payment-row.ts'

export interface PaymentWrites {
  /** Folds an event in, in the transaction that marks it handled. */
  fold(appId: string, facts: PaymentFacts, position: number, now: number): void
  settle(appId: string, reading: PaymentReading, now: number): StoredPayment
  markFulfilled(appId: string, id: string, call: FulfilCall): FulfilOutcome
}

export function createPaymentWrites(database: DatabaseSync): PaymentWrites {
  const selectBefore = database.prepare(SELECT_BEFORE)
  const selectPayment = database.prepare('SELECT * FROM payments WHERE app_id = ? AND id = ?')
  const selectByCharge = database.prepare('SELECT * FROM payments WHERE app_id = ? AND charge_id = ?')
  const insertPayment = database.prepare(INSERT_PAYMENT)
  const updateNames = database.prepare(UPDATE_NAMES)
  const updateState = database.prepare(UPDATE_STATE)
  const selectFulfilment = database.prepare(
    'SELECT payment_id, fulfilled_at FROM order_fulfilments WHERE app_id = ? AND account = ? AND order_id = ?',
  )
  const insertFulfilment = database.prepare(
    'INSERT INTO order_fulfilments (app_id, account, order_id, payment_id, fulfilled_at) VALUES (?, ?, ?, ?, ?)',
  )
  const setFulfilled = database.prepare(
    'UPDATE payments SET fulfilled_at = ?, fulfilled_key = ? WHERE app_id = ? AND id = ?',
  )

  const rowOf = (appId: string, id: string) => selectPayment.get(appId, id) as PaymentRow | undefined
  const beforeOf = (appId: string, id: string) => selectBefore.get(appId, id) as PaymentBefore | undefined

  function write(
    appId: string,
    payment: Payment,
    before: PaymentBefore | undefined,
    upkeep: PaymentUpkeep,
    checkedPosition: number,
  ): void {
    const names = nameValues(payment)
    const state = stateValues(payment, upkeep)
    const checked = checkedValues(appId, payment, checkedPosition)
    if (before === undefined) {
      insertPayment.run(...names, ...state, appId, payment.id, ...checked)
      return
    }
    if (isRenamed(before, names)) updateNames.run(...names, appId, payment.id)
    updateState.run(...state, ...checked, appId, payment.id)
  }

  return {
    fold(appId, facts, position, now) {
      const before = beforeOf(appId, facts.snapshot.paymentId)
      const payment = foldPayment(knownOf(before), facts)
      const lastPosition = Math.max(before?.last_position ?? 0, position)
      const upkeep = { lastPosition, polls: 0, pollAt: pollAt(payment, 0, now) }
      write(appId, payment, before, upkeep, lastPosition)
    },
    settle(appId, reading, now) {
      const before = beforeOf(appId, reading.paymentId)
      const payment = foldReading(knownOf(before), reading)
      const polls = (before?.polls ?? 0) + 1
      const lastPosition = before?.last_position ?? 0
      const upkeep = { lastPosition, polls, pollAt: pollAt(payment, polls, now) }
      write(appId, payment, before, upkeep, -1)
      return toStoredPayment(rowOf(appId, payment.id) as PaymentRow)
    },
    markFulfilled(appId, id, { key, now }) {
      const row = rowOf(appId, id) ?? (selectByCharge.get(appId, id) as PaymentRow | undefined)
      if (row === undefined) return { outcome: 'unknown' }
      const payment = toStoredPayment(row)
      const isRepeat = key !== null && row.fulfilled_key === key
      if (payment.fulfilledAt !== null && !isRepeat) return { outcome: 'fulfilled_before', payment }
      // Of a repeat too: whoever never heard the first answer has not delivered yet.
      const hindrance = fulfilmentHindrance(payment)
      if (hindrance !== null) return { outcome: hindrance, payment }
      if (payment.fulfilledAt !== null) return { outcome: 'fulfilled', payment }
      if (payment.orderId !== null) {
        const order = [appId, payment.account ?? '', payment.orderId] as const
        const other = selectFulfilment.get(...order)
        if (other !== undefined) {
          const [paymentId, fulfilledAt] = [String(other['payment_id']), Number(other['fulfilled_at'])]
          return { outcome: 'fulfilled_by_other', payment, other: { paymentId, fulfilledAt } }
        }
        insertFulfilment.run(...order, payment.id, now)
      }
      setFulfilled.run(now, key, appId, payment.id)
      return { outcome: 'fulfilled', payment: { ...payment, fulfilledAt: now } }
    },
  }
}

function knownOf(before: PaymentBefore | undefined): Pick<Payment, 'evidence'> | null {
  return before === undefined ? null : { evidence: JSON.parse(before.evidence) }
}
