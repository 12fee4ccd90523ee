/** Bodies are JSON here, whatever the content type says. */
import type { FastifyInstance } from 'fastify'

const JSON_TYPE = 'application/json'

/** The SDK sends texts without a content type, and curl says it sends a form: both mean JSON. Nothing is `undefined`. */
export function readJsonBodies(scope: FastifyInstance): void {
  // `error`: a body that tries to set a prototype is refused.
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeAllContentTypeParsers()
  scope.addHook('onRequest', async (request) => {
    // Fastify would refuse a content type that is none, before any parser is asked.
    request.raw.headers['content-type'] = JSON_TYPE
  })
  scope.addContentTypeParser<string>(JSON_TYPE, { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, undefined)
    else parse(request, body, done)
  })
}
