/** A payment as the API shows it, in Stripe's words. */
import { z } from 'zod'
import type { Payment } from './payment.ts'

const id = z.string()
const minorUnits = z.int()
const seconds = z.int()

/** What a payment is, whoever asks: the fields of every answer about one. */
export const paymentSchema = z.object({
  object: z.literal('payment'),
  id: id.describe('Stripe’s id of the PaymentIntent, or of a charge that has none.'),
  account: id.nullable().describe('The connected account.'),
  order_id: id.nullable(),
  status: id.describe('Stripe’s status of the PaymentIntent.'),
  amount: minorUnits,
  amount_capturable: minorUnits,
  amount_received: minorUnits,
  amount_refunded: minorUnits,
  currency: id,
  charge: id.nullable(),
  customer: id.nullable(),
  livemode: z.boolean(),
  dispute: id.nullable(),
  dispute_status: id.nullable(),
  last_payment_error: z
    .object({ code: id.nullable(), decline_code: id.nullable(), message: id.nullable() })
    .nullable(),
  created: seconds,
  updated: seconds,
  fulfilled_at: seconds.nullable(),
  items: z
    .array(
      z.object({
        id: z.string(),
        quantity: z.int(),
        unit_amount: minorUnits.nullable().describe('null: only the sum was priced.'),
      }),
    )
    .nullable()
    .describe('What was sold, at the price of the moment; null: only a sum was named.'),
})

export type PaymentJson = z.output<typeof paymentSchema>

/**
 * Amounts are in minor units, times in seconds.
 * @param fulfilledAt milliseconds since the epoch
 * @param items what was sold; absent: only a sum
 */
export function paymentJson(
  payment: Payment,
  fulfilledAt: number | null,
  items: Readonly<NonNullable<PaymentJson['items']>> | null | undefined,
): PaymentJson {
  return {
    object: 'payment',
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
    items: items ? [...items] : null,
  }
}
