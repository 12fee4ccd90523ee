/** Takes what Stripe says of a payment into the stored payments, which may not have heard of it. */
import type { Stripe } from 'stripe'
import type { Clock } from '../../clock.ts'
import type { PaymentId } from '../../payment-state/payment-id.ts'
import { paymentSnapshot } from '../../payment-state/snapshot.ts'
import type { PaymentStore } from '../../store/payment-store.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'

/** @param intent with its latest charge */
export type TakeInPayment = (
  of: { readonly appId: string; readonly account: string },
  intent: Stripe.PaymentIntent,
) => Promise<void>

export interface TakeInPaymentDeps {
  readonly stored: Pick<PaymentStore, 'find' | 'settle'>
  readonly clock: Clock
}

const METADATA_KEYS = { orderId: ORDER_ID_METADATA, attempt: ATTEMPT_METADATA }

export function createTakeInPayment({ stored, clock }: TakeInPaymentDeps): TakeInPayment {
  return async ({ appId, account }, intent) => {
    const known = await stored.find(appId, intent.id)
    const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null
    const parts = [intent, charge].map((object) =>
      paymentSnapshot({ object, at: 0, isBeginning: false }, METADATA_KEYS),
    )
    const reading = {
      paymentId: intent.id as PaymentId,
      account: account === '' ? null : account,
      basis: known?.evidence ?? null,
      parts: parts.filter((part) => part !== null),
      amountRefunded: charge?.amount_refunded ?? 0,
    }
    await stored.settle(appId, reading, clock.now())
  }
}
