/** Finds what was made under a key that our rows no longer know: they were restored, or lost their last writes. */
import type { Stripe } from 'stripe'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { LATEST_CHARGE } from '../terms/intent-params.ts'
import { hasTakenMoney } from './judge-outcome.ts'
import { eachInPages } from './list-pages.ts'

/** Longer than Stripe keeps a key. */
const KEY_LIFE_SECONDS = 2 * 24 * 3600

/** Its payer may still pay it. */
const UNPAID = new Set<string>(['requires_payment_method', 'requires_confirmation', 'requires_action'])

/**
 * One that waits for its payer is canceled, so that the order cannot be paid twice.
 * @returns the payment that has the money; null: none has. Throws ServiceError while Stripe cannot be asked.
 */
export async function findForgotten(
  stripe: Pick<StripeGateway, 'listPaymentIntents' | 'cancelPaymentIntent' | 'retrievePaymentIntent'>,
  attempt: Pick<PaymentAttempt, 'id' | 'account' | 'orderId' | 'sentAfter' | 'idempotencyKey'>,
): Promise<Stripe.PaymentIntent | null> {
  const account = attempt.account === '' ? null : attempt.account
  const window = {
    created: { gte: Math.floor(attempt.sentAfter / 1000) - KEY_LIFE_SECONDS },
    expand: LATEST_CHARGE.map((name) => `data.${name}`),
  }
  const isIts = ({ metadata }: Stripe.PaymentIntent) =>
    metadata[ATTEMPT_METADATA] === attempt.id ||
    (attempt.orderId !== null && metadata[ORDER_ID_METADATA] === attempt.orderId)
  const found: Stripe.PaymentIntent[] = []
  await eachInPages(
    (place) => stripe.listPaymentIntents({ ...window, ...place }, { account }),
    async (intent) => {
      if (isIts(intent)) found.push(intent)
    },
  )
  const paid = found.find(hasTakenMoney)
  if (paid !== undefined) return paid
  for (const { id, status } of found) {
    if (!UNPAID.has(status)) continue
    const options = { idempotencyKey: `${attempt.idempotencyKey}-cancel-${id}`, account }
    const failure = await stripe.cancelPaymentIntent(id, {}, options).catch((error: unknown) => error)
    const now = await stripe.retrievePaymentIntent(id, { expand: LATEST_CHARGE }, { account })
    // Paid just now.
    if (hasTakenMoney(now)) return now
    if (UNPAID.has(now.status)) throw failure
  }
  return null
}
