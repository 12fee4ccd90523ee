/** What is to be tried at Stripe, who asks for it, and what came of it. */
import type { NewAttempt, PaymentAttempt, StripeCall } from '../../store/payment-attempt-store.ts'
import type { RequestKey } from './request-key.ts'
import type { CallAnswer } from './send-call.ts'

export interface AttemptPlan
  extends Pick<NewAttempt, 'appId' | 'account' | 'fingerprint' | 'orderId' | 'terms' | 'payer' | 'replaces'> {
  readonly requestKey: RequestKey | null
  /** `order:<id>`, `pi:<id>`; null: the attempt is its own. */
  readonly subject: string | null
  /** The call, which names its attempt. */
  call(attemptId: string): StripeCall
}

export interface Performed {
  /** Ended, and not failed. */
  readonly attempt: PaymentAttempt
  /** Stripe's answer, where this very request got it. */
  readonly answer: CallAnswer | null
  /** An earlier equal request was the one that did it. */
  readonly isRepeat: boolean
  /** Of a repeat: whether the asker is known to be who made it. Else it is equal by its content, and may be anybody's. */
  readonly isAskers: boolean
}

/** Who asks, as far as what others asked for is concerned. */
export interface Asker {
  /** Whether an attempt of an earlier request was his, so that he may hear what came of it. */
  made(prior: PaymentAttempt): Promise<boolean>
  /** Throws for who repeats what was not his. */
  refuse(): Promise<never>
}

/** As much of a plan as tells whether it was asked for before. */
export type RepeatedRequest = Pick<AttemptPlan, 'appId' | 'account' | 'requestKey' | 'fingerprint'>
