/** Looks whether two payments of one order have its money, after every event about one of them. */
import type { Alarms } from '../alarms/alarms.ts'
import type { Payment } from '../payment-state/payment.ts'
import type { PaymentStore, StoredPayment } from '../store/payment-store.ts'

export interface CheckPaidTwiceDeps {
  readonly payments: Pick<PaymentStore, 'findByOrder'>
  readonly alarms: Alarms
}

/** Rejects when the store does. */
export async function checkPaidTwice(
  { appId, account, orderId }: StoredPayment,
  { payments, alarms }: CheckPaidTwiceDeps,
): Promise<void> {
  if (orderId === null) return
  const ofOrder = (await payments.findByOrder(appId, orderId)).filter((it) => it.account === account)
  if (ofOrder.length < 2) return
  const subject = account === null ? orderId : `${account} ${orderId}`
  const alarm = { appId, kind: 'order_paid_twice', subject } as const
  const paid = ofOrder.filter(hasMoney)
  if (paid.length < 2) return alarms.clear(alarm)
  const named = paid.map(({ id, amount, currency }) => `${id} of ${amount} ${currency}`).reverse()
  await alarms.raise({ ...alarm, message: `The order ${orderId} is paid by ${named.join(' and ')}.` })
}

/** Paid or held, and not given back in full. */
export function hasMoney({ status, amountReceived, amountRefunded }: Payment): boolean {
  if (status === 'requires_capture') return true
  return status === 'succeeded' && amountRefunded < amountReceived
}
