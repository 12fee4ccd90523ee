/** Whether an attempt only found what another had made: its asker may then be a stranger to the payer. */
import type { PaymentAttempt, PaymentAttemptStore } from '../../store/payment-attempt-store.ts'

/** States in which an earlier card may have become the charge without a word to the attempt that tried it. */
const WAITING = new Set(['requires_action', 'processing'])

export async function wasChargedBefore(
  attempts: Pick<PaymentAttemptStore, 'history'>,
  attempt: PaymentAttempt,
): Promise<boolean> {
  const { appId, account, paymentIntentId, call } = attempt
  // The attempt that creates a payment is the first at it.
  if (call.operation === 'create' || paymentIntentId === null) return false
  const all = await attempts.history(appId, { account, paymentIntentId, orderId: attempt.orderId })
  const earlier = all.slice(
    0,
    all.findIndex(({ id }) => id === attempt.id),
  )
  return earlier.some(
    // Not its state: an attempt of which a lookup could not tell whether it was done counts as failed.
    ({ paymentStatus, chargeId }) =>
      (paymentStatus !== null && WAITING.has(paymentStatus)) ||
      (chargeId !== null && chargeId === attempt.chargeId),
  )
}
