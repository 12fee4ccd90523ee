/** `GET /tollbridge.js` and `/tollbridge.mjs`: the browser SDK, for pages of any origin. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ServiceError } from '../errors.ts'
import { PAGE_SCRIPTS, type PageFile, type PageScript, type PageScripts, SOURCE_MAPS } from './page-script.ts'

export function registerScriptRoutes(fastify: FastifyInstance, scripts: PageScripts): void {
  for (const file of [...PAGE_SCRIPTS, ...SOURCE_MAPS]) {
    fastify.get(`/${file}`, async (request, reply) => {
      // On every answer: a page that asks with `crossorigin` sees the reason of a failure too.
      reply.header('Access-Control-Allow-Origin', '*').header('Cross-Origin-Resource-Policy', 'cross-origin')
      const script = scripts(file)
      if (script === null) throw missing(file)
      return answer(request, reply, file, script)
    })
  }
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  file: PageFile,
  script: PageScript,
): FastifyReply {
  const { v } = request.query as { readonly v?: unknown }
  const { coding, body } = packedFor(request.headers['accept-encoding'], script)
  const tag = `"${script.version}${coding === null ? '' : `-${coding}`}"`
  reply
    // Only the version that was asked for may be kept for ever; an old page gets today's script and asks again.
    .header('Cache-Control', v === script.version ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('ETag', tag)
    .header('Vary', 'Accept-Encoding')
  if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send()
  if (coding !== null) reply.header('Content-Encoding', coding)
  return reply
    .type(file.endsWith('.map') ? 'application/json; charset=utf-8' : 'text/javascript; charset=utf-8')
    .send(body)
}

function packedFor(accepted: string | undefined, script: PageScript) {
  const codings = (accepted ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => !/;\s*q=0(\.0*)?$/.test(it))
    .map((it) => it.split(';', 1)[0])
  if (codings.includes('br')) return { coding: 'br', body: script.brotli } as const
  if (codings.includes('gzip')) return { coding: 'gzip', body: script.gzip } as const
  return { coding: null, body: script.bytes } as const
}

function matches(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((it) => it.trim().replace(/^W\//, '') === tag)
}

function missing(file: PageFile): ServiceError {
  return new ServiceError('page_script_missing', {
    message: `The browser SDK is not built, so /${file} is not here: run npm run build, or install the package @tollbridge/browser beside the server.`,
  })
}
