/** What time it is at Stripe, asked for where no answer has told it yet. */
import { ServiceError } from '../../errors.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'

/** @returns milliseconds since the epoch. Throws ServiceErrors that say that nothing was sent. */
export async function stripeTimeAt(
  stripe: Pick<StripeGateway, 'time' | 'listPaymentIntents'>,
  account: string,
): Promise<number> {
  const known = stripe.time.now()
  if (known !== null) return known
  const refusal = await stripe
    .listPaymentIntents({ limit: 1 }, { account: account === '' ? null : account })
    .then(() => null)
    .catch((error: unknown) => error)
  // A refusal of Stripe's has its date as well.
  const told = stripe.time.now()
  if (told !== null) return told
  if (refusal !== null) throw refusal
  throw new ServiceError('stripe_failed', {
    message:
      'The answers of Stripe arrive without their date or request id, so nothing was sent: something between takes them out.',
    isUnsent: true,
  })
}
