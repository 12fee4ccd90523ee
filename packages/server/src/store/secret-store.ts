/** The port to the secrets: sealed text or references, never a secret in plain. */

import type { AuditEntry } from './audit-trail-store.ts'

export interface StoredSecret {
  readonly appId: string
  /** What it is for, such as `stripe_secret_key`; once per app. */
  readonly name: string
  /** An envelope of the sealer, or a reference `env:NAME` or `file:/path`. */
  readonly value: string
  /** A public word beside it, such as the webhook endpoint that a signing secret belongs to. */
  readonly note: string | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch, after which it no longer counts; null: for good. */
  readonly validUntil: number | null
}

export type SecretChange =
  /** Writes it, over an older one of that name. */
  | { readonly kind: 'put'; readonly secret: StoredSecret }
  /** Writes it unless there is one of that name. */
  | { readonly kind: 'add'; readonly secret: StoredSecret }
  | { readonly kind: 'remove'; readonly appId: string; readonly name: string }
  /** Changes the value only while it is still `from`: what somebody else has written since is left alone. */
  | {
      readonly kind: 'reseal'
      readonly appId: string
      readonly name: string
      readonly from: string
      readonly to: string
    }

export interface SecretStore {
  /** In the order of app, creation and name. */
  list(): Promise<readonly StoredSecret[]>
  /** All or nothing, in one commit. */
  apply(changes: readonly SecretChange[], audit?: AuditEntry): Promise<void>
  /** Wipes what replaced values left in the files of the database. */
  scrub(): Promise<void>
}
