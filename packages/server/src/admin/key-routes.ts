/** `/v1/admin/apps/:appId/client_keys` and `…/server_keys`: who may ask in the name of an app, and for what. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { KeyManager } from '../apps/manage-keys.ts'
import type { Admin, AdminAccess } from './admin-access.ts'
import { appJson, serverKeyJson } from './admin-json.ts'
import { keyDocs } from './docs.ts'
import { assertMayGrant, mayWiden, scopesFor } from './grant-scopes.ts'
import { changeServerKeySchema, newServerKeySchema, parseInput } from './schema.ts'

export interface KeyRoutesDeps {
  readonly access: AdminAccess
  readonly registry: AppRegistry
  readonly manager: KeyManager
}

interface OfApp {
  Params: { appId: string }
}
interface OfServerKey {
  Params: { appId: string; keyId: string }
}

const APP = '/v1/admin/apps/:appId'

export function registerKeyRoutes(fastify: FastifyInstance, { access, registry, manager }: KeyRoutesDeps) {
  async function administer(request: FastifyRequest<OfApp>): Promise<Admin> {
    const admin = await access.adminOf(request)
    access.assertMayAdminister(admin, request.params.appId)
    return admin
  }

  fastify.post<OfApp>(
    `${APP}/client_keys`,
    { config: { doc: keyDocs.addClientKey } },
    async (request, reply) => {
      const { by } = await administer(request)
      reply.code(201)
      return appJson(await manager.rotateClientKey(request.params.appId, by), registry)
    },
  )

  fastify.delete<{ Params: { appId: string; clientKey: string } }>(
    `${APP}/client_keys/:clientKey`,
    { config: { doc: keyDocs.retireClientKey } },
    async (request) => {
      const { by } = await administer(request as FastifyRequest<OfApp>)
      const { appId, clientKey } = request.params
      return appJson(await manager.retireClientKey(appId, clientKey, by), registry)
    },
  )

  /** The answer shows the new key, this once. */
  fastify.post<OfApp>(
    `${APP}/server_keys`,
    { config: { doc: keyDocs.addServerKey } },
    async (request, reply) => {
      const admin = await administer(request)
      const { appId } = request.params
      const { name, scopes = scopesFor(admin) } = parseInput(newServerKeySchema, request.body)
      assertMayGrant(admin, scopes)
      const { key, serverKey } = await manager.addServerKey(appId, { name, scopes }, admin.by)
      reply.code(201)
      return { ...serverKeyJson(key), app_id: appId, server_key: serverKey }
    },
  )

  fastify.post<OfServerKey>(
    `${APP}/server_keys/:keyId`,
    { config: { doc: keyDocs.changeServerKey } },
    async (request) => {
      const admin = await administer(request as FastifyRequest<OfApp>)
      const { appId, keyId } = request.params
      const change = parseInput(changeServerKeySchema, request.body)
      const key = await manager.changeServerKey(appId, keyId, change, admin.by, mayWiden(admin))
      return { ...serverKeyJson(key), app_id: appId }
    },
  )

  fastify.delete<OfServerKey>(
    `${APP}/server_keys/:keyId`,
    { config: { doc: keyDocs.revokeServerKey } },
    async (request) => {
      const { by } = await administer(request as FastifyRequest<OfApp>)
      const { appId, keyId } = request.params
      return appJson(await manager.revokeServerKey(appId, keyId, by), registry)
    },
  )
}
