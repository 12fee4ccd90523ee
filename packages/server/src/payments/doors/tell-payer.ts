/** Hands the payer of a payment his proof with a failure too, so that he may try another card. */
import type { WatchTokens } from '../../access/watch-token.ts'
import { ServiceError } from '../../errors.ts'
import type { PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { Caller } from '../caller.ts'

export interface TellPayerDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent'>
  readonly watchTokens: Pick<WatchTokens, 'sign'>
}

/** @param act of a payer; what it throws about his payment comes with a watch token. */
export type TellPayer = <Answer>(
  of: Pick<Caller, 'principal' | 'account'>,
  act: () => Promise<Answer>,
) => Promise<Answer>

export function createTellPayer({ attempts, watchTokens }: TellPayerDeps): TellPayer {
  return async ({ principal: { appId }, account }, act) => {
    try {
      return await act()
    } catch (error) {
      // Only what Stripe said of the caller's own card names a payment; a refusal of ours never does.
      if (!(error instanceof ServiceError)) throw error
      const { payment_intent: id, charge } = error.details
      if (typeof id !== 'string') throw error
      const order = await attempts.findOrderByIntent(appId, account, id)
      const token = await watchTokens.sign(appId, {
        id: typeof charge === 'string' ? [id, charge] : [id],
        paymentIntentId: [id],
        orderId: order === null ? [] : [order.orderId],
      })
      throw error.forPayer(token)
    }
  }
}
