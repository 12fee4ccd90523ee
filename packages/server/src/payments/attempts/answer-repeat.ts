/** What an earlier equal request came to, for who repeats it: told again, made once more, or nothing. */
import type { Stripe } from 'stripe'
import { ServiceError } from '../../errors.ts'
import type { PaymentAttempt, PaymentAttemptStore } from '../../store/payment-attempt-store.ts'
import type { StripeGateway } from '../../stripe/stripe-gateway.ts'
import { nextIdempotencyKey } from './attempt-id.ts'
import type { Asker, Performed, RepeatedRequest } from './attempt-plan.ts'
import type { AttemptRunner, Ran } from './attempt-runner.ts'
import { failureError } from './failure-error.ts'
import { type SettleAttempt, stillUnderWay } from './settle-attempt.ts'
import { stripeTimeAt } from './stripe-time-at.ts'

export type Ended = Performed | { readonly paid: Stripe.PaymentIntent }

export interface Repeats {
  /** @returns null when nothing came of it and the request is to be made anew. Throws its failure. */
  answer(prior: PaymentAttempt, request: RepeatedRequest, asker: Asker): Promise<Ended | null>
  /** What a run of this very request came to. Throws the failure. */
  ended(ran: Ran): Promise<Ended>
}

export interface RepeatsDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'find' | 'reopen' | 'forgive' | 'giveUpRequestKey'>
  readonly runner: AttemptRunner
  readonly settle: SettleAttempt
  stripeFor(appId: string): StripeGateway
  /** How long an equal request without an order or a key of its own is the same request. */
  readonly repeatWindowMs: number
}

/** What an ended attempt is to who repeats it. Throws its failure. */
export function told(attempt: PaymentAttempt, isAskers = true): Performed {
  const { failure } = attempt
  // What it says of the card and its payment is for who tried it.
  if (failure !== null) throw failureError(isAskers ? failure : { ...failure, details: {} })
  return { attempt, answer: null, isRepeat: true, isAskers }
}

export function createRepeats({ attempts, runner, settle, stripeFor, repeatWindowMs }: RepeatsDeps): Repeats {
  async function ended(ran: Ran): Promise<Ended> {
    switch (ran.kind) {
      case 'unknown':
        throw ran.error
      case 'paid':
        return { paid: ran.intent }
      case 'forgotten': {
        const lease = await reopened(ran.attempt, nextIdempotencyKey(ran.attempt.idempotencyKey))
        if (lease === null || typeof lease === 'string') throw stillUnderWay()
        return ended(await runner.runNow(lease))
      }
      case 'ended':
        return { ...told(ran.attempt), answer: ran.answer, isRepeat: false, isAskers: true }
    }
  }

  /** Under the same key, which is safest, unless Stripe answered it with an error that it may go on repeating. */
  function reopened({ appId, id, idempotencyKey, lastError }: PaymentAttempt, key?: string) {
    const isBurnt = lastError !== null && BURNS_KEY.has(lastError)
    const again = isBurnt ? nextIdempotencyKey(idempotencyKey) : idempotencyKey
    return attempts.reopen(appId, id, { ...runner.leaseTimes(), idempotencyKey: key ?? again })
  }

  async function answer(
    prior: PaymentAttempt,
    { requestKey, fingerprint }: RepeatedRequest,
    asker: Asker,
  ): Promise<Ended | null> {
    const isByContent = requestKey?.isByContent === true
    // Before contents are compared: a stranger does not learn whether they differ.
    const isAskers = await asker.made(prior)
    if (!isAskers && !isByContent) await asker.refuse()
    if (prior.fingerprint !== fingerprint) throw reusedKey()
    const wasOpen = prior.state === 'open'
    if (isByContent && !wasOpen && !(await isStillTheSame(prior, isAskers))) {
      await attempts.giveUpRequestKey(prior.appId, prior.id)
      return null
    }
    const settled = await settle(prior, true)
    if (settled === null) return null
    if (settled.failure?.retryable !== true || settled.id !== prior.id || wasOpen)
      return told(settled, isAskers)
    // Before it is made once more, it is looked for once more.
    const late = await runner.revisit(settled)
    if (late !== null) return ended(late)
    const lease = await reopened(settled)
    if (lease === 'busy') throw stillUnderWay()
    // Another request began the order meanwhile: a second create would be a second payment for it.
    if (lease === 'order_exists') return null
    if (lease !== null) return ended(await runner.runNow(lease))
    const changed = await attempts.find(settled.appId, settled.id)
    const last = await settle(changed ?? settled, true)
    return last === null ? null : told(last, isAskers)
  }

  /** An equal request without a key is a repeat while its answer may be the one that was lost. */
  async function isStillTheSame(prior: PaymentAttempt, isAskers: boolean): Promise<boolean> {
    // Nobody was told: then it is, however late.
    if (await attempts.forgive(prior.appId, prior.id)) return true
    // What charged nothing may be tried again; of an order by its payer alone, and others had better hear why it failed.
    const mayTryAgain = isAskers || prior.orderId === null || prior.failure?.retryable === true
    if (prior.state === 'failed' && mayTryAgain) return false
    const now = await stripeTimeAt(stripeFor(prior.appId), prior.account)
    return now - prior.sentAfter < repeatWindowMs
  }

  return { answer, ended }
}

/** After these Stripe may answer a key with the same error for a day. */
const BURNS_KEY = new Set(['stripe_failed', 'idempotency_key_reused'])

function reusedKey(): ServiceError {
  return new ServiceError('idempotency_key_reused', {
    message:
      'This Idempotency-Key came before with other content; repeat the request unchanged, or use a new key.',
    param: 'Idempotency-Key',
  })
}
