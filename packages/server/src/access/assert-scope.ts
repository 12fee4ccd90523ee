/** Refuses a server key that lacks the scope which is asked for. */
import { ServiceError } from '../errors.ts'
import type { Principal } from './principal.ts'
import type { Scope } from './scopes.ts'

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
