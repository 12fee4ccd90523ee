/** The port to the audit trail: every change of who may do what, in the commit of the change itself. */
import type { Actor, ActorKind } from '../access/actor.ts'
import type { AppId } from '../access/principal.ts'

export const AUDIT_ACTIONS = [
  'app.created',
  'app.changed',
  'app.activated',
  'app.disabled',
  'app.enabled',
  'client_key.created',
  'client_key.retired',
  'client_keys.replaced',
  'server_key.created',
  'server_key.changed',
  'server_key.revoked',
  'operator_key.created',
  'operator_key.ended',
  'signing_secret.added',
  'signing_secret.rolled',
  'signing_secret.retired',
  'quote_key.created',
  'price_policy.changed',
  'brake.changed',
  'passthrough_rules.changed',
  'master_key.rotated',
  'secrets.discarded',
  'customer.forgotten',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** What is changed, by whom and from where. Holds names, never a secret. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** null: it is about the whole server. */
  readonly appId: AppId | null
  readonly actor: Actor
  /** null: this machine itself. */
  readonly address: string | null
  readonly action: AuditAction
  /** The id of what was changed, where it has one. */
  readonly target: string | null
  /** What it is now, in words of the API. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface AuditRow extends AuditEntry {
  /** Grows with each row. */
  readonly number: number
}

export interface AuditQuery {
  /** null: of all apps, and of the server itself. */
  readonly appId: AppId | null
  readonly action: AuditAction | null
  readonly actorKind: ActorKind | null
  readonly actorId: string | null
  readonly target: string | null
  /** Milliseconds since the epoch: at or after, and before. */
  readonly from: number | null
  readonly until: number | null
  /** Those with a smaller number. */
  readonly before: number | null
  readonly limit: number
}

export interface AuditTrailStore {
  /** For a change that is no row of another store; every other goes with its own write. */
  add(entry: AuditEntry): Promise<void>
  /** The newest first. */
  list(query: AuditQuery): Promise<readonly AuditRow[]>
  /** Drops up to `most` rows that are older. @returns how many. */
  sweep(before: number, most: number): Promise<number>
}
