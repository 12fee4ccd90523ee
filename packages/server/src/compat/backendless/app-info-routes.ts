/** `info` and `rt/lookup`: where realtime lives. The SDK asks once and never again, so these must not fail. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { knownApp, type RootForm } from './root-form.ts'

export interface AppInfoDeps {
  /** PUBLIC_URL; undefined: taken from each request. */
  readonly publicUrl: string | undefined
}

// No key check and no store: an SDK that once got an error here has no realtime until its page is loaded anew.
export function registerAppInfoRoutes(scope: FastifyInstance, root: RootForm, deps: AppInfoDeps): void {
  scope.get('/info', async (request, reply) => {
    const app = knownApp(request, root)
    reply.header('Cache-Control', 'no-store')
    return {
      appId: app.appId,
      apiKey: root.apiKey(request, app),
      rtURL: publicOrigin(request, deps.publicUrl),
      loggers: [],
    }
  })

  scope.get('/rt/lookup', async (request, reply) => {
    knownApp(request, root)
    reply.header('Cache-Control', 'no-store').type('application/json')
    return JSON.stringify(publicOrigin(request, deps.publicUrl))
  })
}

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/

/** A bare origin, without a slash at its end: the SDK appends the app id to it as the namespace. */
export function publicOrigin(
  request: Pick<FastifyRequest, 'headers' | 'protocol' | 'host'>,
  publicUrl: string | undefined,
): string {
  if (publicUrl !== undefined) return publicUrl
  const protocol = firstOf(request.headers['x-forwarded-proto'])
  const host = firstOf(request.headers['x-forwarded-host'])
  const isProtocol = protocol === 'http' || protocol === 'https'
  return `${isProtocol ? protocol : request.protocol}://${HOST.test(host) ? host : request.host}`
}

/** Each proxy appends its own; the first is what the client used. */
function firstOf(header: string | string[] | undefined): string {
  return (
    String(header ?? '')
      .split(',', 1)[0]
      ?.trim() ?? ''
  )
}
