/** One call from an app's server to Stripe and back: who, whether, written down, sent, and passed back as it comes. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppDirectory } from '../access/app-directory.ts'
import type { AppId } from '../access/principal.ts'
import { holdsSecretKey } from '../access/secret-keys-in-text.ts'
import { ServiceError } from '../errors.ts'
import { secretKeyInAddress } from '../http/keys-in-address.ts'
import type { Log } from '../log.ts'
import type { Forwarded, StripeForwarder } from '../stripe/stripe-forwarder.ts'
import type { BodyHead } from './body-fields.ts'
import type { CallRecorder, Ending } from './call-record.ts'
import { type Caller, callerOf, type Surface } from './caller.ts'
import type { CardNumbers } from './carries-card.ts'
import { isCharging } from './charging-calls.ts'
import { answerWithError, asServiceError } from './error-answer.ts'
import { type IdempotencyKey, idempotencyKeyFor } from './idempotency.ts'
import type { KeyRulesService } from './key-rules.ts'
import { passBack } from './pass-back.ts'
import { headersToStripe } from './pick-headers.ts'
import { refuseCardInBody, refuseCardInPath } from './refuse-card-numbers.ts'
import { type CallBody, isFileUpload, readCallBody } from './request-body.ts'
import { parseStripePath, type StripePath } from './stripe-path.ts'

export const PASSED_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export interface ServeCallDeps {
  readonly directory: Pick<AppDirectory, 'identifyAnywhere'>
  readonly keyRules: Pick<KeyRulesService, 'assertAllowed'>
  /** Throws `charges_stopped` while the operator's brake is on. */
  assertChargesGoOn(appId: AppId): Promise<void>
  readonly cards: CardNumbers
  readonly recorder: CallRecorder
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

interface Call {
  readonly method: string
  readonly path: StripePath
  readonly caller: Caller
  readonly key: IdempotencyKey | null
  readonly forwarder: StripeForwarder
}

export function createServeCall(deps: ServeCallDeps): ServeCall {
  const { directory, keyRules, recorder, log, newId } = deps

  function read({ request, url, surface }: IncomingCall): Call {
    const method = request.method ?? 'GET'
    if (!(PASSED_METHODS as readonly string[]).includes(method)) {
      throw new ServiceError('route_unknown', { message: `Stripe’s API has no method ${method}.` })
    }
    // Stripe would log it, and repeat it in its answer.
    if (holdsSecretKey(url)) throw secretKeyInAddress()
    const caller = callerOf(request.headers.authorization, directory, surface)
    const path = parseStripePath(url)
    refuseCardInPath(path, deps.cards)
    const given = headerOf(request, 'idempotency-key')
    const key = idempotencyKeyFor({ method, path: path.text, given }, caller, newId)
    return { method, path, caller, key, forwarder: deps.forwarderFor(caller.appId) }
  }

  /** @returns the body of a call that may be made. Throws what refuses it, and writes that down. */
  async function admit(request: IncomingMessage, call: Call): Promise<CallBody> {
    const { method, path, caller } = call
    try {
      await keyRules.assertAllowed(caller, method, path.text)
      if (isCharging(method, path.text)) await deps.assertChargesGoOn(caller.appId)
      const body = await readCallBody(request, { isFile: isFileUpload(method, path.text) })
      if (body.content instanceof Uint8Array)
        await refuseCardInBody(body.content, headOf(request), deps.cards)
      return body
    } catch (error) {
      if (error instanceof ServiceError) {
        recorder.refused(factsOf(request, call), { status: error.row.status, error: error.code })
      }
      throw error
    }
  }

  async function send(incoming: IncomingCall, call: Call, body: CallBody): Promise<void> {
    const { request, response, requestId } = incoming
    const { method, path, key } = call
    const note = await recorder.begin(factsOf(request, call))
    const leaving = abortOnLeave(response)
    const forwarded = await call.forwarder.forward({
      method,
      path: path.target,
      headers: {
        ...headersToStripe(request.headers),
        ...(key === null ? {} : { 'idempotency-key': key.sent }),
      },
      body: body.content,
      isRepeatable: isRead(method) || key !== null,
      signal: leaving,
    })
    const end =
      forwarded.outcome === 'answered'
        ? await passBack(forwarded.answer, key, { request, response, requestId, log })
        : failed(incoming, call, forwarded, leaving.aborted)
    note({ ...end, bytesSent: body.bytes() })
  }

  function failed(
    { request, response, requestId }: IncomingCall,
    { method, key }: Call,
    { outcome, error }: Exclude<Forwarded, { readonly outcome: 'answered' }>,
    hasLeft: boolean,
  ): Ending {
    const end = { outcome, stripeRequestId: null, bytesSent: 0, bytesReceived: 0 } as const
    if (hasLeft) return { ...end, status: null, error: null }
    const failure = asServiceError(error, requestId, log)
    // What Stripe may have done under a key that only we know would be done twice by a repeat.
    const shouldRetry = outcome === 'not_sent' || isRead(method) || (key?.given ?? null) !== null
    answerWithError(request, response, failure, { requestId, shouldRetry })
    return { ...end, status: failure.row.status, error: failure.code }
  }

  return async (incoming) => {
    const { request, response, requestId } = incoming
    try {
      const call = read(incoming)
      await send(incoming, call, await admit(request, call))
    } catch (error) {
      const failure = asServiceError(error, requestId, log)
      answerWithError(request, response, failure, { requestId, shouldRetry: null })
    }
    log.debug({ requestId, method: request.method, status: response.statusCode }, 'passed a call to Stripe')
  }
}

function factsOf(request: IncomingMessage, { method, path, caller, key }: Call) {
  return {
    appId: caller.appId,
    keyId: caller.keyId,
    method,
    path: path.text,
    account: headerOf(request, 'stripe-account')?.slice(0, 255) ?? null,
    idempotencyKey: key?.sent ?? null,
  }
}

function headOf(request: IncomingMessage): BodyHead {
  return {
    contentType: headerOf(request, 'content-type') ?? '',
    contentEncoding: headerOf(request, 'content-encoding') ?? '',
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Who goes away before the whole answer is there wants no more of it. */
function abortOnLeave(response: ServerResponse): AbortSignal {
  const leaving = new AbortController()
  if (response.destroyed) leaving.abort()
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort()
  })
  return leaving.signal
}
