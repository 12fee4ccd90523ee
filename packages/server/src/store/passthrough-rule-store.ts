/** The port to the rules that operators gave to server keys for calls to Stripe. */
import type { AppId } from '../access/principal.ts'
import type { AuditEntry } from './audit-trail-store.ts'

export interface KeyRules {
  /** SHA-256 of the server key, in hex. */
  readonly keyHash: string
  readonly appId: AppId
  /** As an operator wrote them, in their order. */
  readonly rules: readonly string[]
  /** Milliseconds since the epoch. */
  readonly changedAt: number
}

export interface PassthroughRuleStore {
  /** null: nobody has decided anything about the key. */
  get(keyHash: string): Promise<KeyRules | null>
  put(rules: KeyRules, audit?: AuditEntry): Promise<void>
  remove(keyHash: string, audit?: AuditEntry): Promise<void>
}
