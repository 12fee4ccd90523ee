/** A server key as the store keeps it: all but the key itself. */
import type { Actor } from './actor.ts'
import { hashServerKey } from './api-keys.ts'
import type { Scope } from './scopes.ts'

export interface ServerKey {
  /** SHA-256 of the key, in hex; the key itself is shown once and not kept. */
  readonly hash: string
  /** For people; may be empty. */
  readonly name: string
  /** In the order of SCOPES. */
  readonly scopes: readonly Scope[]
  /** null: the key is older than this note. */
  readonly madeBy: Actor | null
  /** Milliseconds since the epoch; null: as above. */
  readonly createdAt: number | null
  /** The last four characters of the key, by which its holder knows it; null: as above. */
  readonly lastFour: string | null
  /** Which calls to Stripe an operator lets it make, as he wrote them; absent: the default. Read, and never written, with the key. */
  readonly passthroughRules?: readonly string[]
}

export function serverKeyOf(key: string, facts: Omit<ServerKey, 'hash' | 'lastFour'>): ServerKey {
  return { ...facts, hash: hashServerKey(key), lastFour: key.slice(-4) }
}
