/** CORS for pages of any origin: on every answer, errors too, because a browser hides what lacks it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What a page may read besides the body. */
const EXPOSED_HEADERS = 'Tollbridge-Watch-Token, Idempotent-Replayed, Request-Id, Retry-After'
const METHODS = 'GET, POST, PUT, DELETE, OPTIONS'
const PREFLIGHT_SECONDS = '600'

// Keys travel in the path and no cookie is read, so any origin may ask without giving anything away.
export function allowAnyOrigin(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, reply, done) => {
    reply.header('Access-Control-Allow-Origin', '*').header('Access-Control-Expose-Headers', EXPOSED_HEADERS)
    if (request.method === 'OPTIONS') answerPreflight(request, reply)
    else done()
  })
}

/** Lets preflights of these paths reach the scope; paths with a route for every method need no more. */
export function routePreflights(scope: FastifyInstance, paths: readonly string[]): void {
  // The hook above has answered before a handler could run.
  for (const path of paths) scope.options(path, async (_request, reply) => reply.code(204).send())
}

/** Allows whatever headers the page asks for: apps send their own (`bl-execution-type`, `user-token`, more). */
function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  const asked = request.headers['access-control-request-headers']
  reply
    .header('Access-Control-Allow-Methods', METHODS)
    .header('Access-Control-Allow-Headers', asked ?? 'content-type, user-token, bl-execution-type')
    .header('Access-Control-Max-Age', PREFLIGHT_SECONDS)
    .header('Vary', 'Access-Control-Request-Headers')
    .code(204)
    .send()
}
