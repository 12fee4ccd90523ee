/** One Stripe client an app, made at its first use and again when its key changes. */
import { ServiceError } from '../errors.ts'
import type { AppRegistry, StripeAccess } from './app-registry.ts'

/**
 * @returns the client of an app. It throws `app_not_activated` when the app has no Stripe keys yet, and
 * `secret_unavailable` when its key cannot be read.
 */
export function createStripePerApp<Client>(
  registry: Pick<AppRegistry, 'stripeAccess'>,
  makeClient: (access: StripeAccess) => Client,
): (appId: string) => Client {
  const clients = new Map<string, { readonly access: StripeAccess; readonly client: Client }>()
  return (appId) => {
    const access = readAccess(registry, appId)
    if (access === null) throw notActivated(appId)
    const held = clients.get(appId)
    if (held?.access.secretKey === access.secretKey && held.access.apiBase === access.apiBase)
      return held.client
    const client = makeClient(access)
    clients.set(appId, { access, client })
    return client
  }
}

/** Callers of the app learn that its key is unreadable; where it was looked for stands in the log and in the doctor. */
function readAccess(registry: Pick<AppRegistry, 'stripeAccess'>, appId: string): StripeAccess | null {
  try {
    return registry.stripeAccess(appId)
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause
    throw new ServiceError('secret_unavailable', {
      message: `The Stripe key of the app ${appId} cannot be read; its operator finds the reason with tollbridge doctor.`,
      cause,
    })
  }
}

function notActivated(appId: string): ServiceError {
  return new ServiceError('app_not_activated', {
    message: `The app ${appId} has no Stripe keys yet: run tollbridge activate --app ${appId}, or POST /v1/admin/activate.`,
  })
}
