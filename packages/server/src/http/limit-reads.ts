/** Counts what is read without a server key, so that nobody can find payments by trying out ids. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SERVER_KEY_PREFIX } from '../access/api-keys.ts'
import type { App, AppDirectory } from '../access/app-directory.ts'
import type { Budgets } from '../budgets/create-budgets.ts'
import { shownKey } from './shown-key.ts'

export interface LimitReadsDeps {
  readonly budgets: Pick<Budgets, 'read'>
  readonly directory: Pick<AppDirectory, 'find' | 'all' | 'identifyAnywhere'>
}

/** Counts one reading, unless it is a server's. Throws `too_many_requests`. */
export type CountRead = (request: FastifyRequest) => void

export function createCountRead(deps: LimitReadsDeps): CountRead {
  return (request) => {
    const key = shownKey(request)
    if (isOfServer(key, deps)) return
    const app = appOf(request, key, deps)
    // A key that no app has is counted for its address alone: made-up ones must not fill the memory.
    const known = app === null ? null : key
    deps.budgets.read({ address: request.ip, key: known, appId: app?.appId ?? null })
  }
}

/** After the hooks that let pages read a refusal, before anything is looked up. */
export function limitReads(fastify: FastifyInstance, countRead: CountRead): void {
  fastify.addHook('preValidation', (request, _reply, done) => {
    try {
      if (isClientRead(request)) countRead(request)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Routes of `/v1` say who may call; of the Backendless form, tables and messages are what is read. */
function isClientRead({ method, routeOptions }: FastifyRequest): boolean {
  const { doc } = routeOptions.config
  if (doc !== undefined) {
    const isRead = method === 'GET' || method === 'HEAD'
    return isRead && (doc.keys.includes('client') || doc.keys.includes('watch'))
  }
  return /\/(?:data|messaging)\//.test(routeOptions.url ?? '') && method !== 'OPTIONS'
}

/** One that is known: what only looks like a server's key is counted like any other. */
function isOfServer(key: string | null, { directory }: Pick<LimitReadsDeps, 'directory'>): boolean {
  if (key?.startsWith(SERVER_KEY_PREFIX) !== true) return false
  try {
    return directory.identifyAnywhere(key)?.role === 'server'
  } catch {
    // Of an app that is switched off; the route says so.
    return false
  }
}

function appOf(
  { params }: FastifyRequest,
  key: string | null,
  { directory }: Pick<LimitReadsDeps, 'directory'>,
): App | null {
  const { appId } = params as Readonly<Record<string, unknown>>
  if (key === null) return null
  if (typeof appId === 'string') {
    const named = directory.find(appId)
    return named?.clientKeys.includes(key) === true ? named : null
  }
  return directory.all.find(({ clientKeys }) => clientKeys.includes(key)) ?? null
}
