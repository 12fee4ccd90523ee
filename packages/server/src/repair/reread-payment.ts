/** Brings one payment up to what Stripe says now. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { PaymentId } from '../payment-state/payment.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import { type PaymentSource, readPayment } from './read-payment.ts'

export interface RereadPaymentDeps {
  readonly payments: Pick<PaymentStore, 'find' | 'settle'>
  stripeFor(appId: string): PaymentSource
  readonly clock: Clock
}

export type RereadPayment = (appId: string, paymentId: string) => Promise<void>

/** Does nothing about what neither side knows; throws the gateway's other ServiceErrors. */
export function createRereadPayment({ payments, stripeFor, clock }: RereadPaymentDeps): RereadPayment {
  return async (appId, paymentId) => {
    const known = await payments.find(appId, paymentId)
    // A charge may belong to a PaymentIntent, and then it is no payment of its own.
    if (known === null && !isIntentId(paymentId)) return
    try {
      const reading = await readPayment(
        stripeFor(appId),
        known ?? { id: paymentId as PaymentId, account: null, evidence: null },
      )
      await payments.settle(appId, reading, clock.now())
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'resource_missing') return
      throw error
    }
  }
}

function isIntentId(id: string): boolean {
  return /^pi_\w+$/.test(id)
}
