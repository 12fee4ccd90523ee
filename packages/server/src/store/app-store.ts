/** The port to the apps (tenants), their keys, and the keys of operators. */
import type { AppId } from '../access/principal.ts'
import { inOrder, type Scope } from '../access/scopes.ts'
import type { ServerKey } from '../access/server-key.ts'
import type { AuditEntry } from './audit-trail-store.ts'

/** `sandbox`: the embedded local Stripe. `test` and `live`: real Stripe in that mode. */
export type AppMode = 'sandbox' | 'test' | 'live'

/** What an operator decides about an app, apart from its keys. `null`: not decided. */
export interface AppSettings {
  /** For people; may be empty. */
  readonly name: string
  /** The currency of a charge that names none. */
  readonly currency: string | null
  readonly publishableKey: string | null
  /** `acct_…`, learned when the app was activated. */
  readonly stripeAccountId: string | null
  /** The origin under which Stripe reaches this server. */
  readonly publicUrl: string | null
  /** Another address for the Stripe API, for tests and egress proxies. */
  readonly apiBase: string | null
  /** `we_…`, the webhook endpoint that activation found or made. */
  readonly webhookEndpointId: string | null
  /** Milliseconds since the epoch; a disabled app takes no key. */
  readonly disabledAt: number | null
}

export interface AppRecord extends AppSettings {
  readonly appId: AppId
  readonly mode: AppMode
  /** `environment`: made at a start, its Stripe keys come from the settings. `admin`: made by an operator. */
  readonly origin: 'environment' | 'admin'
  /** Public keys that pages carry; the first is the current one, the others are on their way out. */
  readonly clientKeys: readonly string[]
  /** In the order of their making. */
  readonly serverKeys: readonly ServerKey[]
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export type AppKeys = Pick<AppRecord, 'clientKeys' | 'serverKeys'>

export type KeyChange =
  /** Puts it first. */
  | { readonly kind: 'add_client_key'; readonly key: string }
  | { readonly kind: 'remove_client_key'; readonly key: string }
  | { readonly kind: 'replace_client_keys'; readonly keys: readonly string[] }
  | { readonly kind: 'add_server_key'; readonly key: ServerKey }
  | { readonly kind: 'remove_server_keys'; readonly hashes: readonly string[] }
  /** Those of them that are there still. */
  | { readonly kind: 'change_server_keys'; readonly keys: readonly ServerKeyDifference[] }

/** A difference, and not what it comes to: what somebody else takes away meanwhile does not come back. */
export interface ServerKeyDifference extends Pick<ServerKey, 'hash'> {
  readonly name?: string
  readonly gained: readonly Scope[]
  readonly lost: readonly Scope[]
}

export function withDifference(key: ServerKey, { name, gained, lost }: ServerKeyDifference): ServerKey {
  const scopes = inOrder([...key.scopes, ...gained].filter((scope) => !lost.includes(scope)))
  return { ...key, name: name ?? key.name, scopes }
}

/** `account_taken`: the enabled app `by` has the Stripe account in this mode, and nothing was written. */
export type AppWrite =
  | { readonly outcome: 'written' }
  | { readonly outcome: 'account_taken'; readonly by: AppId }

export interface AppStore {
  /** In the order of creation. */
  list(): Promise<readonly AppRecord[]>
  insert(record: AppRecord, audit?: AuditEntry): Promise<AppWrite>
  /** Changes the keys that are there at that moment, whoever changed them before; the app must exist. */
  changeKeys(appId: AppId, change: KeyChange, audit?: AuditEntry): Promise<void>
  /** Changes what is named and leaves the rest; the app must exist. */
  update(appId: AppId, changes: Partial<AppSettings>, audit?: AuditEntry): Promise<AppWrite>
  /** Grows with every change of apps, keys or secrets, whichever process made it. */
  version(): Promise<number>
  /** SHA-256 of each operator key, in hex. */
  operatorKeyHashes(): Promise<readonly string[]>
  addOperatorKey(hash: string, now: number, audit?: AuditEntry): Promise<void>
  removeOperatorKey(hash: string, audit?: AuditEntry): Promise<void>
}

/** The settings of an app that nobody has decided anything about. */
export const undecidedSettings: AppSettings = {
  name: '',
  currency: null,
  publishableKey: null,
  stripeAccountId: null,
  publicUrl: null,
  apiBase: null,
  webhookEndpointId: null,
  disabledAt: null,
}
