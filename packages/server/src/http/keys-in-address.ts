/** Refuses secret keys in an address, where proxies, logs and histories keep them; they travel in a header. */
import type { FastifyInstance } from 'fastify'
import { holdsSecretKey } from '../access/secret-keys-in-text.ts'
import { ServiceError } from '../errors.ts'

/** Before every route, and before the answer that there is none. */
export function refuseKeysInAddress(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    // A preflight is answered, or a page could not read why its request was refused.
    if (request.method === 'OPTIONS' || !holdsSecretKey(request.raw.url ?? '')) {
      done()
      return
    }
    reply.header('Access-Control-Allow-Origin', '*')
    done(secretKeyInAddress())
  })
}

export function secretKeyInAddress(): ServiceError {
  return new ServiceError('secret_key_in_address', {
    message:
      'A server key or operator key must never stand in an address, where logs keep it: revoke this one (tollbridge keys revoke-server), and send the new one as the header "Authorization: Bearer …". In initApp and in /<app>/<key>/… stands the client key; a server of yours adds the header, or uses /v1 and @tollbridge/node.',
  })
}
