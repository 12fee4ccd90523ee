/** Routes that only the app's own server may call. */
import type { FastifyRequest } from 'fastify'
import type { AppId, Principal } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'

/** @returns the app whose server key the request shows. Throws `server_key_required` and what authentication throws. */
export type ServerCaller = (request: FastifyRequest) => Promise<AppId>

export type ServerPrincipal = Extract<Principal, { role: 'server' }>

/** As above, for routes that ask which key it is. */
export type ReadServerPrincipal = (request: FastifyRequest) => Promise<ServerPrincipal>

export function createServerCaller(
  authenticate: (request: FastifyRequest) => Promise<Principal>,
): ServerCaller {
  const read = createReadServerPrincipal(authenticate)
  return async (request) => (await read(request)).appId
}

export function createReadServerPrincipal(
  authenticate: (request: FastifyRequest) => Promise<Principal>,
): ReadServerPrincipal {
  return async (request) => {
    const principal = await authenticate(request)
    if (principal.role === 'server') return principal
    throw new ServiceError('server_key_required', {
      message:
        'This route takes a server key (tbk_…), which must never stand in a page; a client key does not open it.',
    })
  }
}
