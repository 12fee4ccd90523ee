/** What stands in for Stripe's answer when a gateway or a sign-in page answered 200 in its place. */
import { ServiceError } from '../errors.ts'

/**
 * Every answer of Stripe's is an object that says what it is, and has an id unless it is a list.
 * Throws `stripe_failed`: whether Stripe did what was asked cannot be told from another answer.
 */
export function assertStripeObject(answer: unknown): void {
  const { object, id } = (answer ?? {}) as { readonly object?: unknown; readonly id?: unknown }
  const isOne = typeof object === 'string' && (object === 'list' || (typeof id === 'string' && id !== ''))
  if (isOne) return
  throw new ServiceError('stripe_failed', {
    message: 'What answered is not Stripe, or not whole; repeating the same request is safe.',
  })
}
