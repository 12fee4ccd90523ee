/** Reads the shown key or watch token of a request, and turns it into a Principal. */
import type { FastifyRequest } from 'fastify'
import { SERVER_KEY_PREFIX } from '../access/api-keys.ts'
import type { App, AppDirectory } from '../access/app-directory.ts'
import { assertScope } from '../access/assert-scope.ts'
import type { Principal } from '../access/principal.ts'
import type { WatchTokens } from '../access/watch-token.ts'
import { ServiceError } from '../errors.ts'

export interface Authenticator {
  /**
   * `Authorization: Bearer <client key | server key>`, with `Tollbridge-Watch-Token` beside a client key. A server key
   * must have the scope that the route names (`RouteDoc`).
   */
  fromHeaders(request: FastifyRequest): Promise<Principal>
  /** As above, and `client_key` and `watch_token` as query parameters, for EventSource, which sets no headers. */
  fromHeadersOrQuery(request: FastifyRequest): Promise<Principal>
  /** As above for the key in a path of the Backendless form; the token travels as `user-token`. */
  fromKey(app: App, key: string, userToken: string | null): Promise<Principal>
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
    for (const app of directory.all) {
      const watch = await watchTokens(app.appId).verify(app.appId, token)
      if (watch !== null) return { role: 'watch', appId: app.appId, watch }
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
      if (Object.values(query).some((value) => [value].flat().some(isServerKey))) throw serverKeyInQuery()
      const principal = await identify(
        bearer(request) ?? queryKey,
        header(request, WATCH_HEADER) ?? single(query['watch_token']),
        true,
      )
      return withScope(request, principal)
    },
    fromKey: async (app, key, userToken) => {
      const principal = directory.identify(app, key)
      if (principal === null) throw invalidKey(`the app ${app.appId}`)
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

function header(request: FastifyRequest, name: string): string | null {
  return single(request.headers[name])
}

function single(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function isServerKey(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith(SERVER_KEY_PREFIX)
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

function serverKeyInQuery() {
  return new ServiceError('server_key_in_query', {
    message:
      'A server key must never stand in an address, where logs keep it: send it as "Authorization: Bearer …".',
  })
}
