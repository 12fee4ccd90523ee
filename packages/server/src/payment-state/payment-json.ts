/** A payment as the API shows it, in Stripe's words. */
import type { Payment } from './payment.ts'

export type PaymentJson = ReturnType<typeof paymentJson>

/** Amounts are in minor units, times in seconds. @param fulfilledAt milliseconds since the epoch */
export function paymentJson(payment: Payment, fulfilledAt: number | null) {
  return {
    object: 'payment' as const,
    id: payment.id,
    account: payment.account,
    order_id: payment.orderId,
    status: payment.status,
    amount: payment.amount,
    amount_capturable: payment.amountCapturable,
    amount_received: payment.amountReceived,
    amount_refunded: payment.amountRefunded,
    currency: payment.currency,
    charge: payment.chargeId,
    customer: payment.customerId,
    livemode: payment.livemode,
    dispute: payment.disputeId,
    dispute_status: payment.disputeStatus,
    last_payment_error: payment.lastError,
    created: payment.created,
    updated: payment.updated,
    fulfilled_at: fulfilledAt === null ? null : Math.floor(fulfilledAt / 1000),
  }
}
