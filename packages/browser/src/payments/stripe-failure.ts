/** What Stripe.js says went wrong, as the SDK's one kind of error. */
import { TollbridgeError } from '../tollbridge-error.ts'

export interface StripeJsError {
  readonly type?: string | undefined
  readonly code?: string | undefined
  readonly decline_code?: string | undefined
  readonly message?: string | undefined
  readonly param?: string | undefined
}

export function stripeFailure(error: StripeJsError | undefined): TollbridgeError {
  return new TollbridgeError({
    type: error?.type ?? 'card_error',
    code: error?.code ?? 'payment_intent_authentication_failure',
    message: error?.message ?? 'The payment was not authenticated.',
    declineCode: error?.decline_code,
    param: error?.param,
  })
}
