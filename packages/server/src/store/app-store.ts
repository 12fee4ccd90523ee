/** The port to the apps (tenants) and their keys. */
import type { AppId } from '../access/principal.ts'

/** `sandbox`: the embedded local Stripe. `test` and `live`: real Stripe in that mode. */
export type AppMode = 'sandbox' | 'test' | 'live'

export interface AppRecord {
  readonly appId: AppId
  readonly mode: AppMode
  /** Public keys that pages carry. */
  readonly clientKeys: readonly string[]
  /** SHA-256 of each server key, in hex; the keys themselves are shown once and not kept. */
  readonly serverKeyHashes: readonly string[]
  /** 32 random bytes that sign the watch tokens of this app. */
  readonly watchSigningKey: Uint8Array
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface AppStore {
  /** In the order of creation. */
  list(): Promise<readonly AppRecord[]>
  insert(record: AppRecord): Promise<void>
  /** Replaces the keys of an app; the app must exist. */
  replaceKeys(appId: AppId, keys: Pick<AppRecord, 'clientKeys' | 'serverKeyHashes'>): Promise<void>
}
