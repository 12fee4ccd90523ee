/** Where no key travels, a page of another origin must be let in by a preflight, and simple requests do without one. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ServiceError } from '../../errors.ts'

/** Must be called before what makes every body JSON; the header is read as it came. */
export function refuseForeignText(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    const isForeign = hasBody(request) && isFromElsewhere(request) && !isJson(contentTypeOf(request))
    done(
      isForeign
        ? new ServiceError('body_invalid', {
            message:
              'From a page of another origin this address takes a body only with Content-Type: application/json, or with the app id and the client key in its path.',
          })
        : undefined,
    )
  })
}

function hasBody({ method }: FastifyRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}

/** Browsers send `Origin` with every request that is not a GET; what is no browser could say what it likes. */
function isFromElsewhere({ headers }: FastifyRequest): boolean {
  if (headers['sec-fetch-site'] === 'same-origin') return false
  const { origin } = headers
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site'
  return !URL.canParse(origin) || new URL(origin).host !== headers.host
}

function contentTypeOf({ raw }: FastifyRequest): string {
  const at = raw.rawHeaders.findIndex((name, index) => index % 2 === 0 && /^content-type$/i.test(name))
  return at === -1 ? '' : (raw.rawHeaders[at + 1] ?? '')
}

function isJson(contentType: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType.trim())
}
