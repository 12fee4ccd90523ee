/** One Stripe account, one app: two apps on it could read and refund each other's payments. */
import { ServiceError } from '../errors.ts'
import type { AppRecord, AppWrite } from '../store/app-store.ts'
import type { Greeting } from '../stripe/stripe-account.ts'
import type { AppRegistry, StripeAccess } from './app-registry.ts'

/** What is known of the Stripe account of an app; whatever two of them know decides. */
export interface AccountFacts {
  readonly appId: string
  readonly mode: AppRecord['mode']
  /** `acct_…`; null: not known, or not shown to a restricted key. */
  readonly stripeAccountId: string | null
  readonly publishableKey: string | null
  readonly secretKey: string | null
}

type Registered = Pick<AppRegistry, 'records' | 'stripeAccess' | 'publishableKey'>

/** The enabled apps that could be on one account with this one. A sandbox is its app's own. */
export function accountRivals(
  { appId, mode }: Pick<AccountFacts, 'appId' | 'mode'>,
  registry: Registered,
): readonly AccountFacts[] {
  if (mode === 'sandbox') return []
  return registry.records
    .filter((app) => app.appId !== appId && app.mode === mode && app.disabledAt === null)
    .map((app) => accountFacts(app, registry))
}

export function accountFacts(app: AppRecord, registry: Registered): AccountFacts {
  return {
    appId: app.appId,
    mode: app.mode,
    stripeAccountId: app.stripeAccountId,
    publishableKey: registry.publishableKey(app.appId),
    secretKey: accessOf(app.appId, registry)?.secretKey ?? null,
  }
}

export function isSameAccount(one: AccountFacts, other: AccountFacts): boolean {
  if (one.stripeAccountId !== null && other.stripeAccountId !== null) {
    return one.stripeAccountId === other.stripeAccountId
  }
  const isSame = (a: string | null, b: string | null) => a !== null && a === b
  return isSame(one.secretKey, other.secretKey) || isSame(one.publishableKey, other.publishableKey)
}

export interface FindOwnerDeps {
  readonly registry: Registered
  openAccount(access: StripeAccess): { greet(): Promise<Greeting> }
}

/**
 * Asks Stripe about rivals whose account is not known yet, such as one whose keys the settings give.
 * @returns the id of the app that has the account already; null: it is free.
 */
export async function findAccountOwner(account: AccountFacts, deps: FindOwnerDeps): Promise<string | null> {
  for (const rival of accountRivals(account, deps.registry)) {
    if (isSameAccount(account, rival)) return rival.appId
    const isDecided = account.stripeAccountId === null || rival.stripeAccountId !== null
    const access = isDecided ? null : accessOf(rival.appId, deps.registry)
    if (access === null) continue
    const greeting = await deps.openAccount(access).greet()
    if (greeting.outcome === 'welcome' && greeting.accountId === account.stripeAccountId) return rival.appId
  }
  return null
}

/** Throws `account_taken`, by what is known here. */
export function assertAccountIsFree(app: AppRecord, registry: Registered): void {
  const account = accountFacts(app, registry)
  const owner = accountRivals(account, registry).find((rival) => isSameAccount(account, rival))
  if (owner !== undefined) throw accountIsTaken(app.appId, owner.appId)
}

/** Throws `account_taken`, by what the store found in the commit itself. */
export function assertWritten(appId: string, write: AppWrite): void {
  if (write.outcome === 'account_taken') throw accountIsTaken(appId, write.by)
}

function accountIsTaken(appId: string, owner: string): ServiceError {
  return new ServiceError('account_taken', {
    message: accountTaken(appId, owner),
    details: { app: owner },
  })
}

export function accountTaken(appId: string, owner: string): string {
  return `The app ${owner} has this Stripe account in the same mode already, and two apps on one account could read and refund each other's payments: use ${owner} in place of ${appId}, give ${appId} an account of its own, or disable ${owner} first (tollbridge apps disable ${owner}).`
}

/** A key that cannot be read says nothing. */
function accessOf(appId: string, registry: Pick<AppRegistry, 'stripeAccess'>): StripeAccess | null {
  try {
    return registry.stripeAccess(appId)
  } catch {
    return null
  }
}
