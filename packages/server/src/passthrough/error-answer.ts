/** Our own refusals and failures, in Stripe's shape, so that every SDK of Stripe reads them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServiceError } from '../errors.ts'
import { wireError } from '../http/error-response.ts'
import type { Log } from '../log.ts'

export interface ErrorFacts {
  readonly requestId: string
  /** What Stripe's SDKs are told about repeating it by themselves; null: nothing. */
  readonly shouldRetry: boolean | null
}

export function answerWithError(
  request: IncomingMessage,
  response: ServerResponse,
  error: ServiceError,
  { requestId, shouldRetry }: ErrorFacts,
): void {
  if (response.destroyed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status } = error.row
  const body = Buffer.from(`${JSON.stringify({ error: wireError(error, requestId) }, null, 2)}\n`)
  const headers: Record<string, string | number> = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    // Among them are errors that name payments.
    'cache-control': 'no-store',
    'request-id': requestId,
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="Tollbridge"' } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': error.retryAfterSeconds }),
    ...(shouldRetry === null ? {} : { 'stripe-should-retry': String(shouldRetry) }),
    // The rest of a body that nobody wants is not waited for.
    ...(request.complete ? {} : { connection: 'close' }),
  }
  response.writeHead(status, headers)
  response.end(body)
}

/** A bug is logged, and says nothing of itself. */
export function asServiceError(error: unknown, requestId: string, log: Pick<Log, 'error'>): ServiceError {
  if (error instanceof ServiceError) {
    // An operator's brake is no fault.
    if (error.row.status >= 500 && error.code !== 'charges_stopped')
      log.error({ err: error, requestId }, error.message)
    return error
  }
  log.error({ err: error, requestId }, 'Unexpected fault')
  return new ServiceError('internal', {
    message: `Something went wrong on our side; the server's log has it under ${requestId}.`,
    cause: error,
  })
}
