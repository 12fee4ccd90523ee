/** Looks at Stripe for what became of a call, and tells what Stripe's own time allows to conclude. */
import type { ServiceError } from '../../errors.ts'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { findOutcome } from './find-outcome.ts'
import type { Outcome } from './judge-outcome.ts'

export type Look =
  /** It was done, or it is proven that it was not. */
  | { readonly kind: 'found'; readonly outcome: Outcome }
  | {
      readonly kind: 'absent'
      /** Stripe still knows the key, so the call may be sent again under it. */
      readonly maySend: boolean
      /** Stripe's time at the first look since the last sending; null: no answer told the time. */
      readonly absentSince: number | null
    }

/**
 * How long a call is repeated. It is far less than the day for which Stripe keeps a key, and short enough that nobody is
 * charged who has left the shop long ago.
 */
const REPEATED_FOR_MS = 10 * 60_000
/** A call that a look does not show may still be under way, but not so long after a look that did not show it either. */
const QUIET_MS = 2 * 60_000

/** Throws {@link ServiceError} while Stripe cannot be asked. */
export async function lookFor(
  stripe: Pick<StripeGateway, 'time' | 'retrievePaymentIntent' | 'listPaymentIntents' | 'listRefunds'>,
  attempt: PaymentAttempt,
): Promise<Look> {
  const mark = stripe.time.mark()
  const { outcome, isDone } = await findOutcome(stripe, attempt)
  if (isDone) return { kind: 'found', outcome }
  const now = stripe.time.since(mark)
  const { sentAfter, absentSince } = attempt
  // Without Stripe's time nothing is proven.
  if (now === null) return { kind: 'absent', maySend: false, absentSince }
  if (now - sentAfter < REPEATED_FOR_MS)
    return { kind: 'absent', maySend: true, absentSince: absentSince ?? now }
  if (absentSince !== null && now - absentSince >= QUIET_MS) return { kind: 'found', outcome }
  return { kind: 'absent', maySend: false, absentSince: absentSince ?? now }
}
