/** At a start with Stripe keys of the settings: no other app of the data folder may be on their account. */

import type { AppRegistry, StripeAccess } from '../apps/app-registry.ts'
import { accountFacts, accountRivals, accountTaken, findAccountOwner } from '../apps/same-account.ts'
import type { Log } from '../log.ts'
import type { AppRecord, AppStore } from '../store/app-store.ts'
import type { StripeAccount } from '../stripe/stripe-account.ts'
import { StartError } from './start-error.ts'

export interface AccountAloneDeps {
  readonly registry: AppRegistry
  readonly apps: Pick<AppStore, 'update'>
  openAccount(access: StripeAccess): Pick<StripeAccount, 'greet'>
  readonly log: Pick<Log, 'warn'>
}

/**
 * Asks Stripe only where there is another app that it could be; an outage does not hold the start up, and the doctor
 * looks again. Throws StartError.
 */
export async function assertAccountAlone(app: AppRecord, deps: AccountAloneDeps): Promise<void> {
  const { registry, log } = deps
  if (accountRivals(app, registry).length === 0) return
  const access = registry.stripeAccess(app.appId)
  if (access === null) return
  const greeting = await deps.openAccount(access).greet()
  const found = greeting.outcome === 'welcome' ? greeting.accountId : null
  if (greeting.outcome !== 'welcome') {
    log.warn(
      { appId: app.appId },
      'Whose Stripe account this is could not be asked; tollbridge doctor does again',
    )
  }
  const stripeAccountId = found ?? app.stripeAccountId
  const owner = await findAccountOwner({ ...accountFacts(app, registry), stripeAccountId }, deps)
  if (owner !== null) throw new StartError(accountTaken(app.appId, owner))
  if (found !== null && found !== app.stripeAccountId) {
    await deps.apps.update(app.appId, { stripeAccountId: found })
    await registry.reload()
  }
}
