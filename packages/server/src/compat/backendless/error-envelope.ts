/** Failures → the Backendless envelope `{code, message, errorData}`, which its clients turn into an Error. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServiceError } from '../../errors.ts'
import { setErrorHeaders, toServiceError, wireError } from '../../http/error-response.ts'
import type { Log } from '../../log.ts'

export interface ErrorEnvelope {
  /** Backendless' own number where it has one, else the HTTP status. */
  readonly code: number
  readonly message: string
  /** Our code, the field at fault, and for a card error Stripe's code, decline_code, charge and payment_intent. */
  readonly errorData: Readonly<Record<string, unknown>>
}

export function toEnvelope(error: ServiceError, requestId: string): ErrorEnvelope {
  const { message, ...errorData } = wireError(error, requestId)
  return { code: error.row.backendlessCode ?? error.row.status, message, errorData }
}

export function envelopeErrorHandler(log: Log) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = toServiceError(thrown, request, log)
    setErrorHeaders(reply, error)
    return reply.code(error.row.status).send(toEnvelope(error, request.id))
  }
}
