/** What one key may make of another: never more than itself (docs/decisions/0013). */
import { serverKeyId } from '../access/api-keys.ts'
import { FIRST_KEY_SCOPES, type Scope } from '../access/scopes.ts'
import type { ServerKey } from '../access/server-key.ts'
import { ServiceError } from '../errors.ts'
import type { Admin } from './admin-access.ts'

/** Of a key for which none are named: those of a first key, and of a key that makes it none that this has not. */
export function scopesFor(admin: Admin): readonly Scope[] {
  if (admin.role === 'operator') return FIRST_KEY_SCOPES
  return FIRST_KEY_SCOPES.filter((scope) => admin.scopes.includes(scope))
}

/** Throws `scope_missing`. */
export function assertMayGrant(admin: Admin, granted: readonly Scope[]): void {
  if (admin.role === 'operator') return
  const beyond = granted.filter((scope) => !admin.scopes.includes(scope))
  const [scope] = beyond
  if (scope === undefined) return
  throw new ServiceError('scope_missing', {
    message: `A server key gives no scope that it has not itself, and ${admin.keyId} lacks ${beyond.join(', ')}: ask an operator (tollbridge keys add-server ${admin.appId} --scopes …).`,
    param: 'scopes',
    details: { scope, scopes: admin.scopes },
  })
}

/** As above, for what a key gets beside the scopes that it has. */
export function assertMayWiden(
  admin: Admin,
  keys: readonly Pick<ServerKey, 'hash' | 'scopes'>[],
  keyId: string,
  scopes: readonly Scope[] | undefined,
): void {
  const held = keys.find(({ hash }) => serverKeyId(hash) === keyId)?.scopes ?? []
  assertMayGrant(admin, scopes?.filter((scope) => !held.includes(scope)) ?? [])
}
