/** An order that is known from its PaymentIntent at Stripe alone, since its row was lost with a newer database. */
import type { Stripe } from 'stripe'
import type { PaymentOrder } from '../../store/payment-attempt-store.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { OrderTerms } from './order-terms.ts'

/**
 * @returns null for an intent that we did not make for an order, and for one that was canceled: its order may begin
 * anew. Whose word the price was cannot be known any more, so it counts as nobody's.
 */
export function adoptedOrder(
  appId: string,
  account: string,
  intent: Stripe.PaymentIntent,
): PaymentOrder | null {
  const { [ORDER_ID_METADATA]: orderId, [ATTEMPT_METADATA]: attempt, ...metadata } = intent.metadata
  if (orderId === undefined || attempt === undefined || intent.status === 'canceled') return null
  const { customer } = intent
  const terms: OrderTerms = {
    amount: intent.amount,
    currency: intent.currency,
    asked: { amount: intent.amount, currency: intent.currency, items: null, quote: null },
    capture_method: intent.capture_method === 'manual' ? 'manual' : 'automatic',
    save_card: saveCardOf(intent),
    customer: typeof customer === 'string' ? customer : (customer?.id ?? null),
    description: intent.description,
    receipt_email: intent.receipt_email,
    metadata,
  }
  return {
    appId,
    account,
    orderId,
    paymentIntentId: intent.id,
    terms: { ...terms },
    payer: null,
    createdAt: intent.created * 1000,
  }
}

function saveCardOf({ setup_future_usage: usage }: Stripe.PaymentIntent): OrderTerms['save_card'] {
  if (usage === 'on_session') return 'on_session'
  return usage === 'off_session' ? 'off_session' : null
}
