/** A payment as the server would answer it, for tests. */
import type { Payment } from '../payments/payment.ts'

export function aPayment(facts: Partial<Payment> = {}): Payment {
  return {
    object: 'payment',
    id: 'pi_1',
    account: null,
    order_id: 'order-1',
    status: 'requires_payment_method',
    amount: 1999,
    amount_capturable: 0,
    amount_received: 0,
    amount_refunded: 0,
    currency: 'usd',
    charge: null,
    customer: null,
    livemode: false,
    dispute: null,
    dispute_status: null,
    last_payment_error: null,
    created: 1_795_000_000,
    updated: 1_795_000_000,
    fulfilled_at: null,
    items: null,
    payment_method: null,
    capture_method: 'automatic',
    description: null,
    cancellation_reason: null,
    metadata: {},
    next_action: null,
    client_secret: 'pi_1_secret_x',
    watch_token: 'token-1',
    ...facts,
  }
}

/** The same as the server tells it while Stripe is away. */
export function stored(payment: Payment): Payment {
  const { payment_method, capture_method, description, cancellation_reason, metadata, ...rest } = payment
  const { next_action, client_secret, watch_token, ...facts } = rest
  return facts
}
