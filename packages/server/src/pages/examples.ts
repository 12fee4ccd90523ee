/** The example shops as the server sees them: somebody who answers requests below `/examples/`. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface ShopLink {
  /** From the root of the server, such as `/examples/pay-button/`. */
  readonly path: string
  readonly title: string
  readonly summary: string
}

export interface ExampleShops {
  readonly links: readonly ShopLink[]
  /** null: there is nothing at that address. */
  handle(request: Request): Promise<Response | null>
  close(): Promise<void>
}

/** @param shops null while there are none */
export function registerExampleRoutes(fastify: FastifyInstance, shops: () => ExampleShops | null): void {
  fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.all('/examples/*', async (request, reply) => {
      const asked = asFetchRequest(request)
      const answer = asked === null ? null : await shops()?.handle(asked)
      if (answer === undefined || answer === null) return reply.callNotFound()
      for (const [name, value] of answer.headers) reply.header(name, value)
      reply.code(answer.status)
      // A stream is passed on as it comes.
      return reply.send(answer.body === null ? undefined : Readable.fromWeb(answer.body as never))
    })
  })
}

/** null: no browser asks so, such as with TRACE or for a host that is none. */
function asFetchRequest(request: FastifyRequest): Request | null {
  const address = `${request.protocol}://${request.host}${request.url}`
  if (request.method === 'TRACE' || !URL.canParse(address)) return null
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, [value].flat().join(', ')] as [string, string]],
  )
  const hasBody = !['GET', 'HEAD'].includes(request.method) && Buffer.isBuffer(request.body)
  return new Request(address, {
    method: request.method,
    headers,
    ...(hasBody ? { body: new Uint8Array(request.body as Buffer) } : {}),
  })
}
