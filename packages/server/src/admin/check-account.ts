/** Asks Stripe itself whether the keys of an activation are good, belong together and may do what is needed. */
import { ServiceError } from '../errors.ts'
import type { Permission, StripeAccount } from '../stripe/stripe-account.ts'
import { type ActivationProblem, refused } from './activation-refusals.ts'
import type { ActivationRequest } from './activation-request.ts'

/** Throws `activation_refused` or `stripe_unreachable`; changes nothing at Stripe. */
export async function checkAccount(
  account: StripeAccount,
  request: ActivationRequest,
): Promise<{ readonly accountId: string | null }> {
  const greeting = await account.greet()
  if (greeting.outcome === 'unreachable') {
    throw new ServiceError('stripe_unreachable', {
      message: `Stripe could not be asked about the keys, and nothing was changed. ${greeting.reason}`,
    })
  }
  if (greeting.outcome === 'key_rejected') {
    throw refused([
      {
        param: 'secret_key',
        message:
          'Stripe does not accept secret_key: copy it again from the dashboard (Developers, API keys).',
      },
    ])
  }
  const { accountId } = greeting
  const problems: ActivationProblem[] = []
  const before = request.app?.stripeAccountId ?? null
  if (before !== null && accountId !== null && before !== accountId) {
    problems.push({
      param: 'secret_key',
      message: `The app ${request.appId} belongs to the Stripe account ${before} and secret_key to ${accountId}: make another app for that account.`,
    })
  }
  if (!(await account.publishableKeyWorks(request.publishableKey))) {
    problems.push({
      param: 'publishable_key',
      message: 'Stripe does not accept publishable_key: copy it again from the dashboard.',
    })
  }
  const missing = await account.missingPermissions()
  if (missing.length > 0) {
    problems.push({
      param: 'secret_key',
      message: `The restricted key lacks ${describePermissions(missing)}: edit it in the dashboard (Developers, API keys).`,
    })
  }
  if (problems.length > 0) throw refused(problems)
  return { accountId }
}

/** `PaymentIntents write, Events read`. */
export function describePermissions(permissions: readonly Permission[]): string {
  return permissions.map(({ resource, access }) => `${resource} ${access}`).join(', ')
}
