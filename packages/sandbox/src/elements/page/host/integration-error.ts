/** The error that Stripe.js throws when a page uses it wrongly. */

export class IntegrationError extends Error {
  override readonly name = 'IntegrationError'
}
