/** `/v1/stripe/…`: Stripe's own API under a server key. */
import type { FastifyInstance } from 'fastify'
import type { RouteDoc } from '../http/route-doc.ts'
import { PASSED_METHODS, type ServeCall } from './serve-call.ts'

const PREFIX = '/v1/stripe'

const READING = ['GET', 'HEAD'] as const
const CHANGING = PASSED_METHODS.filter((method) => method !== 'GET' && method !== 'HEAD')

const doc = (version: 'v1' | 'v2', scope: 'read' | 'payments'): RouteDoc => ({
  summary: `Call /${version} of Stripe’s API with the app’s account`,
  description:
    'Method, query, body and the headers that Stripe knows go to Stripe as they are, and its answer comes back as it is. The rules of the server key say which calls are let through, and count without a scope where an operator has written them out; what gives money back takes the scope refunds. See docs/stripe-passthrough.md.',
  tag: 'Stripe',
  keys: ['server'],
  // What the default rules ask of most calls; each is judged by itself (scope-of-call.ts).
  scope,
  answer: 'application/json',
})

/** Bodies stay unread here: they pass to Stripe as they come. */
export function registerPassthroughRoutes(fastify: FastifyInstance, serveCall: ServeCall): void {
  fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const routes = (['v1', 'v2'] as const).flatMap((version) => [
      { version, method: [...READING], needed: 'read' as const },
      { version, method: CHANGING, needed: 'payments' as const },
    ])
    for (const { version, method, needed } of routes) {
      scope.route({
        method,
        url: `${PREFIX}/${version}/*`,
        exposeHeadRoute: false,
        config: { doc: doc(version, needed), isPassedOn: true },
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
