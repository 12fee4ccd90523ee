/** Against whom something is counted. */

export interface Holder {
  /** As the client has it, behind proxies too; one /64 of IPv6 is one. */
  readonly address: string
  /** What was shown: a client key, or the id of a server key; null: neither. */
  readonly key: string | null
  readonly appId: string | null
}

export type Scope = 'address' | 'key' | 'app'

/** null: no limit. */
export type PerScope<T> = Readonly<Record<Scope, T | null>>
