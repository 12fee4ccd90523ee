/** The price policy that holds for an app: its own, else the one of the settings. */
import type { AppId } from '../access/principal.ts'
import type { CurrencyLimit, PricePolicyKind, PriceStore } from '../store/price-store.ts'

export interface PricePolicy {
  readonly policy: PricePolicyKind
  /** null: every currency that Stripe charges in. */
  readonly currencies: readonly CurrencyLimit[] | null
  /** Whether the app may be `open` although it is live. */
  readonly allowOpen: boolean
  /** Whether a client may ask for a hold (`capture_method` manual) where no quote says so. */
  readonly allowClientCapture: boolean
  /** Milliseconds since the epoch; null: the settings decide. */
  readonly updatedAt: number | null
}

export type PolicyDefaults = Pick<PricePolicy, 'policy' | 'currencies' | 'allowOpen' | 'allowClientCapture'>

export type ReadPricePolicy = (appId: AppId) => Promise<PricePolicy>

export function createReadPricePolicy(
  prices: Pick<PriceStore, 'policy'>,
  defaults: PolicyDefaults,
): ReadPricePolicy {
  return async (appId) => {
    const own = await prices.policy(appId)
    if (own === null) return { ...defaults, updatedAt: null }
    // The settings belong to the operator as well: what they allow, no row takes back.
    return {
      ...own,
      allowOpen: own.allowOpen || defaults.allowOpen,
      allowClientCapture: own.allowClientCapture || defaults.allowClientCapture,
    }
  }
}
