/** What a connection is told when no route answers it any more: one whole response in our error shape, then the end. */

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ServiceError } from '../errors.ts'

export interface LastWordsAbout {
  readonly requestId: string
  /** Of the request, as far as it was read; null: its head is not whole. */
  readonly url: string | null
}

/** Whoever reads nothing is not waited for. */
const UNREAD_MS = 1_000

/** Writes past the HTTP machinery, so that it also works in the middle of a head or a body. */
export function sayLast(socket: Socket, error: ServiceError, about: LastWordsAbout): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(shaped(error, about))
  const { status } = error.row
  socket.write(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      'Cache-Control: no-store',
      'Access-Control-Allow-Origin: *',
      `Request-Id: ${about.requestId}`,
      ...(error.retryAfterSeconds === undefined ? [] : [`Retry-After: ${error.retryAfterSeconds}`]),
      '',
      body,
    ].join('\r\n'),
  )
  socket.end()
  const timer = setTimeout(() => socket.destroy(), UNREAD_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

/** Ours begin with `/v1` and `/webhooks`; what else has two parts and more is of the Backendless form. */
function shaped({ row, code, message }: ServiceError, { url, requestId }: LastWordsAbout): object {
  const facts = { type: row.type, code, message, request_id: requestId }
  const isBackendless = url !== null && /^\/(?!v1\/|webhooks\/)[^/?]+\/[^/?]+\//.test(url)
  if (!isBackendless) return { error: facts }
  const { message: text, ...errorData } = facts
  return { code: row.backendlessCode ?? row.status, message: text, errorData }
}
