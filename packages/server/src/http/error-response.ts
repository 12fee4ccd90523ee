/** Failures → HTTP. One of the three translators: Stripe's error shape on the wire, no detail of our own faults. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { withoutKeys } from '../access/secret-keys-in-text.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type ErrorForm, formedError } from './error-form.ts'

/** The error as it goes over the wire; the Backendless surface wraps the same facts in its envelope. */
export interface WireError {
  readonly type: string
  readonly code: string
  readonly message: string
  readonly param?: string
  readonly request_id: string
  readonly [detail: string]: unknown
}

export function wireError(error: ServiceError, requestId: string): WireError {
  return {
    type: error.row.type,
    code: error.code,
    // What was asked for is often repeated, and a key can stand anywhere in it.
    message: withoutKeys(error.message),
    ...(error.param === undefined ? {} : { param: error.param }),
    // A card error carries Stripe's own code and decline_code in place of ours.
    ...error.details,
    request_id: requestId,
  }
}

/** Any thrown thing → ServiceError; a bug is logged with its stack and becomes `internal` without detail. */
export function toServiceError(error: unknown, request: FastifyRequest, log: Log): ServiceError {
  if (error instanceof ServiceError) {
    if (isOnPurpose(error)) log.warn({ code: error.code, requestId: request.id }, error.message)
    else if (error.row.status >= 500) log.error({ err: error, requestId: request.id }, error.message)
    return error
  }
  const framework = frameworkError(error as Partial<FastifyError>)
  if (framework !== null) return framework
  log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'Unexpected fault')
  return new ServiceError('internal', {
    message: `Something went wrong on our side; the server's log has it under ${request.id}.`,
    cause: error,
  })
}

/** An operator's brake and a stop are no faults: no stack in the log, and no alarm for whoever counts errors. */
function isOnPurpose({ code }: ServiceError): boolean {
  return code === 'charges_stopped' || code === 'shutting_down'
}

/** What Fastify itself refuses before a route runs. */
function frameworkError(error: Partial<FastifyError>): ServiceError | null {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ServiceError('body_too_large', { message: 'The body is larger than this route takes.' })
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ServiceError('body_invalid', { message: 'The body is not valid JSON.' })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ServiceError('body_invalid', {
        message: 'Send the body as JSON, with Content-Type: application/json.',
      })
    default:
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? new ServiceError('body_invalid', { message: error.message ?? 'The request cannot be read.' })
        : null
  }
}

/** What an error says beside its body. */
export function setErrorHeaders(reply: FastifyReply, { retryAfterSeconds, watchToken }: ServiceError): void {
  if (retryAfterSeconds !== undefined) reply.header('Retry-After', String(retryAfterSeconds))
  if (watchToken !== undefined) reply.header('Tollbridge-Watch-Token', watchToken)
}

export function createErrorHandler(log: Log, forms: readonly ErrorForm[] = []) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const failure = toServiceError(error, request, log)
    setErrorHeaders(reply, failure)
    const formed = formedError(forms, failure, { requestId: request.id, url: request.raw.url ?? null })
    if (formed !== null) return reply.code(formed.status).type(formed.contentType).send(formed.body)
    return reply.code(failure.row.status).send({ error: wireError(failure, request.id) })
  }
}

const LOOKS_LIKE_A_NAME = /^[\w.-]{0,32}$/

export function notFound(request: FastifyRequest): never {
  const path = request.url.split('?')[0] ?? ''
  // Paths of the Backendless form carry a key in their second part, so only the first is repeated, where it reads as a name.
  const [, first = ''] = path.split('/')
  const start = LOOKS_LIKE_A_NAME.test(first) ? `/${first}` : '/'
  throw new ServiceError('route_unknown', {
    message: `There is no route ${request.method} ${start}… here; see the README for the list.`,
  })
}
