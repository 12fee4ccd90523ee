/** The key that a request shows, wherever keys may stand; and whom it is counted against. */
import type { FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { Holder } from '../budgets/holder.ts'

type Showing = Pick<FastifyRequest, 'headers' | 'query' | 'params'>

export function shownKey({ headers, query, params }: Showing): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  const { client_key: inQuery } = query as Readonly<Record<string, unknown>>
  const { apiKey } = params as Readonly<Record<string, unknown>>
  return [bearer, inQuery, apiKey].find((it): it is string => typeof it === 'string' && it !== '') ?? null
}

/** A key that was let in, so that what anybody makes up is no key of its own. */
export function holderOf(request: Showing & Pick<FastifyRequest, 'ip'>, principal: Principal): Holder {
  const { appId } = principal
  const key = principal.role === 'server' ? principal.keyId : shownKey(request)
  return { address: request.ip, key: principal.role === 'watch' ? null : key, appId }
}
