/** `/v1/admin/apps`: the apps of this server. */
import type { FastifyInstance } from 'fastify'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { AppManager } from '../apps/manage-apps.ts'
import type { AdminAccess } from './admin-access.ts'
import { appJson, listJson } from './admin-json.ts'
import { appDocs } from './docs.ts'
import { describeAppSchema, newAppSchema, parseInput } from './schema.ts'

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
    const admin = await access.adminOf(request)
    access.assertMayAdminister(admin, appId)
    const changes = parseInput(describeAppSchema, request.body)
    return appJson(await manager.describe(appId, changes, admin.by), registry)
  })

  for (const change of ['disable', 'enable'] as const) {
    fastify.post<OfApp>(`${APPS}/:appId/${change}`, { config: { doc: appDocs[change] } }, async (request) => {
      const by = await access.operatorOf(request)
      return appJson(await manager[change](request.params.appId, by), registry)
    })
  }
}
