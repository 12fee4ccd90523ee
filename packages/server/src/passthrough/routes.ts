/** `/v1/stripe/…`: Stripe's own API under a server key. */
import type { FastifyInstance } from 'fastify'
import type { RouteDoc } from '../http/route-doc.ts'
import { PASSED_METHODS, type ServeCall } from './serve-call.ts'

const PREFIX = '/v1/stripe'

const doc = (version: 'v1' | 'v2'): RouteDoc => ({
  summary: `Call /${version} of Stripe’s API with the app’s account`,
  description:
    'Method, query, body and the headers that Stripe knows go to Stripe as they are, and its answer comes back as it is. The rules of the server key say which calls are let through. See docs/stripe-passthrough.md.',
  tag: 'Stripe',
  keys: ['server'],
  // Each call by itself: docs/stripe-passthrough.md.
  scope: 'read',
  answer: 'application/json',
})

/** Bodies stay unread here: they pass to Stripe as they come. */
export function registerPassthroughRoutes(fastify: FastifyInstance, serveCall: ServeCall): void {
  fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const version of ['v1', 'v2'] as const) {
      scope.route({
        method: [...PASSED_METHODS],
        url: `${PREFIX}/${version}/*`,
        exposeHeadRoute: false,
        config: { doc: doc(version), isPassedOn: true },
        handler: async (request, reply) => {
          reply.hijack()
          await serveCall({
            request: request.raw,
            response: reply.raw,
            url: (request.raw.url ?? '').slice(PREFIX.length),
            surface: 'tollbridge',
            requestId: request.id,
          })
        },
      })
    }
  })
}
