/** What stands in for Stripe's answer when a gateway or a sign-in page answered 200 in its place. */
import { ServiceError } from '../errors.ts'

/**
 * Every answer of Stripe's is an object that says what it is, and has an id unless it is a list.
 * Throws `stripe_failed`: whether Stripe did what was asked cannot be told from another answer.
 * @param expected what Stripe calls the object that was asked for, such as `payment_intent`; absent: any
 */
export function assertStripeObject(answer: unknown, expected?: string): void {
  const { object, id, data } = (answer ?? {}) as Readonly<Record<'object' | 'id' | 'data', unknown>>
  const isWhole = object === 'list' ? Array.isArray(data) : typeof id === 'string' && id !== ''
  if (typeof object === 'string' && isWhole && (expected === undefined || object === expected)) return
  throw notStripesAnswer()
}

export function notStripesAnswer(cause?: unknown): ServiceError {
  return new ServiceError('stripe_failed', {
    message:
      'What answered is not Stripe, or not whole, so whether Stripe acted is not known yet; repeating the same request is safe.',
    cause,
  })
}
