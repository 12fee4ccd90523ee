/** The port to what decides prices: each app's policy, its catalog, its quote keys, and the quotes that are used. */
import type { AppId } from '../access/principal.ts'
import type { AuditEntry } from './audit-trail-store.ts'

/** `open`: the client names the amount. `quote`: the app's server signs it. `catalog`: it is added up here. */
export type PricePolicyKind = 'open' | 'quote' | 'catalog'

/** A currency that an app takes, and how much of it; amounts in minor units. */
export interface CurrencyLimit {
  /** Lowercase ISO code. */
  readonly currency: string
  readonly minAmount: number | null
  readonly maxAmount: number | null
}

export interface PricePolicyRecord {
  readonly appId: AppId
  readonly policy: PricePolicyKind
  /** What else than these is refused; null: every currency, within Stripe's own bounds. */
  readonly currencies: readonly CurrencyLimit[] | null
  /** Whether a live app may be `open`. */
  readonly allowOpen: boolean
  /** Whether a client may ask for a hold where no quote says so. */
  readonly allowClientCapture: boolean
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** The secret itself is derived from the app's signing key, so that no row holds it. */
export interface QuoteKeyRecord {
  readonly keyId: `qk_${string}`
  readonly appId: AppId
  readonly createdAt: number
  /** From then on it verifies nothing; null: it is the one that signs. */
  readonly retiresAt: number | null
}

export interface CatalogItem {
  readonly id: string
  readonly appId: AppId
  readonly name: string
  /** Currency → price of one, in minor units. */
  readonly prices: Readonly<Record<string, number>>
  /** false: cannot be bought, but stays known. */
  readonly active: boolean
  /** The most of it in one order; null: as many as the amount allows. */
  readonly maxQuantity: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type CatalogItemChange = Partial<Pick<CatalogItem, 'name' | 'prices' | 'active' | 'maxQuantity'>>

export interface QuoteUse {
  readonly appId: AppId
  /** The quote's `jti`. */
  readonly quoteId: string
  readonly orderId: string
  readonly usedAt: number
  /** From then on the quote is refused anyway, and the row may go. */
  readonly forgetAt: number
}

export interface CatalogPage {
  readonly limit: number
  /** Items older than this one; null: from the newest on. An unknown id gives an empty page. */
  readonly startingAfter: string | null
  /** null: both. */
  readonly active: boolean | null
}

export interface PriceStore {
  policy(appId: AppId): Promise<PricePolicyRecord | null>
  putPolicy(record: PricePolicyRecord, audit?: AuditEntry): Promise<void>

  /** Those that still verify at `now`, newest first. */
  quoteKeys(appId: AppId, now: number): Promise<readonly QuoteKeyRecord[]>
  /** Adds a key; all others verify until `retireOthersAt` at the longest. */
  addQuoteKey(record: QuoteKeyRecord, retireOthersAt: number, audit?: AuditEntry): Promise<void>

  /**
   * The next place in the order of issue of the app's prices: `now`, or one more than the last one where that is
   * greater, so that it grows whatever the clock does. On disk when it resolves.
   */
  nextIssue(appId: AppId, now: number): Promise<number>

  /** Notes the first use of a quote. @returns that first use, which may be an earlier one for another order. */
  useQuote(use: QuoteUse): Promise<QuoteUse>
  /** Drops up to `most` uses whose time has passed. @returns how many. */
  forgetQuoteUses(now: number, most: number): Promise<number>

  insertItem(item: CatalogItem): Promise<'inserted' | 'exists'>
  /** Those of the ids that exist, in any order. */
  findItems(appId: AppId, ids: readonly string[]): Promise<readonly CatalogItem[]>
  /** Newest first. */
  listItems(appId: AppId, page: CatalogPage): Promise<readonly CatalogItem[]>
  /** @returns the item as it is now; null when there is none. */
  updateItem(appId: AppId, id: string, change: CatalogItemChange, now: number): Promise<CatalogItem | null>
  deleteItem(appId: AppId, id: string): Promise<'deleted' | 'unknown'>
}
