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
 * looks again. Keeps what is known of the account, so that a command without these settings finds it taken. Throws
 * StartError.
 */
export async function assertAccountAlone(app: AppRecord, deps: AccountAloneDeps): Promise<void> {
  const { registry } = deps
  const hasRivals = accountRivals(app, registry).length > 0
  const found = hasRivals ? await askForAccount(app, deps) : null
  const facts = accountFacts(app, registry)
  const stripeAccountId = found ?? (isAnother(facts.publishableKey, app) ? null : app.stripeAccountId)
  const owner = hasRivals ? await findAccountOwner({ ...facts, stripeAccountId }, deps) : null
  if (owner !== null) throw new StartError(accountTaken(app.appId, owner))
  if (!registry.isFromEnvironment(app.appId)) return
  const { publishableKey } = facts
  if (stripeAccountId === app.stripeAccountId && publishableKey === app.publishableKey) return
  const write = await deps.apps.update(app.appId, { stripeAccountId, publishableKey })
  // Another process has taken it since it was looked for.
  if (write.outcome === 'account_taken') throw new StartError(accountTaken(app.appId, write.by))
  await registry.reload()
}

/** Keys of another name may be those of another account. */
function isAnother(publishableKey: string | null, app: AppRecord): boolean {
  return app.publishableKey !== null && app.publishableKey !== publishableKey
}

async function askForAccount(app: AppRecord, deps: AccountAloneDeps): Promise<string | null> {
  const access = deps.registry.stripeAccess(app.appId)
  if (access === null) return null
  const greeting = await deps.openAccount(access).greet()
  if (greeting.outcome === 'welcome') return greeting.accountId
  deps.log.warn(
    { appId: app.appId },
    'Whose Stripe account this is could not be asked; tollbridge doctor does again',
  )
  return null
}
