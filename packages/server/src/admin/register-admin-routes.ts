/** `/v1/admin`: everything that operators do, over HTTP. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { Clock } from '../clock.ts'
import type { AppStore } from '../store/app-store.ts'
import { createAdminAccess } from './admin-access.ts'
import { registerAppRoutes } from './app-routes.ts'
import type { AdminServices } from './create-admin.ts'
import { registerSetupRoutes } from './setup-routes.ts'

export interface AdminRoutesDeps extends AdminServices {
  readonly apps: Pick<AppStore, 'operatorKeyHashes'>
  readonly registry: AppRegistry
  authenticate(request: FastifyRequest): Promise<Principal>
  readonly clock: Clock
}

export function registerAdminRoutes(fastify: FastifyInstance, deps: AdminRoutesDeps): void {
  const access = createAdminAccess(deps)
  registerAppRoutes(fastify, { ...deps, access })
  registerSetupRoutes(fastify, { ...deps, access })
}
