/** `/v1/admin`: everything that operators do, over HTTP. */
import type { FastifyInstance } from 'fastify'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { Clock } from '../clock.ts'
import type { AdminAccess } from './admin-access.ts'
import { registerAppRoutes } from './app-routes.ts'
import type { AdminServices } from './create-admin.ts'
import { registerSetupRoutes } from './setup-routes.ts'

export interface AdminRoutesDeps extends AdminServices {
  readonly access: AdminAccess
  readonly registry: AppRegistry
  readonly clock: Clock
}

export function registerAdminRoutes(fastify: FastifyInstance, deps: AdminRoutesDeps): void {
  registerAppRoutes(fastify, deps)
  registerSetupRoutes(fastify, deps)
}
