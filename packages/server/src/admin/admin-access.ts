/** Who may administer: an operator all apps, a server key its own. */
import type { FastifyRequest } from 'fastify'
import type { ChangedBy } from '../access/actor.ts'
import { hashServerKey, OPERATOR_KEY_PREFIX, operatorKeyId, type ServerKeyId } from '../access/api-keys.ts'
import type { AppDirectory } from '../access/app-directory.ts'
import type { Principal } from '../access/principal.ts'
import type { Scope } from '../access/scopes.ts'
import { ServiceError } from '../errors.ts'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { AppStore } from '../store/app-store.ts'

export type Admin =
  | { readonly role: 'operator'; readonly by: ChangedBy }
  /** Holds a server key of this app. */
  | {
      readonly role: 'server'
      readonly appId: string
      readonly keyId: ServerKeyId
      readonly scopes: readonly Scope[]
      readonly by: ChangedBy
    }

export interface AdminAccess {
  /** Throws `api_key_missing`, `api_key_invalid`, `scope_missing` or `operator_key_required`. */
  adminOf(request: FastifyRequest): Promise<Admin>
  /** As above, for what only an operator may do. */
  operatorOf(request: FastifyRequest): Promise<ChangedBy>
  /** Throws `operator_key_required` when the app is not theirs. */
  assertMayAdminister(admin: Pick<Admin, 'role'> & { readonly appId?: string }, appId: string): void
}

export interface AdminAccessDeps {
  readonly apps: Pick<AppStore, 'operatorKeyHashes'>
  authenticate(request: FastifyRequest): Promise<Principal>
}

export function createAdminAccess({ apps, authenticate }: AdminAccessDeps): AdminAccess {
  async function adminOf(request: FastifyRequest): Promise<Admin> {
    const key = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (key?.startsWith(OPERATOR_KEY_PREFIX) === true) {
      const hash = hashServerKey(key)
      if ((await apps.operatorKeyHashes()).includes(hash)) {
        const actor = { kind: 'operator', id: operatorKeyId(hash) } as const
        return { role: 'operator', by: { actor, address: request.ip } }
      }
      throw new ServiceError('api_key_invalid', {
        message:
          'The operator key is not one of this server; make another with tollbridge keys rotate-operator.',
      })
    }
    const principal = await authenticate(request)
    if (principal.role === 'server' && principal.keyId !== null) {
      const { appId, keyId, scopes } = principal
      const by = { actor: { kind: 'server_key', id: keyId }, address: request.ip } as const
      return { role: 'server', appId, keyId, scopes, by }
    }
    throw refused('This route takes an operator key (tbo_…), or a server key (tbk_…) for its own app.')
  }

  return {
    adminOf,
    async operatorOf(request) {
      const admin = await adminOf(request)
      if (admin.role === 'server') throw refused('Only an operator key (tbo_…) may do this.')
      return admin.by
    },
    assertMayAdminister(admin, appId) {
      if (admin.role === 'operator' || admin.appId === appId) return
      throw refused('A server key administers its own app alone.')
    },
  }
}

export interface AppAdminDeps {
  readonly access: Pick<AdminAccess, 'adminOf' | 'assertMayAdminister'>
  readonly directory: Pick<AppDirectory, 'defaultApp' | 'find'>
}

export function createAppAdmin({ access, directory }: AppAdminDeps): AppAdmin {
  return async (request) => {
    const admin = await access.adminOf(request)
    const { app_id: named } = parseBody(administeredQuery, request.query)
    const appId = named ?? (admin.role === 'server' ? admin.appId : directory.defaultApp.appId)
    access.assertMayAdminister(admin, appId)
    if (directory.find(appId) === null) {
      throw new ServiceError('app_unknown', {
        message: `There is no app ${appId} on this server.`,
        param: 'app_id',
      })
    }
    return { appId, by: admin.by }
  }
}

function refused(message: string): ServiceError {
  return new ServiceError('operator_key_required', { message })
}
