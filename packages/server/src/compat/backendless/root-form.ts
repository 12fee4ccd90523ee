/** The two forms of a Backendless root, `/<APP>/<KEY>` and `/api`: which app a path means, and who is asking. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { App, AppDirectory } from '../../access/app-directory.ts'
import { assertScope } from '../../access/assert-scope.ts'
import type { Principal } from '../../access/principal.ts'
import type { Scope } from '../../access/scopes.ts'
import { ServiceError } from '../../errors.ts'
import type { Authenticator } from '../../http/authenticate.ts'

export interface RootForm {
  readonly prefix: string
  /** Whether the caller shows a key in the path. */
  readonly namesKey: boolean
  /** The app that the path means; null when this server has none of that id. */
  findApp(request: FastifyRequest): App | null
  /** The key that the caller shows, and that `info` repeats; pages of the domain form learn it there. */
  apiKey(request: FastifyRequest, app: App): string
  /** Says what to do where there is no app. */
  unknownApp(request: FastifyRequest): ServiceError
}

export interface RootFormDeps {
  readonly directory: Pick<AppDirectory, 'defaultApp' | 'find'>
  /** DOMAIN_APP. */
  readonly domainApp: string | undefined
}

/** As the setting APP_ID allows; shorter first parts, such as `v1`, are never taken for an app. */
const APP_ID = '^[A-Za-z0-9_-]{4,64}$'

/** `/<APP>/<KEY>`, from `initApp(appId, apiKey)`. */
export function keyForm({ directory }: RootFormDeps): RootForm {
  return {
    prefix: `/:appId(${APP_ID})/:apiKey`,
    namesKey: true,
    findApp: (request) => directory.find(pathPart(request, 'appId')),
    apiKey: (request) => pathPart(request, 'apiKey'),
    unknownApp: (request) =>
      new ServiceError('app_unknown', {
        message: `There is no app with the id ${pathPart(request, 'appId').slice(0, 64)} here: check the first argument of initApp.`,
      }),
  }
}

/**
 * `/api`, from `initApp('https://host')`: no key travels, so whoever asks is a client of the app that the operator has
 * named for it. A sandbox names its own.
 */
export function domainForm({ directory, domainApp }: RootFormDeps, prefix = '/api'): RootForm {
  return {
    prefix,
    namesKey: false,
    findApp() {
      if (domainApp !== undefined) return directory.find(domainApp)
      return directory.defaultApp.mode === 'sandbox' ? directory.defaultApp : null
    },
    apiKey: (_request, app) => app.clientKeys[0] ?? '',
    unknownApp: () =>
      new ServiceError('app_unknown', {
        message:
          'Without an app id and a key in its path, this address stands for an app only where the setting DOMAIN_APP names one: set it, or call initApp with the app id and the client key.',
      }),
  }
}

export interface CallerDeps {
  /** Refuses with `api_key_invalid`. A user token that is no watch token of ours means nothing. */
  readonly authenticate: Authenticator['fromKey']
}

/** Makes each request of the scope find its app and caller before its body is read. */
export function identifyCallers(scope: FastifyInstance, root: RootForm, { authenticate }: CallerDeps): void {
  scope.decorateRequest(CALLER)
  scope.addHook('onRequest', async (request) => {
    const app = knownApp(request, root)
    const caller = await authenticate(app, root.apiKey(request, app), {
      userToken: userToken(request),
      authorization: request.headers.authorization,
    })
    request.setDecorator(CALLER, caller)
  })
}

/**
 * Who sent this request; only for routes under `identifyCallers`. A server key must have the scope that the route is
 * about. Refuses with `scope_missing`.
 */
export function callerOf(request: FastifyRequest, scope: Scope): Principal {
  const caller = request.getDecorator<Principal>(CALLER)
  assertScope(caller, scope)
  return caller
}

/** Refuses with `app_unknown`. */
export function knownApp(request: FastifyRequest, root: RootForm): App {
  const app = root.findApp(request)
  if (app !== null) return app
  throw root.unknownApp(request)
}

const CALLER = 'backendlessCaller'

function pathPart(request: FastifyRequest, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? ''
}

function userToken({ headers }: FastifyRequest): string | null {
  // The SDK knows the former only; who writes the request himself says what he means.
  const token = headers['tollbridge-watch-token'] ?? headers['user-token']
  return typeof token === 'string' && token !== '' ? token : null
}
