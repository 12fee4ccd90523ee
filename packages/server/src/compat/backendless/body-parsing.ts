/** Bodies are JSON here, whatever the content type says. */
import type { FastifyInstance } from 'fastify'
import { JSON_TYPE, readJsonAsSent } from '../../http/json-body.ts'

/** The SDK sends texts without a content type, and curl says it sends a form: both mean JSON. Nothing is `undefined`. */
export function readJsonBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addHook('onRequest', async (request) => {
    // Fastify would refuse a content type that is none, before any parser is asked.
    request.raw.headers['content-type'] = JSON_TYPE
  })
  readJsonAsSent(scope, { mayBeEmpty: true })
}
