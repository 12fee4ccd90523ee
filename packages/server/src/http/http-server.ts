/** The HTTP server: Fastify for routes, and Engine.IO beside it on the same port without the path collision. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type TrustedProxies, trusting } from './client-address.ts'
import { CHECK_HEADS_MS, type Connections, createConnections, NO_LIMITS } from './connections.ts'
import { type ErrorForm, formedError } from './error-form.ts'
import { createErrorHandler, notFound, wireError } from './error-response.ts'
import { readJsonAsSent } from './json-body.ts'
import { refuseKeysInAddress } from './keys-in-address.ts'
import { guardRequests } from './request-gate.ts'
import { STRICT, type UnfitRules } from './unfit-value.ts'

/** What speaks Engine.IO on this port. It owns exact paths only, so REST below the same first part is untouched. */
export interface SocketHandler {
  ownsPath(pathname: string): boolean
  handleRequest(request: IncomingMessage, response: ServerResponse): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface HttpServerDeps {
  readonly log: Log
  readonly sockets: SocketHandler
  /** The proxies whose X-Forwarded-… is believed; absent: none. */
  readonly trustProxy?: TrustedProxies
  /** Absent: without limits. */
  readonly connections?: Connections
  /** What no request may hold. */
  readonly unfit?: UnfitRules
  /** Absent: all are told in JSON. */
  readonly errorForms?: readonly ErrorForm[]
  /** A fresh id for each request, shown in errors and in the log. */
  newRequestId(): string
}

const BODY_LIMIT = 100 * 1024
/** Node allows 16 KiB; a selector of the greatest length is larger once it is written into an address. */
const HEADER_LIMIT = 64 * 1024

export function createHttpServer({
  log,
  sockets,
  trustProxy,
  unfit,
  errorForms = [],
  newRequestId,
  connections = unlimited(newRequestId),
}: HttpServerDeps): FastifyInstance {
  const fastify = Fastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: trustProxy === undefined ? false : trusting(trustProxy),
    genReqId: newRequestId,
    // Fastify's own logger stays off: addresses can carry keys, so requests are logged below, by route.
    logger: false,
    // As long as the longest key that the settings allow, and more.
    routerOptions: { maxParamLength: 255 },
    frameworkErrors: (_error, request, reply) =>
      refusePath(request, reply as unknown as FastifyReply, errorForms),
    rewriteUrl: (request) => forgiveSlashes(request.url ?? '/'),
    // `connections` ends them in its own order, and answers what Node cannot read.
    forceCloseConnections: false,
    clientErrorHandler: () => {},
    serverFactory: (handler) => dispatching(handler, sockets, connections),
  })
  fastify.setErrorHandler(createErrorHandler(log, errorForms))
  fastify.setNotFoundHandler(notFound)
  // Callbacks, not promises: these two run for every webhook.
  refuseKeysInAddress(fastify)
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('Request-Id', request.id)
    reply.header('X-Content-Type-Options', 'nosniff')
    // Answers carry secrets and payments; what may be kept, such as a script, says so itself.
    if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store')
    done()
  })
  // Whoever closes it alone waits for no idle connection either.
  fastify.addHook('preClose', async () => {
    connections.refuseNew()
    connections.closeIdle()
  })
  readJsonAsSent(fastify, { mayBeEmpty: false })
  guardRequests(fastify, unfit ?? STRICT)
  if (log.isLevelEnabled('debug')) fastify.addHook('onResponse', logAnswer(log))
  return fastify
}

function unlimited(newRequestId: () => string): Connections {
  return createConnections({
    limits: NO_LIMITS,
    isProxy: () => true,
    addressOf: () => '',
    after: () => () => {},
    newRequestId,
  })
}

/** A path that cannot be read gets the shape of every other error, and is not repeated: it may hold a key. */
function refusePath(
  request: { readonly id: string; readonly url: string },
  reply: FastifyReply,
  forms: readonly ErrorForm[],
): void {
  const refusal = new ServiceError('route_unknown', { message: 'The path of this request cannot be read.' })
  const formed = formedError(forms, refusal, { requestId: request.id, url: request.url })
  if (formed !== null) {
    reply.code(formed.status).type(formed.contentType).send(formed.body)
    return
  }
  reply.code(refusal.row.status).header('Access-Control-Allow-Origin', '*')
  reply.send({ error: wireError(refusal, request.id) })
}

function logAnswer(log: Log) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    log.debug(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    )
    done()
  }
}

function dispatching(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  sockets: SocketHandler,
  connections: Connections,
): Server {
  const options = {
    maxHeaderSize: HEADER_LIMIT,
    connectionsCheckingInterval: CHECK_HEADS_MS,
    // Java's client and `curl --http2` offer h2c with every request; who does not take it answers as if unasked.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  }
  const server = createServer(options, (request, response) => {
    const isSocket = sockets.ownsPath(mendPath(request))
    if (!connections.admit(request, response, isSocket)) return
    if (isSocket) sockets.handleRequest(request, response)
    else handler(request, response)
  })
  connections.watch(server)
  server.on('upgrade', (request, socket, head) => {
    // From here on Node listens no more, and a connection that is reset would end the process.
    socket.on('error', () => socket.destroy())
    if (!connections.admitUpgrade(request)) return
    if (sockets.ownsPath(mendPath(request))) sockets.handleUpgrade(request, socket, head)
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  return server
}

/** Mends the address on the way: Engine.IO reads it as a URL, in which two slashes begin the name of a host. */
function mendPath(request: IncomingMessage): string {
  request.url = forgiveSlashes(request.url ?? '/')
  return request.url.split('?', 1)[0] ?? '/'
}

/** A server address with a slash at its end makes clients ask for `//…`; that means the same path. */
function forgiveSlashes(url: string): string {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') + (query === -1 ? '' : url.slice(query)) : url
}
