/** Reads the shown key or watch token of a request, and turns it into a Principal. */
import type { FastifyRequest } from 'fastify'
import { SERVER_KEY_PREFIX } from '../access/api-keys.ts'
import type { App, AppDirectory } from '../access/app-directory.ts'
import { assertScope } from '../access/assert-scope.ts'
import type { Principal } from '../access/principal.ts'
import { isSecretKey } from '../access/secret-keys-in-text.ts'
import type { WatchTokens } from '../access/watch-token.ts'
import { ServiceError } from '../errors.ts'
import { secretKeyInAddress } from './keys-in-address.ts'

export interface Authenticator {
  /**
   * `Authorization: Bearer <client key | server key>`, with `Tollbridge-Watch-Token` beside a client key. A server key
   * must have the scope that the route names (`RouteDoc`).
   */
  fromHeaders(request: FastifyRequest): Promise<Principal>
  /** As above, and `client_key` and `watch_token` as query parameters, for EventSource, which sets no headers. */
  fromHeadersOrQuery(request: FastifyRequest): Promise<Principal>
  /**
   * For the client key in a path of the Backendless form, or in the query of Socket.IO. A server of the app shows its own
   * key beside it, in the header Authorization; the watch token of a client travels as `user-token`.
   */
  fromKey(app: App, key: string, shown: ShownBeside): Promise<Principal>
}

/** What a request of the Backendless form shows beside the client key. */
export interface ShownBeside {
  readonly userToken: string | null
  /** The header as it came; only a server key in it means something here. */
  readonly authorization: string | undefined
}

export interface AuthenticatorDeps {
  readonly directory: AppDirectory
  readonly watchTokens: (appId: string) => Pick<WatchTokens, 'verify'>
}

const WATCH_HEADER = 'tollbridge-watch-token'

export function createAuthenticator({ directory, watchTokens }: AuthenticatorDeps): Authenticator {
  const withWatch = async (
    principal: Principal,
    token: string | null,
    strict: boolean,
  ): Promise<Principal> => {
    if (principal.role !== 'client' || token === null) return principal
    const watch = await watchTokens(principal.appId).verify(principal.appId, token)
    if (watch === null && strict) throw invalidWatchToken()
    return { ...principal, watch }
  }

  /** A watch token names its app itself, so it opens its payment without a key. */
  const fromWatchToken = async (token: string): Promise<Principal> => {
    for (const { appId } of directory.all) {
      const watch = await watchTokens(appId).verify(appId, token)
      if (watch === null) continue
      directory.assertEnabled(appId)
      return { role: 'watch', appId, watch }
    }
    throw invalidWatchToken()
  }

  const identify = async (
    key: string | null,
    token: string | null,
    mayStandInQuery: boolean,
  ): Promise<Principal> => {
    if (key === null && token !== null) return fromWatchToken(token)
    if (key === null) throw missingKey(mayStandInQuery)
    const principal = directory.identifyAnywhere(key)
    if (principal === null) throw invalidKey('any app of this server')
    return withWatch(principal, token, true)
  }

  return {
    fromHeaders: async (request) =>
      withScope(request, await identify(bearer(request), header(request, WATCH_HEADER), false)),
    fromHeadersOrQuery: async (request) => {
      const query = request.query as Record<string, unknown>
      const queryKey = single(query['client_key'])
      const principal = await identify(
        bearer(request) ?? queryKey,
        header(request, WATCH_HEADER) ?? single(query['watch_token']),
        true,
      )
      return withScope(request, principal)
    },
    fromKey: async (app, key, { userToken, authorization }) => {
      if (isSecretKey(key) || (userToken !== null && isSecretKey(userToken))) throw secretKeyInAddress()
      const principal = directory.identify(app, key)
      if (principal === null) throw invalidKey(`the app ${app.appId}`)
      const serverKey = serverKeyIn(authorization)
      if (serverKey !== null) {
        const server = directory.identify(app, serverKey)
        if (server?.role === 'server') return server
        throw invalidKey(`the app ${app.appId}`)
      }
      // Old clients send user tokens of their own; only ours mean something here.
      return withWatch(principal, userToken, false)
    },
  }
}

/** Here, and not in the handlers, so that none can forget it: a route that names no scope lets no server key in. */
function withScope(request: FastifyRequest, principal: Principal): Principal {
  if (principal.role !== 'server') return principal
  const { doc } = request.routeOptions.config
  if (doc?.scope !== undefined) {
    assertScope(principal, doc.scope)
    return principal
  }
  throw doc?.keys.includes('operator') === true
    ? new ServiceError('operator_key_required', { message: 'Only an operator key (tbo_…) may do this.' })
    : new ServiceError('scope_missing', { message: 'No server key opens this route, whatever its scopes.' })
}

function bearer(request: FastifyRequest): string | null {
  const value = request.headers.authorization
  if (value === undefined) return null
  const match = /^Bearer +(\S+) *$/i.exec(value)
  if (match?.[1] !== undefined) return match[1]
  throw new ServiceError('api_key_invalid', {
    message: 'The Authorization header must read "Bearer <client key or server key>".',
  })
}

/** Old clients send a header of their own, which means nothing here. */
function serverKeyIn(authorization: string | undefined): string | null {
  const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return key?.startsWith(SERVER_KEY_PREFIX) === true ? key : null
}

function header(request: FastifyRequest, name: string): string | null {
  return single(request.headers[name])
}

function single(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function missingKey(mayStandInQuery: boolean) {
  const inQuery = mayStandInQuery ? ', or the parameter client_key=<client key>' : ''
  return new ServiceError('api_key_missing', {
    message: `No key was sent: add the header "Authorization: Bearer <client key or server key>"${inQuery}.`,
  })
}

function invalidKey(owner: string) {
  return new ServiceError('api_key_invalid', {
    message: `The key does not belong to ${owner}: use the client key or the server key that the server printed.`,
  })
}

function invalidWatchToken() {
  return new ServiceError('watch_token_invalid', {
    message: 'The watch token is not valid here or has expired; use the one that the charge answered.',
  })
}
