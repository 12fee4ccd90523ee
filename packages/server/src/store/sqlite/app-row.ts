/** The row of an app, to and from the record that the service knows. */

import type { Selectable } from 'kysely'
import { actorText, parseActor } from '../../access/actor.ts'
import { inOrder, isScope } from '../../access/scopes.ts'
import type { ServerKey } from '../../access/server-key.ts'
import type { AppKeys, AppRecord, AppSettings } from '../app-store.ts'
import type { AppRow, ServerKeyRow } from './schema.ts'

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

export function appRecord(row: Selectable<AppRow>, keys: AppKeys): AppRecord {
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

/** Column → value of a server key. */
export function serverKeyRow(appId: string, key: ServerKey): Omit<ServerKeyRow, 'sequence'> {
  return {
    app_id: appId,
    key_hash: key.hash,
    name: key.name,
    scopes: key.scopes.join(' '),
    made_by: key.madeBy === null ? null : actorText(key.madeBy),
    created_at: key.createdAt,
    last_four: key.lastFour,
  }
}

/** What a newer version wrote and this one does not know gives no right. */
export function serverKey(row: Selectable<ServerKeyRow>): ServerKey {
  return {
    hash: row.key_hash,
    name: row.name,
    scopes: inOrder(row.scopes.split(' ').filter(isScope)),
    madeBy: row.made_by === null ? null : parseActor(row.made_by),
    createdAt: row.created_at,
    lastFour: row.last_four,
  }
}
