/** Compares what Stripe says of a payment with what Tollbridge asked for, and with its order, after every event. */
import type { Alarms } from '../alarms/alarms.ts'
import type { Clock } from '../clock.ts'
import type { Payment } from '../payment-state/payment.ts'
import type { NewAlarm } from '../store/alarm-store.ts'
import type { PaymentStore, StoredPayment } from '../store/payment-store.ts'
import { checkPaidTwice } from './check-paid-twice.ts'

export type Price = Pick<Payment, 'amount' | 'currency'>

export interface ExpectedPrices {
  /** What is asked for now; null: the payment was not made here, so nothing is expected. */
  present(payment: StoredPayment): Promise<Price | null>
  /** What Stripe may show besides, because the price is being changed or was. */
  others(payment: StoredPayment): Promise<readonly Price[]>
}

export interface CheckAmountsDeps {
  readonly payments: Pick<PaymentStore, 'unchecked' | 'markChecked' | 'findByOrder'>
  readonly expected: ExpectedPrices
  readonly alarms: Alarms
  readonly clock: Clock
}

const PAGE = 100

/** Rejects when the store does; what was not checked then is checked next time. */
export async function checkAmounts(deps: CheckAmountsDeps): Promise<void> {
  for (;;) {
    const changed = await deps.payments.unchecked(PAGE)
    await Promise.all(
      changed.map(async (payment) => {
        await check(payment, deps)
        await checkPaidTwice(payment, deps)
      }),
    )
    if (changed.length > 0) await deps.payments.markChecked(changed)
    if (changed.length < PAGE) return
  }
}

async function check(payment: StoredPayment, deps: CheckAmountsDeps): Promise<void> {
  const expected = await deps.expected.present(payment)
  if (expected === null) return
  const mismatch = amountMismatch(payment, expected)
  if (mismatch !== null) {
    const others = await deps.expected.others(payment)
    if (others.some((price) => amountMismatch(payment, price) === null)) return
  }
  const subject = { appId: payment.appId, kind: 'amount_mismatch', subject: payment.id } as const
  if (mismatch === null) await deps.alarms.clear(subject)
  else await deps.alarms.raise({ ...subject, message: mismatch } satisfies NewAlarm)
}

/**
 * @returns a sentence; null when nothing is wrong. A capture of less than was held is no mismatch, and nothing is wrong
 * any more once the money is back with its payer.
 */
export function amountMismatch(payment: Payment, expected: Price): string | null {
  const { id, amount, currency, amountReceived } = payment
  if (isOver(payment)) return null
  const agrees = currency === expected.currency && amount === expected.amount && amountReceived <= amount
  if (agrees) return null
  const received = amountReceived > 0 ? `, of which ${amountReceived} was received` : ''
  return `Payment ${id} is of ${amount} ${currency} at Stripe${received}, but ${expected.amount} ${expected.currency} was asked for.`
}

function isOver({ status, amountReceived, amountRefunded }: Payment): boolean {
  return status === 'canceled' || (amountReceived > 0 && amountRefunded >= amountReceived)
}
