/** The only place that calls the server: key, body, tries, timeouts, errors. */
import type { CallGate } from './call-gate.ts'
import { isForeign, readBody } from './read-body.ts'
import { retryDelay } from './retry-delay.ts'
import type { ServerAddress } from './server-address.ts'
import { errorOfAnswer, StripeApiError } from './stripe-api-error.ts'

/** Options of every call. */
export interface CallOptions {
  /** Makes a repeat of the call, even from another process, the same call. One is made for each POST without it. */
  readonly idempotencyKey?: string
  /** Acts on a connected account, `acct_…`. */
  readonly stripeAccount?: string
  /** Ends waiting; what the server has begun may still happen. */
  readonly signal?: AbortSignal
  /** For each try; 80 s unless named, which is longer than Stripe ever takes. */
  readonly timeoutMs?: number
}

export type ApiBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly text: string }
  | { readonly kind: 'parts'; readonly parts: FormData }

export interface ApiRequest extends CallOptions {
  readonly method: string
  /** From the server's root, encoded, with its query. */
  readonly path: string
  readonly body?: ApiBody
  readonly headers?: Readonly<Record<string, string>>
  /** false: a repeat is known by something better than a random key, such as a single-use token. */
  readonly automaticKey?: boolean
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON parsed; other text as text; the rest as bytes. */
  readonly body: unknown
}

export interface ServerApi {
  /** @throws StripeApiError for each answer that is not 2xx, and when none came */
  call(request: ApiRequest): Promise<ApiResponse>
  /** One try, whose answer is read while it comes. @throws as `call` */
  open(request: Omit<ApiRequest, 'timeoutMs' | 'idempotencyKey'>): Promise<Response>
}

export interface ServerApiDeps {
  readonly address: ServerAddress
  readonly serverKey: string
  readonly fetch: typeof fetch
  readonly maxRetries: number
  readonly gate?: CallGate
  /** Rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  now(): number
  /** From 0 to 1. */
  random(): number
  /** A fresh random id. */
  newId(): string
}

const TIMEOUT_MS = 80_000
const NO_GATE: CallGate = { run: (work) => work() }
/** What only this file decides; a caller's value is passed over, as Slingr does. */
const OWN_HEADERS = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'transfer-encoding',
])

export function createServerApi(deps: ServerApiDeps): ServerApi {
  const { address, serverKey, maxRetries, gate = NO_GATE } = deps

  function init(request: ApiRequest, signal: AbortSignal | undefined): RequestInit {
    const { method, body, stripeAccount, automaticKey = true } = request
    const headers = new Headers({ accept: 'application/json' })
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      if (!OWN_HEADERS.has(name.toLowerCase())) headers.set(name, headerValue(name, value))
    }
    if (stripeAccount !== undefined)
      headers.set('stripe-account', headerValue('Stripe-Account', stripeAccount))
    const key = request.idempotencyKey ?? headers.get('idempotency-key')
    if (key !== null) headers.set('idempotency-key', idempotencyKey(key))
    else if (method === 'POST' && automaticKey) headers.set('idempotency-key', deps.newId())
    if (body?.kind === 'json') headers.set('content-type', 'application/json')
    if (body?.kind === 'form') headers.set('content-type', 'application/x-www-form-urlencoded')
    headers.set('authorization', `Bearer ${serverKey}`)
    return {
      method,
      headers,
      // Following a redirect would turn a POST into a GET, or carry the key elsewhere.
      redirect: 'manual',
      ...(body === undefined ? {} : { body: bodyInit(body) }),
      ...(signal === undefined ? {} : { signal }),
    }
  }

  async function tryOnce(
    request: ApiRequest,
    url: URL,
    first: RequestInit,
  ): Promise<ApiResponse | StripeApiError> {
    const { signal, timeoutMs = TIMEOUT_MS } = request
    const timeout = AbortSignal.timeout(timeoutMs)
    const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    try {
      const response = await deps.fetch(url, { ...first, signal: both })
      const headers = Object.fromEntries(response.headers)
      const body = await readBody(response)
      if (response.ok && !isForeign(response, body)) return { status: response.status, headers, body }
      return errorOfAnswer(response.status, headers, withoutKey(body))
    } catch (error) {
      signal?.throwIfAborted()
      return noAnswer(error, timeout.aborted ? timeoutMs : null)
    }
  }

  function noAnswer(error: unknown, timeoutMs: number | null): StripeApiError {
    return new StripeApiError({
      status: 0,
      type: 'api_connection_error',
      code: timeoutMs === null ? 'server_unreachable' : 'server_timeout',
      message:
        timeoutMs === null
          ? `The Tollbridge server at ${address.origin} cannot be reached: ${hideKey(reasonOf(error))}.`
          : `The Tollbridge server at ${address.origin} did not answer within ${timeoutMs} ms.`,
    })
  }

  function hideKey(text: string): string {
    return text.replaceAll(serverKey, '[server key]')
  }

  /** A proxy between may echo the request. */
  function withoutKey(body: unknown): unknown {
    const json = JSON.stringify(body) ?? 'null'
    return json.includes(serverKey) ? JSON.parse(hideKey(json)) : body
  }

  return {
    async call(request) {
      const { signal } = request
      const url = address.resolve(request.path)
      // Made once: every try carries the same Idempotency-Key.
      const first = init(request, undefined)
      for (let tries = 1; ; tries += 1) {
        const result = await gate.run(() => tryOnce(request, url, first), signal)
        if (!(result instanceof StripeApiError)) return result
        const { status, code } = result
        const { headers } = result.additionalInfo
        const failed =
          status < 300
            ? ({ kind: 'no_answer' } as const)
            : ({ kind: 'answer', status, code, headers } as const)
        const facts = { tries, maxRetries, now: deps.now(), random: deps.random() }
        const delay = retryDelay(failed, facts)
        if (delay === null) throw result
        await deps.sleep(delay, signal)
      }
    },

    async open(request) {
      const { signal } = request
      const url = address.resolve(request.path)
      const first = init(request, signal)
      try {
        const response = await deps.fetch(url, first)
        if (response.ok) return response
        const headers = Object.fromEntries(response.headers)
        throw errorOfAnswer(response.status, headers, withoutKey(await readBody(response)))
      } catch (error) {
        signal?.throwIfAborted()
        throw error instanceof StripeApiError ? error : noAnswer(error, null)
      }
    },
  }
}

function bodyInit(body: ApiBody): string | FormData {
  if (body.kind === 'json') return JSON.stringify(body.value)
  return body.kind === 'form' ? body.text : body.parts
}

/** What HTTP itself would refuse, said without repeating the value. */
function headerValue(name: string, value: string): string {
  if (typeof value === 'string' && value.length <= 8_192 && /^[\t\x20-\x7e]*$/.test(value)) return value
  throw new TypeError(
    `The header ${JSON.stringify(name)} must be a text of printable ASCII without line breaks.`,
  )
}

/** An empty one would count for none, and each try for a call of its own. */
function idempotencyKey(key: string): string {
  const value = headerValue('Idempotency-Key', key).trim()
  if (value !== '') return value
  throw new TypeError('The Idempotency-Key must not be empty: leave it out, and one is made for the call.')
}

/** undici says "fetch failed" and keeps the reason below. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  const code = (cause as NodeJS.ErrnoException).code
  return cause.message === '' ? (code ?? cause.name) : cause.message
}
