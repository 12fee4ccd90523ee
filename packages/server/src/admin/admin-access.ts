/** Who may administer: an operator all apps, a server key its own. */
import type { FastifyRequest } from 'fastify'
import { hashServerKey, OPERATOR_KEY_PREFIX } from '../access/api-keys.ts'
import type { Principal } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import type { AppStore } from '../store/app-store.ts'

export type Admin =
  | { readonly role: 'operator' }
  /** Holds a server key of this app. */
  | { readonly role: 'server'; readonly appId: string }

export interface AdminAccess {
  /** Throws `api_key_missing`, `api_key_invalid` or `operator_key_required`. */
  adminOf(request: FastifyRequest): Promise<Admin>
  /** As above, for what only an operator may do. */
  operatorOf(request: FastifyRequest): Promise<void>
  /** Throws `operator_key_required` when the app is not theirs. */
  assertMayAdminister(admin: Admin, appId: string): void
}

export interface AdminAccessDeps {
  readonly apps: Pick<AppStore, 'operatorKeyHashes'>
  authenticate(request: FastifyRequest): Promise<Principal>
}

export function createAdminAccess({ apps, authenticate }: AdminAccessDeps): AdminAccess {
  async function adminOf(request: FastifyRequest): Promise<Admin> {
    const key = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (key?.startsWith(OPERATOR_KEY_PREFIX) === true) {
      if ((await apps.operatorKeyHashes()).includes(hashServerKey(key))) return { role: 'operator' }
      throw new ServiceError('api_key_invalid', {
        message:
          'The operator key is not one of this server; make another with tollbridge keys rotate-operator.',
      })
    }
    const principal = await authenticate(request)
    if (principal.role === 'server') return { role: 'server', appId: principal.appId }
    throw refused('This route takes an operator key (tbo_…), or a server key (tbk_…) for its own app.')
  }

  return {
    adminOf,
    async operatorOf(request) {
      const admin = await adminOf(request)
      if (admin.role === 'server') throw refused('Only an operator key (tbo_…) may do this.')
    },
    assertMayAdminister(admin, appId) {
      if (admin.role === 'operator' || admin.appId === appId) return
      throw refused('A server key administers its own app alone.')
    },
  }
}

function refused(message: string): ServiceError {
  return new ServiceError('operator_key_required', { message })
}
