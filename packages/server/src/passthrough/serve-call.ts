/** One call from an app's server to Stripe and back, streamed both ways. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { AppDirectory } from '../access/app-directory.ts'
import type { AppId } from '../access/principal.ts'
import type { Log } from '../log.ts'
import type { Forwarded, StripeAnswer, StripeForwarder } from '../stripe/stripe-forwarder.ts'
import { type Caller, callerOf, type Surface } from './caller.ts'
import { answerWithError, asServiceError } from './error-answer.ts'
import { type IdempotencyKey, idempotencyKeyFor } from './idempotency.ts'
import { headersFromStripe, headersToStripe } from './pick-headers.ts'
import { readCallBody } from './request-body.ts'
import { parseStripePath, type StripePath } from './stripe-path.ts'

export interface ServeCallDeps {
  readonly directory: Pick<AppDirectory, 'identifyAnywhere'>
  /** Throws `app_not_activated` or `secret_unavailable`. */
  forwarderFor(appId: AppId): StripeForwarder
  readonly log: Pick<Log, 'error' | 'debug'>
  newId(): string
}

export interface IncomingCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Path and query as Stripe would see them, such as `/v1/customers?limit=3`. */
  readonly url: string
  readonly surface: Surface
  readonly requestId: string
}

/** Answers the call; never rejects. */
export type ServeCall = (incoming: IncomingCall) => Promise<void>

export function createServeCall(deps: ServeCallDeps): ServeCall {
  const { directory, log, newId } = deps

  async function serve({ request, response, url, surface }: IncomingCall): Promise<void> {
    const method = request.method ?? 'GET'
    const caller = callerOf(request.headers.authorization, directory, surface)
    const path = parseStripePath(url)
    const forwarder = deps.forwarderFor(caller.appId)
    const key = keyOf(request, method, path, caller)
    const leaving = abortOnLeave(response)
    const body = await readCallBody(request)
    const forwarded = await forwarder.forward({
      method,
      path: path.target,
      headers: {
        ...headersToStripe(request.headers),
        ...(key === null ? {} : { 'idempotency-key': key.sent }),
      },
      body: body.content,
      isRepeatable: method === 'GET' || method === 'HEAD' || key !== null,
      signal: leaving,
    })
    await passBack(forwarded, key, response)
  }

  function keyOf(
    request: IncomingMessage,
    method: string,
    path: StripePath,
    caller: Caller,
  ): IdempotencyKey | null {
    const header = request.headers['idempotency-key']
    const given = typeof header === 'string' && header !== '' ? header : null
    return idempotencyKeyFor({ method, path: path.text, given }, caller, newId)
  }

  return async (incoming) => {
    const { request, response, requestId } = incoming
    try {
      await serve(incoming)
    } catch (error) {
      answerWithError(request, response, asServiceError(error, requestId, log), {
        requestId,
        shouldRetry: null,
      })
    }
  }
}

async function passBack(
  forwarded: Forwarded,
  key: IdempotencyKey | null,
  response: ServerResponse,
): Promise<void> {
  if (forwarded.outcome !== 'answered') throw forwarded.error
  const { answer } = forwarded
  response.writeHead(answer.status, headersFromStripe(withGivenKey(answer, key)))
  await pipeline(answer.body, response).catch(() => {})
}

/** Stripe repeats the key; the caller shall find its own. */
function withGivenKey({ headers }: StripeAnswer, key: IdempotencyKey | null) {
  const given = key?.given ?? null
  if (given === null) return headers
  return headers.map(([name, value]) =>
    name.toLowerCase() === 'idempotency-key' ? ([name, given] as const) : ([name, value] as const),
  )
}

/** Who goes away before the whole answer is there wants no more of it. */
function abortOnLeave(response: ServerResponse): AbortSignal {
  const leaving = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort()
  })
  return leaving.signal
}
