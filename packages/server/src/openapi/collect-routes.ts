/** Sees every route of a scope as it is registered, with what it says about itself. */
import type { FastifyInstance } from 'fastify'
import type { RouteDoc } from '../http/route-doc.ts'

export interface CollectedRoute {
  /** Upper case. */
  readonly method: string
  /** As Fastify has it, such as `/v1/payments/:id`. */
  readonly path: string
  /** null: the route says nothing, which a test refuses. */
  readonly doc: RouteDoc | null
}

/** Must be called before the routes of the scope are registered. @returns a list that grows as they are. */
export function collectRoutes(scope: FastifyInstance): readonly CollectedRoute[] {
  const routes: CollectedRoute[] = []
  scope.addHook('onRoute', ({ method, url, config }) => {
    const methods = [method].flat().filter((name) => name !== 'HEAD' && name !== 'OPTIONS')
    const doc = config?.doc
    if (doc?.keys.includes('server') === true && doc.scope === undefined) {
      throw new Error(`${String(method)} ${url} takes server keys and names no scope that they need`)
    }
    for (const name of methods) routes.push({ method: name, path: url, doc: doc ?? null })
  })
  return routes
}
