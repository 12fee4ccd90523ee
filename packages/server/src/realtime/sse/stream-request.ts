/** What a request to `GET /v1/stream` asks for: channel, selector, and where to continue. */
import { parseChannel, STRIPE_CHANNEL } from '@tollbridge/protocol'
import { ServiceError } from '../../errors.ts'
import type { StartingPoint } from '../follow-log.ts'
import { type ListenRequest, readSelector } from '../listen-request.ts'

export interface StreamRequest {
  readonly request: ListenRequest
  readonly start: StartingPoint
}

/** What of an HTTP request is read; Fastify's request has it. */
export interface StreamRequestSource {
  readonly query: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Throws `parameter_invalid`, `channel_unknown` or `selector_invalid`. */
export function readStreamRequest({ query, headers }: StreamRequestSource): StreamRequest {
  const channel = readChannel(parameter(query, 'channel') ?? STRIPE_CHANNEL)
  return {
    request: readSelector(parameter(query, 'selector'), channel.transactionId),
    // A browser repeats the address that it was first given and adds the header, so the header is newer.
    start: readStart(text(headers['last-event-id']) ?? parameter(query, 'last_event_id')),
  }
}

function readChannel(name: string): { readonly transactionId: string | null } {
  const channel = parseChannel(name)
  if (channel.known) return channel
  throw new ServiceError('channel_unknown', {
    message: `There is no channel ${name.slice(0, 64)}: use ${STRIPE_CHANNEL}, or ${STRIPE_CHANNEL}/<transaction id>.`,
    param: 'channel',
  })
}

function readStart(lastEventId: string | null): StartingPoint {
  if (lastEventId === null) return { kind: 'recent' }
  const position = /^\d{1,16}$/.test(lastEventId) ? Number(lastEventId) : Number.NaN
  if (Number.isSafeInteger(position)) return { kind: 'after', position }
  throw new ServiceError('parameter_invalid', {
    message: 'last_event_id must be the id of an event of this stream: a whole number.',
    param: 'last_event_id',
  })
}

function parameter(query: unknown, name: string): string | null {
  const value = (query as Readonly<Record<string, unknown>>)[name]
  if (value === undefined || typeof value === 'string') return text(value)
  throw new ServiceError('parameter_invalid', { message: `Send ${name} once.`, param: name })
}

function text(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}
