/** What the watch token of a payment opens. */
import type { Stripe } from 'stripe'
import type { WatchScope } from '../../access/principal.ts'

export function watchScope(intent: Stripe.PaymentIntent, orderId: string | null): WatchScope {
  const charge = intent.latest_charge
  const chargeId = typeof charge === 'string' ? charge : charge?.id
  return {
    id: [intent.id, ...(chargeId === undefined ? [] : [chargeId])],
    paymentIntentId: [intent.id],
    orderId: orderId === null ? [] : [orderId],
  }
}
