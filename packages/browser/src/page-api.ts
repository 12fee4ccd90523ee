/** Every request of the page to Tollbridge goes through here, with its client key, and fails with one kind of error. */
import { TollbridgeError } from './tollbridge-error.ts'

export interface PageRequest {
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Repeating a request under the same key does nothing twice. */
  readonly idempotencyKey?: string
}

export interface PageApi {
  /** Of the server, without a slash at its end. */
  readonly url: string
  readonly clientKey: string | undefined
  /**
   * @param path begins with `/v1/`
   * @returns the answer's JSON; undefined for an empty answer
   * @throws TollbridgeError in the server's words, or `server_unreachable`, also after a time-out of `signal`; else what `signal` was aborted with
   */
  request<T = unknown>(method: string, path: string, options?: PageRequest): Promise<T>
  /** The same requests for a customer, by his token; without one, as before. */
  actingFor(customerToken: string | undefined): PageApi
  /** The same, with the answer not read yet: for streams, and for what stands in headers. */
  open(method: string, path: string, options?: PageRequest): Promise<Response>
}

export interface PageApiOptions {
  readonly url: string
  readonly clientKey?: string | undefined
  readonly fetch?: typeof fetch
  readonly customerToken?: string | undefined
}

export function createPageApi(options: PageApiOptions): PageApi {
  const { url, clientKey, fetch = globalThis.fetch, customerToken } = options
  async function open(method: string, path: string, asked: PageRequest = {}): Promise<Response> {
    const { body, headers, signal, idempotencyKey } = asked
    // Called without a receiver: the browser's own refuses any other.
    const request = fetch.call(undefined, url + path, {
      method,
      headers: {
        ...(clientKey && { Authorization: `Bearer ${clientKey}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
        ...(customerToken && { 'Tollbridge-Customer-Token': customerToken }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    const response = await answered(request, signal)
    if (response.ok) return response
    throw refusal(response, parsed(await answered(response.text(), signal)))
  }

  function answered<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return answer.catch((cause: unknown) => {
      // What took too long was not reached; what somebody gave up is over.
      if (signal?.aborted && signal.reason?.name !== 'TimeoutError') throw signal.reason
      throw new TollbridgeError({
        type: 'api_connection_error',
        code: 'server_unreachable',
        message: `The payment server at ${url} cannot be reached. Check the connection and try again.`,
        cause,
      })
    })
  }

  return {
    url,
    clientKey,
    open,
    actingFor: (token) => createPageApi({ ...options, customerToken: token }),
    async request<T>(method: string, path: string, options?: PageRequest): Promise<T> {
      const response = await open(method, path, options)
      const json = parsed(await answered(response.text(), options?.signal))
      if (json === UNREADABLE) throw refusal(response, json)
      return json as T
    },
  }
}

const UNREADABLE = Symbol()

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return UNREADABLE
  }
}

function refusal(response: Response, json: unknown): TollbridgeError {
  const { status, headers } = response
  type Facts = Record<string, string | undefined>
  const envelope = json as { error?: Facts; message?: string; errorData?: Facts } | undefined
  // Backendless' routes say the same in an envelope of their own.
  const error =
    envelope?.error ?? (envelope?.errorData && { ...envelope.errorData, message: envelope.message })
  return new TollbridgeError({
    status,
    type: error?.['type'] ?? 'api_error',
    code: error?.['code'] ?? 'answer_unreadable',
    message: error?.['message'] ?? `The payment server gave no answer that can be read (HTTP ${status}).`,
    param: error?.['param'],
    declineCode: error?.['decline_code'],
    requestId: error?.['request_id'] ?? headers.get('Request-Id') ?? undefined,
    retryAfter: Number(headers.get('Retry-After')) || undefined,
  })
}
