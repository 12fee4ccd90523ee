/** The row of an app, to and from the record that the service knows. */

import type { Selectable } from 'kysely'
import type { AppRecord, AppSettings } from '../app-store.ts'
import type { AppRow } from './schema.ts'

/** Setting → column. */
export const APP_COLUMNS = {
  name: 'name',
  currency: 'currency',
  publishableKey: 'publishable_key',
  stripeAccountId: 'stripe_account_id',
  publicUrl: 'public_url',
  apiBase: 'api_base',
  webhookEndpointId: 'webhook_endpoint_id',
  disabledAt: 'disabled_at',
} as const satisfies Record<keyof AppSettings, keyof AppRow>

type Keys = Pick<AppRecord, 'clientKeys' | 'serverKeyHashes'>

export function appRecord(row: Selectable<AppRow>, keys: Keys): AppRecord {
  return {
    appId: row.app_id,
    mode: row.mode,
    origin: row.origin,
    name: row.name,
    currency: row.currency,
    publishableKey: row.publishable_key,
    stripeAccountId: row.stripe_account_id,
    publicUrl: row.public_url,
    apiBase: row.api_base,
    webhookEndpointId: row.webhook_endpoint_id,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    ...keys,
  }
}
