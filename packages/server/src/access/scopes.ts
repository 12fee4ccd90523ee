/** What a server key may do. docs/decisions/0013 says what each scope opens, and why. */
import { ServiceError } from '../errors.ts'
import type { Principal } from './principal.ts'

export const SCOPES = ['read', 'payments', 'refunds', 'ui', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Of the first key of an app, and of keys that are older than scopes. */
export const FIRST_KEY_SCOPES: readonly Scope[] = ['read', 'payments', 'refunds', 'ui']

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

/** In the order of SCOPES, each once. */
export function inOrder(scopes: Iterable<Scope>): readonly Scope[] {
  const given = new Set(scopes)
  return SCOPES.filter((scope) => given.has(scope))
}

/** Throws `scope_missing` for a server key without the scope; whoever holds no server key is judged elsewhere. */
export function assertScope(principal: Principal, scope: Scope): void {
  if (principal.role !== 'server' || principal.scopes.includes(scope)) return
  throw scopeMissing(principal, scope)
}

export function scopeMissing(
  { appId, keyId, scopes }: Extract<Principal, { role: 'server' }>,
  scope: Scope,
): ServiceError {
  const has = scopes.length === 0 ? 'no scope at all' : `the scopes ${scopes.join(', ')}`
  return new ServiceError('scope_missing', {
    message: `This takes a server key with the scope ${scope}, and ${keyId ?? 'this key'} has ${has}. Make a key for it with tollbridge keys add-server ${appId} --scopes ${scope}, or give the scope to this one: tollbridge keys scopes ${appId} ${keyId ?? '<key id>'} --add ${scope}.`,
    details: { scope, scopes },
  })
}
