/** A payment as `/v1/payments` answers it, read from Stripe: the fields of every payment, and what its payer needs. */
import type { Stripe } from 'stripe'
import { z } from 'zod'
import { type PaymentJson, paymentSchema } from '../../payment-state/payment-json.ts'
import type { StoredPayment } from '../../store/payment-store.ts'
import type { SoldItem } from '../../store/sold-items.ts'

const id = z.string()

export const nextActionSchema = z.union([
  z
    .object({ type: z.literal('use_stripe_sdk'), client_secret: id })
    .describe('Let Stripe.js finish 3-D Secure with this client secret.'),
  z
    .object({ type: z.literal('redirect_to_url'), client_secret: id, url: id })
    .describe('Send the payer to the address.'),
])

export const paymentAnswerSchema = paymentSchema.extend({
  payment_method: id.nullable(),
  capture_method: id,
  description: id.nullable(),
  cancellation_reason: id.nullable(),
  metadata: z.record(z.string(), z.string()),
  next_action: nextActionSchema.nullable().describe('What the payer must do; only while requires_action.'),
  client_secret: id.nullable().describe('For Stripe.js in the payer’s page.'),
  watch_token: id
    .nullable()
    .describe(
      'Opens this payment, and its events, to its payer until it expires; null, as the secret, for a server key that may not pay.',
    ),
})

/** What a client is told that only knows the id. */
export const paymentStatusSchema = z.object({
  object: z.literal('payment'),
  id,
  status: z.string(),
})

export const refundAnswerSchema = paymentAnswerSchema.extend({
  refund: id.nullable().describe('Stripe’s id of the refund; null when all was refunded before.'),
})

export type PaymentAnswer = z.output<typeof paymentAnswerSchema>

export interface AnswerFacts {
  readonly orderId: string | null
  readonly account: string
  /** What our own row knows of it; null before the first event. */
  readonly stored: StoredPayment | null
  /** What was sold; null: only a sum. */
  readonly items: readonly SoldItem[] | null
  readonly watchToken: string | null
  /** Whether who asks may pay with it: a server key for something else may not. */
  readonly isPayer: boolean
}

export function paymentAnswer(intent: Stripe.PaymentIntent, facts: AnswerFacts): PaymentAnswer {
  const { orderId, account, stored, items, watchToken, isPayer } = facts
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null
  const base = {
    object: 'payment',
    id: intent.id,
    account: account === '' ? null : account,
    order_id: orderId,
    status: intent.status,
    amount: intent.amount,
    amount_capturable: intent.amount_capturable,
    amount_received: intent.amount_received,
    amount_refunded: charge?.amount_refunded ?? 0,
    currency: intent.currency,
    charge: idOf(intent.latest_charge),
    customer: idOf(intent.customer),
    livemode: intent.livemode,
    dispute: stored?.disputeId ?? null,
    dispute_status: stored?.disputeStatus ?? null,
    last_payment_error: errorOf(intent),
    created: intent.created,
    updated: Math.max(stored?.updated ?? 0, intent.created),
    items: items === null ? null : [...items],
    fulfilled_at: typeof stored?.fulfilledAt === 'number' ? Math.floor(stored.fulfilledAt / 1000) : null,
  } satisfies Record<keyof PaymentJson, unknown>
  return {
    ...base,
    object: 'payment',
    payment_method: idOf(intent.payment_method),
    capture_method: intent.capture_method === 'manual' ? 'manual' : 'automatic',
    description: intent.description,
    cancellation_reason: intent.cancellation_reason,
    metadata: intent.metadata,
    next_action: isPayer ? nextAction(intent) : null,
    client_secret: isPayer ? intent.client_secret : null,
    watch_token: watchToken,
  }
}

/** Stripe.js finishes every kind of action from the client secret; a redirect is spelled out. */
export function nextAction(
  intent: Pick<Stripe.PaymentIntent | Stripe.SetupIntent, 'status' | 'next_action' | 'client_secret'>,
): z.output<typeof nextActionSchema> | null {
  if (intent.status !== 'requires_action') return null
  const client_secret = intent.client_secret ?? ''
  const url = intent.next_action?.redirect_to_url?.url
  return typeof url === 'string'
    ? { type: 'redirect_to_url', client_secret, url }
    : { type: 'use_stripe_sdk', client_secret }
}

function errorOf({ last_payment_error: error }: Stripe.PaymentIntent): PaymentAnswer['last_payment_error'] {
  if (error === null) return null
  const { code = null, decline_code = null, message = null } = error
  return { code, decline_code, message }
}

function idOf(value: string | { readonly id: string } | null): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null)
}
