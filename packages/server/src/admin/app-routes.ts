/** `/v1/admin/apps`: the apps of this server and their keys. */
import type { FastifyInstance } from 'fastify'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { AppManager } from '../apps/manage-apps.ts'
import type { AdminAccess } from './admin-access.ts'
import { appJson, listJson, serverKeyJson } from './admin-json.ts'
import { appDocs } from './docs.ts'
import { assertMayGrant, scopesFor } from './grant-scopes.ts'
import { describeAppSchema, newAppSchema, newServerKeySchema, parseInput } from './schema.ts'

export interface AppRoutesDeps {
  readonly access: AdminAccess
  readonly registry: AppRegistry
  readonly manager: AppManager
}

interface OfApp {
  Params: { appId: string }
}

const APPS = '/v1/admin/apps'

export function registerAppRoutes(fastify: FastifyInstance, { access, registry, manager }: AppRoutesDeps) {
  fastify.get(APPS, { config: { doc: appDocs.list } }, async (request) => {
    const admin = await access.adminOf(request)
    await registry.reload()
    const shown = registry.records.filter((app) => admin.role === 'operator' || app.appId === admin.appId)
    return listJson(
      APPS,
      shown.map((app) => appJson(app, registry)),
    )
  })

  /** The answer shows the server key, this once. */
  fastify.post(APPS, { config: { doc: appDocs.create } }, async (request, reply) => {
    const by = await access.operatorOf(request)
    const { app_id: appId, ...wanted } = parseInput(newAppSchema, request.body)
    const { record, serverKey } = await manager.create({ appId, ...wanted }, by)
    reply.code(201)
    return { ...appJson(record, registry), server_key: serverKey }
  })

  fastify.get<OfApp>(`${APPS}/:appId`, { config: { doc: appDocs.retrieve } }, async (request) => {
    const { appId } = request.params
    access.assertMayAdminister(await access.adminOf(request), appId)
    await registry.reload()
    return appJson(registry.record(appId), registry)
  })

  fastify.post<OfApp>(`${APPS}/:appId`, { config: { doc: appDocs.describe } }, async (request) => {
    const { appId } = request.params
    access.assertMayAdminister(await access.adminOf(request), appId)
    return appJson(await manager.describe(appId, parseInput(describeAppSchema, request.body)), registry)
  })

  for (const change of ['disable', 'enable'] as const) {
    fastify.post<OfApp>(`${APPS}/:appId/${change}`, { config: { doc: appDocs[change] } }, async (request) => {
      await access.operatorOf(request)
      return appJson(await manager[change](request.params.appId), registry)
    })
  }

  fastify.post<OfApp>(
    `${APPS}/:appId/client_keys`,
    { config: { doc: appDocs.addClientKey } },
    async (request, reply) => {
      const { appId } = request.params
      access.assertMayAdminister(await access.adminOf(request), appId)
      reply.code(201)
      return appJson(await manager.rotateClientKey(appId), registry)
    },
  )

  fastify.delete<{ Params: { appId: string; clientKey: string } }>(
    `${APPS}/:appId/client_keys/:clientKey`,
    { config: { doc: appDocs.retireClientKey } },
    async (request) => {
      const { appId, clientKey } = request.params
      access.assertMayAdminister(await access.adminOf(request), appId)
      return appJson(await manager.retireClientKey(appId, clientKey), registry)
    },
  )

  /** The answer shows the new key, this once. */
  fastify.post<OfApp>(
    `${APPS}/:appId/server_keys`,
    { config: { doc: appDocs.addServerKey } },
    async (request, reply) => {
      const { appId } = request.params
      const admin = await access.adminOf(request)
      access.assertMayAdminister(admin, appId)
      const { name, scopes = scopesFor(admin) } = parseInput(newServerKeySchema, request.body)
      assertMayGrant(admin, scopes)
      const { key, serverKey } = await manager.addServerKey(appId, { name, scopes }, admin.by)
      reply.code(201)
      return { ...serverKeyJson(key), app_id: appId, server_key: serverKey }
    },
  )

  fastify.delete<{ Params: { appId: string; keyId: string } }>(
    `${APPS}/:appId/server_keys/:keyId`,
    { config: { doc: appDocs.revokeServerKey } },
    async (request) => {
      const { appId, keyId } = request.params
      access.assertMayAdminister(await access.adminOf(request), appId)
      return appJson(await manager.revokeServerKey(appId, keyId), registry)
    },
  )
}
