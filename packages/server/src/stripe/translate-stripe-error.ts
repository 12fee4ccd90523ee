/** Stripe's errors → ours. One of the three translators; between them code sees only our codes. */
import type { ErrorCode } from '@tollbridge/protocol'
import { Stripe } from 'stripe'
import { ServiceError } from '../errors.ts'
import { notStripesAnswer } from './assert-stripe-object.ts'
import type { CallStage } from './call-stage.ts'

/** Stripe's codes that have a code of their own here. */
const OWN_CODES: Readonly<Record<string, ErrorCode>> = {
  amount_too_small: 'amount_too_small',
  amount_too_large: 'amount_too_large',
  token_already_used: 'token_already_used',
  token_in_use: 'token_already_used',
  idempotency_key_in_use: 'idempotency_key_in_use',
  resource_missing: 'resource_missing',
}

export interface FailedCall {
  /** The connected account that the call was about; null: our own. */
  readonly account?: string | null
  /** How far the call had come; absent: not followed. */
  readonly stage?: CallStage
}

export function translateStripeError(error: unknown, { account = null, stage }: FailedCall = {}): unknown {
  if (error instanceof ServiceError) return error
  if (stage === 'preparing') return notWritable(error)
  // The SDK stumbled over the answer. Where the call is not followed it is a bug of ours, and stays one.
  if (!(error instanceof Stripe.errors.StripeError)) {
    return stage === 'handed_over' ? notStripesAnswer(error) : error
  }
  const make = (code: ErrorCode, message: string, more: object = {}) =>
    new ServiceError(code, { message, cause: error, details: stripeDetails(error), ...more })

  if (error instanceof Stripe.errors.StripeCardError) return make('card_declined', error.message)
  if (error instanceof Stripe.errors.StripeConnectionError) {
    const isTimeout = /time(d)? ?out|ETIMEDOUT/i.test(error.message)
    if (stage === 'connecting') return notConnected(isTimeout, error)
    return isTimeout
      ? make('stripe_timeout', 'Stripe did not answer in time; repeating the same request is safe.')
      : make('stripe_unreachable', 'Stripe cannot be reached; repeating the same request is safe.')
  }
  if (error.statusCode === 409) {
    return make('idempotency_key_in_use', 'The same request is still under way; repeat it in a moment.')
  }
  if (error.rawType === 'idempotency_error') {
    return make(
      'idempotency_key_reused',
      'This order id or idempotency key was used before with other content; repeat it unchanged, or use a new one.',
    )
  }
  if (error instanceof Stripe.errors.StripeRateLimitError) {
    return make('too_many_requests', 'Stripe asks for a slower pace; repeat the request in a moment.', {
      retryAfterSeconds: 1,
    })
  }
  if (error instanceof Stripe.errors.StripePermissionError && account !== null) {
    return new ServiceError('account_unknown', {
      message: `The account ${account} is not connected to this Stripe account, or does not allow the call.`,
      param: 'Stripe-Account',
      cause: error,
    })
  }
  if (
    error instanceof Stripe.errors.StripeAuthenticationError ||
    error instanceof Stripe.errors.StripePermissionError
  ) {
    // Stripe's text may quote part of the key, so it stays in the log.
    return new ServiceError('stripe_key_rejected', {
      message: 'Stripe does not accept the key of this server; its operator must correct STRIPE_SECRET_KEY.',
      cause: error,
    })
  }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) return invalidRequest(error, make)
  return make('stripe_failed', 'Stripe failed to answer properly; repeating the same request is safe.')
}

/** The SDK or Node refused to write the request down, so no connection was asked for. */
function notWritable(cause: unknown): ServiceError {
  return new ServiceError('stripe_rejected', {
    message:
      'A text of the request cannot be sent to Stripe, so it was not sent and nothing was charged: mend its fields, then repeat it.',
    isUnsent: true,
    cause,
  })
}

function notConnected(isTimeout: boolean, cause: unknown): ServiceError {
  return new ServiceError(isTimeout ? 'stripe_timeout' : 'stripe_unreachable', {
    message:
      'No connection to Stripe came about, so it was not asked and nothing was charged; repeating the same request is safe.',
    isUnsent: true,
    cause,
  })
}

function invalidRequest(
  error: InstanceType<typeof Stripe.errors.StripeInvalidRequestError>,
  make: (code: ErrorCode, message: string, more?: object) => ServiceError,
): ServiceError {
  const param = error.param
  const own = error.code === undefined ? undefined : OWN_CODES[error.code]
  if (param !== undefined && /\[token\]$/.test(param)) {
    const code = own === 'token_already_used' ? own : 'token_invalid'
    return make(code, `${error.message} Collect the card again and send the new token.`, { param: 'token' })
  }
  if (own === 'token_already_used') {
    return make(own, `${error.message} Collect the card again and send the new token.`, { param: 'token' })
  }
  if (param === 'currency') return make('currency_invalid', error.message, { param })
  if (param === 'payment_method') return make('token_invalid', error.message, { param: 'token' })
  return make(own ?? 'stripe_rejected', error.message, param === undefined ? {} : { param })
}

/** The public facts of a Stripe error, in Stripe's names. Whole objects are cut down to their ids. */
function stripeDetails(error: InstanceType<typeof Stripe.errors.StripeError>): Record<string, unknown> {
  const raw = error.raw as Record<string, unknown> | undefined
  // A card error shows Stripe's own code in place of ours; of the others ours says more to our callers.
  const codeName = error instanceof Stripe.errors.StripeCardError ? 'code' : 'stripe_code'
  const facts = {
    [codeName]: error.code,
    decline_code: error.decline_code,
    charge: idOf(raw?.['charge']),
    payment_intent: idOf(raw?.['payment_intent']),
    payment_method: idOf(raw?.['payment_method']),
    stripe_request_id: error.requestId,
  }
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined && value !== null),
  )
}

function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const id =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['id'] : undefined
  return typeof id === 'string' ? id : undefined
}
