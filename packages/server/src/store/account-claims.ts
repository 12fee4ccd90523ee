/** One Stripe account, one app: what a store looks at in the commit in which an app takes an account, or is enabled. */
import type { AppRecord } from './app-store.ts'

type Claim = Pick<AppRecord, 'appId' | 'mode' | 'stripeAccountId' | 'publishableKey' | 'disabledAt'>

/** Settings that claim an account, or give it free. */
export const CLAIMING = ['stripeAccountId', 'publishableKey', 'disabledAt'] as const

/**
 * The check before it asks Stripe and may be out of date by then: two processes can activate two apps at once.
 * @param app as it would be
 * @returns the enabled app that has its account in the same mode already
 */
export function accountHolder(app: Claim, all: readonly Claim[]): string | null {
  if (app.mode === 'sandbox' || app.disabledAt !== null) return null
  const rival = all.find(
    (other) =>
      other.appId !== app.appId &&
      other.mode === app.mode &&
      other.disabledAt === null &&
      isSameAccount(app, other),
  )
  return rival?.appId ?? null
}

/** A restricted key does not always show its account; the publishable key then tells. */
function isSameAccount(one: Claim, other: Claim): boolean {
  if (one.stripeAccountId !== null && other.stripeAccountId !== null) {
    return one.stripeAccountId === other.stripeAccountId
  }
  return one.publishableKey !== null && one.publishableKey === other.publishableKey
}
