/** Why an order is not to be delivered for a payment, with the facts to decide by. */

import { ServiceError } from '../errors.ts'
import type { Payment } from '../payment-state/payment.ts'
import type { FulfilmentHindrance } from '../store/payment-store.ts'

export function notToDeliver(hindrance: FulfilmentHindrance, payment: Payment): ServiceError {
  const details = {
    payment_status: payment.status,
    amount_received: payment.amountReceived,
    amount_refunded: payment.amountRefunded,
    ...(payment.disputeId === null
      ? {}
      : { dispute: payment.disputeId, dispute_status: payment.disputeStatus }),
  }
  const [code, why] = REASONS[hindrance]
  return new ServiceError(code, { message: `Payment ${payment.id} ${why(payment)}`, details })
}

const REASONS = {
  not_paid: [
    'payment_not_paid',
    ({ status }: Payment) =>
      status === 'requires_capture'
        ? 'is held and not captured: capture it (POST /v1/payments/<id>/capture), then deliver.'
        : status === 'canceled'
          ? 'is canceled and will not be paid: do not deliver.'
          : `has the status ${status}: deliver once it has succeeded.`,
  ],
  refunded: ['payment_refunded', () => 'was given back in full: do not deliver.'],
  disputed: [
    'payment_disputed',
    ({ disputeId, disputeStatus }: Payment) =>
      `is disputed (${disputeId}, ${disputeStatus}): do not deliver unless the dispute is won.`,
  ],
} as const
