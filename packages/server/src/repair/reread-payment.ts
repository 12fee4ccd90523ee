/** Brings one payment up to what Stripe says now. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { PaymentId } from '../payment-state/payment-id.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import { type KnownPayment, type PaymentSource, readPayment } from './read-payment.ts'

export interface RereadPaymentDeps {
  readonly payments: Pick<PaymentStore, 'find' | 'settle'>
  stripeFor(appId: string): PaymentSource
  readonly clock: Clock
}

export type RereadPayment = (appId: string, paymentId: string) => Promise<void>

/** Does nothing about what neither side knows; throws the gateway's other ServiceErrors. */
export function createRereadPayment({ payments, stripeFor, clock }: RereadPaymentDeps): RereadPayment {
  async function knownOrNew(appId: string, id: string): Promise<KnownPayment> {
    const known = await payments.find(appId, id)
    if (known !== null) return known
    const paymentId = id.startsWith('pi_') ? id : await paymentOf(appId, id)
    return { id: paymentId as PaymentId, account: null, evidence: null }
  }

  /** A charge that belongs to a PaymentIntent is no payment of its own. */
  async function paymentOf(appId: string, chargeId: string): Promise<string> {
    const { payment_intent: intent } = await stripeFor(appId).retrieveCharge(chargeId)
    return (typeof intent === 'string' ? intent : intent?.id) ?? chargeId
  }

  return async (appId, id) => {
    if (!STRIPE_ID.test(id)) return
    try {
      const reading = await readPayment(stripeFor(appId), await knownOrNew(appId, id))
      await payments.settle(appId, reading, clock.now())
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'resource_missing') return
      throw error
    }
  }
}

/** What Stripe is asked about; other texts are no ids of its. */
const STRIPE_ID = /^(pi|ch|py)_\w+$/
