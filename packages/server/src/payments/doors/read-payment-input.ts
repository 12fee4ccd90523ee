/** The body of `POST /v1/payments`, parsed, as the payment that it asks for. */
import type { z } from 'zod'
import type { AskedPrice, PaymentInput } from '../terms/payment-input.ts'
import type { changePriceSchema, createPaymentSchema } from './payment-schema.ts'

export function readPaymentInput(body: z.output<typeof createPaymentSchema>): PaymentInput {
  return {
    orderId: body.order_id ?? null,
    asked: readAskedPrice(body),
    card: body.token ?? body.payment_method ?? null,
    captureMethod: body.capture_method ?? null,
    saveCard: body.save_card ?? null,
    customer: body.customer ?? null,
    description: body.description ?? null,
    receiptEmail: body.receipt_email ?? null,
    returnUrl: body.return_url ?? null,
    offSession: body.off_session ?? false,
    metadata: body.metadata ?? {},
  }
}

export function readAskedPrice(body: z.output<typeof changePriceSchema>): AskedPrice {
  return {
    amount: body.amount ?? null,
    currency: body.currency ?? null,
    items: body.items ?? null,
    quote: body.quote ?? null,
  }
}
