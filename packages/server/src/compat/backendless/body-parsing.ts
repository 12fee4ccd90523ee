/** How bodies are read here: as JSON whatever the content type says, or as raw bytes for signatures. */
import type { FastifyInstance } from 'fastify'

const JSON_TYPE = 'application/json'
const JSON_LIMIT_BYTES = 100 * 1024
const WEBHOOK_LIMIT_BYTES = 1024 * 1024

/** The SDK sends texts without a content type, and curl says it sends a form: both mean JSON. Nothing is `undefined`. */
export function readJsonBodies(scope: FastifyInstance): void {
  // `error`: a body that tries to set a prototype is refused.
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeAllContentTypeParsers()
  scope.addHook('onRequest', async (request) => {
    // Fastify would refuse a content type that is none, before any parser is asked.
    request.raw.headers['content-type'] = JSON_TYPE
  })
  scope.addContentTypeParser<string>(
    JSON_TYPE,
    { parseAs: 'string', bodyLimit: JSON_LIMIT_BYTES },
    (request, body, done) => {
      if (body.trim() === '') done(null, undefined)
      else parse(request, body, done)
    },
  )
}

/** The bytes as they came, because Stripe signed exactly those. */
export function readRawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser<Buffer>(
    '*',
    { parseAs: 'buffer', bodyLimit: WEBHOOK_LIMIT_BYTES },
    (_request, body, done) => done(null, body),
  )
}
