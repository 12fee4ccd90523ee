/** `GET /v1/config`: with it a page needs no more than the server's address, the app id and the client key. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import { type AppFacts, type PageSettings, pageConfig, pageConfigSchema } from './page-config.ts'

export interface ConfigRouteDeps {
  authenticate(request: FastifyRequest): Promise<Principal>
  appFacts(appId: string): AppFacts
  readonly settings: PageSettings
}

const DOC: RouteDoc = {
  summary: 'What a page needs for a card form',
  description: 'The publishable key, the address of Stripe.js, the mode and the currency of the app.',
  tag: 'Pages',
  keys: ['client', 'server', 'watch'],
  scope: 'read',
  answer: pageConfigSchema,
}

export function registerConfigRoute(fastify: FastifyInstance, deps: ConfigRouteDeps): void {
  fastify.get('/v1/config', { config: { doc: DOC } }, async (request, reply) => {
    const { appId } = await deps.authenticate(request)
    reply.header('Cache-Control', 'no-store')
    return pageConfig(deps.appFacts(appId), deps.settings)
  })
}
