/** Who is asking: the app, and what the shown key or token allows. */
import type { ServerKeyId } from './api-keys.ts'
import type { Scope } from './scopes.ts'

export type AppId = string

export type Principal =
  /** The public key that goes into pages. May carry a watch token as well. */
  | {
      readonly role: 'client'
      readonly appId: AppId
      readonly clientKey: string
      readonly watch: WatchScope | null
    }
  /** A secret `tbk_…` key of the app's own server; `keyId` is null for what this server does by itself. */
  | {
      readonly role: 'server'
      readonly appId: AppId
      readonly keyId: ServerKeyId | null
      readonly scopes: readonly Scope[]
    }
  /** A watch token alone: opens exactly the transactions that it names. */
  | { readonly role: 'watch'; readonly appId: AppId; readonly watch: WatchScope }

/** The transactions that a watch token opens. */
export interface WatchScope {
  readonly id: readonly string[]
  readonly paymentIntentId: readonly string[]
  readonly orderId: readonly string[]
}
