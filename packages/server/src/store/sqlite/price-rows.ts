/** Rows of the price tables ↔ what the port speaks of. */
import type { Generated } from 'kysely'
import type {
  CatalogItem,
  CurrencyLimit,
  PricePolicyKind,
  PricePolicyRecord,
  QuoteKeyRecord,
  QuoteUse,
} from '../price-store.ts'

export interface PricePolicyRow {
  readonly app_id: string
  readonly policy: PricePolicyKind
  /** JSON; NULL: every currency. */
  readonly currencies: string | null
  readonly allow_open: number
  readonly allow_client_capture: number
  readonly updated_at: number
}

export interface QuoteKeyRow {
  readonly sequence: Generated<number>
  readonly app_id: string
  readonly key_id: QuoteKeyRecord['keyId']
  readonly created_at: number
  readonly retires_at: number | null
}

export interface QuoteUseRow {
  readonly app_id: string
  readonly quote_id: string
  readonly order_id: string
  readonly used_at: number
  readonly forget_at: number
}

export interface CatalogItemRow {
  readonly sequence: Generated<number>
  readonly app_id: string
  readonly id: string
  readonly name: string
  /** JSON: currency → minor units. */
  readonly prices: string
  readonly active: number
  readonly max_quantity: number | null
  readonly created_at: number
  readonly updated_at: number
}

/** The tables that Kysely reads here. */
export interface PriceTables {
  readonly price_policies: PricePolicyRow
  readonly quote_keys: QuoteKeyRow
  readonly quote_uses: QuoteUseRow
  readonly catalog_items: CatalogItemRow
}

export function pricePolicy(row: PricePolicyRow): PricePolicyRecord {
  return {
    appId: row.app_id,
    policy: row.policy,
    currencies: row.currencies === null ? null : (JSON.parse(row.currencies) as CurrencyLimit[]),
    allowOpen: row.allow_open === 1,
    allowClientCapture: row.allow_client_capture === 1,
    updatedAt: row.updated_at,
  }
}

export function quoteKey(row: Omit<QuoteKeyRow, 'sequence'>): QuoteKeyRecord {
  return {
    appId: row.app_id,
    keyId: row.key_id,
    createdAt: row.created_at,
    retiresAt: row.retires_at,
  }
}

export function quoteUse(row: QuoteUseRow): QuoteUse {
  return {
    appId: row.app_id,
    quoteId: row.quote_id,
    orderId: row.order_id,
    usedAt: row.used_at,
    forgetAt: row.forget_at,
  }
}

export function catalogItem(row: Omit<CatalogItemRow, 'sequence'>): CatalogItem {
  return {
    id: row.id,
    appId: row.app_id,
    name: row.name,
    prices: JSON.parse(row.prices) as Record<string, number>,
    active: row.active === 1,
    maxQuantity: row.max_quantity,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
