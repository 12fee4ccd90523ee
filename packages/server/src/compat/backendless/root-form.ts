/** The two forms of a Backendless root, `/<APP>/<KEY>` and `/api`: which app a path means, and who is asking. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { App, AppDirectory } from '../../access/app-directory.ts'
import type { Principal } from '../../access/principal.ts'
import type { WatchTokens } from '../../access/watch-token.ts'
import { ServiceError } from '../../errors.ts'

export interface RootForm {
  readonly prefix: string
  /** The app that the path means; null when this server has none of that id. */
  findApp(request: FastifyRequest): App | null
  /** The key that `info` repeats to the client; pages of the domain form learn it there. */
  apiKey(request: FastifyRequest, app: App): string
  /** Refuses with `api_key_invalid`. A `user-token` that is no watch token of ours means nothing here. */
  identify(request: FastifyRequest, app: App): Promise<Principal>
}

export interface RootFormDeps {
  readonly directory: Pick<AppDirectory, 'defaultApp' | 'find' | 'identify'>
  readonly watchTokens: (appId: string) => Pick<WatchTokens, 'verify'>
}

/** As the setting APP_ID allows; shorter first parts, such as `v1`, are never taken for an app. */
const APP_ID = '^[A-Za-z0-9_-]{4,64}$'

/** `/<APP>/<KEY>`, from `initApp(appId, apiKey)`; the key may be a server key. */
export function keyForm({ directory, watchTokens }: RootFormDeps): RootForm {
  return {
    prefix: `/:appId(${APP_ID})/:apiKey`,
    findApp: (request) => directory.find(pathPart(request, 'appId')),
    apiKey: (request) => pathPart(request, 'apiKey'),
    identify: async (request, app) => {
      const principal = directory.identify(app, pathPart(request, 'apiKey'))
      if (principal !== null) return withWatch(principal, request, watchTokens)
      throw new ServiceError('api_key_invalid', {
        message: `The API key in the path does not belong to the app ${app.appId}: use its client key or a server key.`,
      })
    },
  }
}

/** `/api`, from `initApp('https://host')`: no key travels, so the caller is a client of the default app. */
export function domainForm({ directory, watchTokens }: RootFormDeps, prefix = '/api'): RootForm {
  return {
    prefix,
    findApp: () => directory.defaultApp,
    apiKey: (_request, app) => app.clientKeys[0] ?? '',
    identify: (request, app) =>
      withWatch({ role: 'client', appId: app.appId, watch: null }, request, watchTokens),
  }
}

/** Makes each request of the scope find its app and caller before its body is read. */
export function identifyCallers(scope: FastifyInstance, root: RootForm): void {
  scope.decorateRequest(CALLER)
  scope.addHook('onRequest', async (request) => {
    request.setDecorator(CALLER, await root.identify(request, knownApp(request, root)))
  })
}

/** Who sent this request; only for routes under `identifyCallers`. */
export function callerOf(request: FastifyRequest): Principal {
  return request.getDecorator<Principal>(CALLER)
}

/** Refuses with `app_unknown`. */
export function knownApp(request: FastifyRequest, root: RootForm): App {
  const app = root.findApp(request)
  if (app !== null) return app
  throw new ServiceError('app_unknown', {
    message: `There is no app with the id ${pathPart(request, 'appId').slice(0, 64)} here: check the first argument of initApp.`,
  })
}

const CALLER = 'backendlessCaller'

function pathPart(request: FastifyRequest, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? ''
}

async function withWatch(
  principal: Principal,
  request: FastifyRequest,
  watchTokens: RootFormDeps['watchTokens'],
): Promise<Principal> {
  const token = request.headers['user-token']
  if (principal.role !== 'client' || typeof token !== 'string' || token === '') return principal
  return { ...principal, watch: await watchTokens(principal.appId).verify(principal.appId, token) }
}
