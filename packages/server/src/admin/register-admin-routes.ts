/** `/v1/admin`: everything that operators do, over HTTP. */
import type { FastifyInstance } from 'fastify'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { Clock } from '../clock.ts'
import type { AuditTrailStore } from '../store/audit-trail-store.ts'
import type { AdminAccess } from './admin-access.ts'
import { registerAppRoutes } from './app-routes.ts'
import { registerAuditRoutes } from './audit-routes.ts'
import type { AdminServices } from './create-admin.ts'
import { registerKeyRoutes } from './key-routes.ts'
import { registerSetupRoutes } from './setup-routes.ts'

export interface AdminRoutesDeps extends AdminServices {
  readonly access: AdminAccess
  readonly auditTrail: Pick<AuditTrailStore, 'list'>
  readonly registry: AppRegistry
  readonly clock: Clock
}

export function registerAdminRoutes(fastify: FastifyInstance, deps: AdminRoutesDeps): void {
  registerAppRoutes(fastify, deps)
  registerKeyRoutes(fastify, deps)
  registerSetupRoutes(fastify, deps)
  registerAuditRoutes(fastify, deps)
}
