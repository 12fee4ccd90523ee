/** What a connection is told when no route answers it any more: one whole response in our error shape, then the end. */

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ServiceError } from '../errors.ts'
import { type ErrorAbout, type ErrorAnswer, type ErrorForm, formedError } from './error-form.ts'

/** Whoever reads nothing is not waited for. */
const UNREAD_MS = 1_000

/** Writes past the HTTP machinery, so that it also works in the middle of a head or a body. */
export function sayLast(
  socket: Socket,
  error: ServiceError,
  about: ErrorAbout,
  forms: readonly ErrorForm[] = [],
): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status, contentType, body } = formedError(forms, error, about) ?? asJson(error, about)
  socket.write(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.length}`,
      'Connection: close',
      'Cache-Control: no-store',
      'Access-Control-Allow-Origin: *',
      `Request-Id: ${about.requestId}`,
      ...(error.retryAfterSeconds === undefined ? [] : [`Retry-After: ${error.retryAfterSeconds}`]),
      '',
      '',
    ].join('\r\n'),
  )
  socket.end(body)
  const timer = setTimeout(() => socket.destroy(), UNREAD_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

function asJson(error: ServiceError, about: ErrorAbout): ErrorAnswer {
  return {
    status: error.row.status,
    contentType: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(shaped(error, about))),
  }
}

/** Ours begin with `/v1` and `/webhooks`; what else has two parts and more is of the Backendless form. */
function shaped({ row, code, message }: ServiceError, { url, requestId }: ErrorAbout): object {
  const facts = { type: row.type, code, message, request_id: requestId }
  const isBackendless = url !== null && /^\/(?!v1\/|webhooks\/)[^/?]+\/[^/?]+\//.test(url)
  if (!isBackendless) return { error: facts }
  const { message: text, ...errorData } = facts
  return { code: row.backendlessCode ?? row.status, message: text, errorData }
}
