/** The one error that calls throw: Stripe's error shape, whoever refused, and never a key. */

/** What came back, as Slingr's `e.additionalInfo` has it. */
export interface AdditionalInfo {
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Of the answer, in lower case; never of the request, which carries the key. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; text where it was no JSON. */
  readonly body: unknown
}

export interface StripeApiErrorFacts {
  readonly status: number
  readonly type: string
  readonly code?: string | undefined
  readonly message: string
  readonly param?: string | undefined
  readonly declineCode?: string | undefined
  readonly requestId?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export class StripeApiError extends Error {
  override readonly name = 'StripeApiError'
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Such as `card_error` or `invalid_request_error`; `api_connection_error` when no answer came. */
  readonly type: string
  /** Such as `card_declined`; `server_unreachable` or `server_timeout` when no answer came. */
  readonly code: string | undefined
  /** The field at fault. */
  readonly param: string | undefined
  /** The bank's reason, such as `insufficient_funds`. */
  readonly declineCode: string | undefined
  /** Names the request in the logs of who answered. */
  readonly requestId: string | undefined
  readonly additionalInfo: AdditionalInfo

  constructor(facts: StripeApiErrorFacts) {
    super(facts.message)
    this.status = facts.status
    this.type = facts.type
    this.code = facts.code
    this.param = facts.param
    this.declineCode = facts.declineCode
    this.requestId = facts.requestId
    this.additionalInfo = { status: facts.status, headers: facts.headers ?? {}, body: facts.body ?? null }
  }
}

/** Reads Stripe's error shape from an answer that is not 2xx; anything else becomes an `api_error` that shows its start. */
export function errorOfAnswer(status: number, headers: Readonly<Record<string, string>>, body: unknown) {
  const error = fieldsOf(fieldsOf(body)['error'])
  const message = text(error['message'])
  return new StripeApiError({
    status,
    type: text(error['type']) ?? 'api_error',
    code: text(error['code']),
    message: message ?? unexpected(status, headers, body),
    param: text(error['param']),
    declineCode: text(error['decline_code']),
    requestId: text(error['request_id']) ?? headers['request-id'],
    headers,
    body,
  })
}

function unexpected(status: number, headers: Readonly<Record<string, string>>, body: unknown): string {
  if (status >= 300 && status < 400)
    return `The server answered ${status} with the address ${headers['location'] ?? 'of nothing'}; give createTollbridge the final address as url.`
  const start = typeof body === 'string' ? body.slice(0, 200).trim() : ''
  return `The server answered ${status}${start === '' ? '' : `: ${start}`}`
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
