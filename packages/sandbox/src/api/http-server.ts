/** Serves the API over HTTP: routes to their handler, everything else to Stripe's kind of 404. */
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Clock } from '../clock.ts'
import type { ApiAnswer, ApiRequest } from './api-handler.ts'
import type { Route } from './route.ts'
import { StripeError } from './stripe-error.ts'

export interface HttpServerDeps {
  routes: Route[]
  handle(route: Route, request: ApiRequest): Promise<ApiAnswer>
  newRequestId(): string
  clock: Clock
  log(line: string): void
}

const BODY_LIMIT = 1024 * 1024

export function createHttpServer(deps: HttpServerDeps): FastifyInstance {
  /** Answers what Fastify refuses before a handler runs, or a fault, in Stripe's form. */
  function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const status = error.statusCode ?? 500
    if (status >= 500) deps.log(`${request.method} ${request.url.split('?')[0]} failed: ${error.message}`)
    const message =
      error.code === 'FST_ERR_CTP_BODY_TOO_LARGE'
        ? `The request body is larger than the ${BODY_LIMIT} bytes that the sandbox accepts.`
        : status >= 500
          ? 'An error occurred inside the sandbox. Its log has the details.'
          : error.message
    const type = status >= 500 ? 'api_error' : 'invalid_request_error'
    return sendError(reply, deps.newRequestId(), new StripeError(status, { type, message }))
  }

  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    frameworkErrors: answerError,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500, querystringParser: () => ({}) },
  })
  // The form is decoded after the key is checked, so Fastify only collects the text.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))

  app.addHook('onRequest', async (_request, reply) => {
    // Node would put its own time here.
    reply.header('date', new Date(deps.clock.now()).toUTCString())
    reply.header('access-control-allow-origin', '*')
    reply.header('access-control-expose-headers', 'Request-Id, Stripe-Version')
    reply.header('cache-control', 'no-cache, no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime)
    deps.log(`${request.method} ${request.url.split('?')[0]} ${reply.statusCode} ${ms} ms`)
  })
  app.options('/v1/*', async (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'GET, POST, DELETE')
      .header('access-control-allow-headers', 'authorization, content-type, idempotency-key, stripe-version')
      .header('access-control-max-age', '300')
      .code(204)
      .send(),
  )

  for (const route of deps.routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const answer = await deps.handle(route, apiRequest(request, deps.newRequestId()))
        return reply
          .code(answer.status)
          .headers(answer.headers)
          .type('application/json; charset=utf-8')
          .send(answer.body)
      },
    })
  }

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]
    return sendError(
      reply,
      deps.newRequestId(),
      new StripeError(404, {
        type: 'invalid_request_error',
        message: `Unrecognized request URL (${request.method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
      }),
    )
  })
  app.setErrorHandler(answerError)
  return app
}

function apiRequest(request: FastifyRequest, requestId: string): ApiRequest {
  const [path = '', ...query] = request.url.split('?')
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }
  return {
    path,
    query: query.join('?'),
    body: typeof request.body === 'string' ? request.body : '',
    contentType: header('content-type'),
    authorization: header('authorization'),
    idempotencyKey: header('idempotency-key'),
    apiVersion: header('stripe-version'),
    ids: request.params as Record<string, string>,
    requestId,
  }
}

function sendError(reply: FastifyReply, requestId: string, error: StripeError): FastifyReply {
  return reply
    .code(error.status)
    .header('request-id', requestId)
    .type('application/json; charset=utf-8')
    .send(`${JSON.stringify({ error: error.body }, null, 2)}\n`)
}
