/** What one key may make of another: never more than itself (docs/decisions/0013). */
import { serverKeyId } from '../access/api-keys.ts'
import { madeBySelfOrChild } from '../access/key-descent.ts'
import { FIRST_KEY_SCOPES, type Scope } from '../access/scopes.ts'
import type { AssertMayGain } from '../apps/manage-keys.ts'
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

/**
 * As above, for what a key gets beside the scopes that it has. A server key adds to those alone that it has made: what
 * it gave to others would outlive it. Throws `operator_key_required` for that.
 */
export function mayWiden(admin: Admin): AssertMayGain {
  return (gained, { key, keys }) => {
    assertMayGrant(admin, gained)
    if (admin.role === 'operator') return
    const self = keys.find(({ hash }) => serverKeyId(hash) === admin.keyId)
    const ownMade = self === undefined ? [] : madeBySelfOrChild(keys, self)
    if (ownMade.some(({ hash }) => hash === key.hash)) return
    throw new ServiceError('operator_key_required', {
      message: `A server key adds scopes only to keys that it made, which end with it: ask an operator (tollbridge keys scopes ${admin.appId} ${serverKeyId(key.hash)} --add ${gained.join(',')}), or make a key.`,
      param: 'scopes',
    })
  }
}
