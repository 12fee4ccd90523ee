/** Takes one API request from its raw text to its raw answer: key, form, idempotency, work, JSON. */

import type { Clock } from '../clock.ts'
import type { DeliveryLog } from '../delivery-log.ts'
import type { Engine } from '../engine.ts'
import { API_VERSION } from '../events.ts'
import { asOf } from '../resources/balance-transaction-object.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { AnyStored } from '../store/stored-objects.ts'
import { authenticate, type KeyKind, requireSecretKey } from './authenticate.ts'
import type { Call } from './call.ts'
import { expand } from './expand.ts'
import { decodeForm, type Form } from './form-encoding.ts'
import { checkKey, type IdempotencyKeys, requestFingerprint, type SavedAnswer } from './idempotency.ts'
import { list, readParams, text } from './params.ts'
import { publishableError, publishableView } from './publishable-view.ts'
import type { Route } from './route.ts'
import { StripeError } from './stripe-error.ts'

export interface ApiRequest {
  path: string
  query: string
  body: string
  contentType: string | undefined
  authorization: string | undefined
  idempotencyKey: string | undefined
  apiVersion: string | undefined
  /** From the path: `{id: 'ch_1'}`. */
  ids: Record<string, string>
  requestId: string
}

export interface ApiAnswer {
  status: number
  body: string
  headers: Record<string, string>
}

export interface ApiHandlerDeps {
  engine: Engine
  store: ObjectStore
  deliveries: Pick<DeliveryLog, 'pendingCount'>
  idempotencyKeys: IdempotencyKeys
  clock: Clock
  latencyMs: number
  reportFault(error: unknown): void
}

const EXPAND = { expand: list(text()) }

export function createApiHandler(deps: ApiHandlerDeps) {
  const { engine, store, idempotencyKeys, clock } = deps

  /** Answers the request; never rejects. */
  return async function handle(route: Route, request: ApiRequest): Promise<ApiAnswer> {
    const version = request.apiVersion ?? API_VERSION
    const headers: Record<string, string> = { 'request-id': request.requestId, 'stripe-version': version }
    try {
      const key = authenticate(request.authorization)
      if (route.access === 'secret') requireSecretKey(key)
      const form = readForm(route, request)
      if (route.method !== 'POST' || request.idempotencyKey === undefined) {
        return { ...(await execute(route, request, form, key)), headers }
      }
      headers['idempotency-key'] = request.idempotencyKey
      return await once(route, request, form, key, headers)
    } catch (error) {
      return { ...failure(error, request), headers: { ...headers, ...headersOf(error) } }
    }
  }

  /** Acts at most once per idempotency key. */
  async function once(
    route: Route,
    request: ApiRequest,
    form: Form,
    key: KeyKind,
    headers: Record<string, string>,
  ): Promise<ApiAnswer> {
    const idempotencyKey = request.idempotencyKey as string
    checkKey(idempotencyKey)
    const fingerprint = requestFingerprint(`${key} ${request.path}`, form)
    const saved = idempotencyKeys.claim(idempotencyKey, fingerprint, clock.now())
    if (saved) {
      const replay = { 'idempotent-replayed': 'true', 'original-request': saved.requestId }
      return { status: saved.status, body: saved.body, headers: { ...headers, ...replay } }
    }
    const save = (answer: { status: number; body: string }): void => {
      const record: SavedAnswer = { ...answer, requestId: request.requestId }
      idempotencyKeys.save(idempotencyKey, fingerprint, record, clock.now())
    }
    try {
      const answer = await execute(route, request, form, key, save)
      return { ...answer, headers: { ...headers, 'original-request': request.requestId } }
    } finally {
      idempotencyKeys.release(idempotencyKey)
    }
  }

  /** Checks the parameters, then works in one transaction; `save` keeps the answer once work has begun. */
  async function execute(
    route: Route,
    request: ApiRequest,
    form: Form,
    key: KeyKind,
    save?: (answer: { status: number; body: string }) => void,
  ): Promise<{ status: number; body: string }> {
    const { expand: paths = [] } = readParams(
      EXPAND,
      form['expand'] === undefined ? {} : { expand: form['expand'] },
    )
    const params = readParams({ ...EXPAND, ...route.params }, form)
    if (deps.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, deps.latencyMs))
    const caller = {
      requestId: request.requestId,
      idempotencyKey: request.idempotencyKey ?? null,
      apiVersion: request.apiVersion ?? '',
      publishable: key === 'publishable',
    }
    try {
      return engine.run(caller, (call) => {
        const reply = route.run(call, { params, ids: request.ids })
        const answer =
          'declined' in reply
            ? {
                status: 402,
                body: render({ error: call.publishable ? publishableError(reply.declined) : reply.declined }),
              }
            : { status: 200, body: render(present(reply.object, paths, call)) }
        save?.(answer)
        return answer
      })
    } catch (error) {
      const answer = failure(error, request, key)
      save?.(answer)
      return answer
    } finally {
      engine.runDue()
    }
  }

  function present(object: object, paths: string[], call: Call): object {
    const current = (stored: object): object => {
      const known = stored as AnyStored
      if (known.object === 'event')
        return { ...known, pending_webhooks: deps.deliveries.pendingCount(known.id) }
      return known.object === 'balance_transaction' ? asOf(known, call.now) : known
    }
    const page = object as { object?: string; data?: object[] }
    const shown = page.object === 'list' ? { ...page, data: page.data?.map(current) } : current(object)
    const find = (id: string): object | undefined => {
      const found = store.find(id)
      return found && current(found)
    }
    const expanded =
      paths.length > 0 ? expand(shown, paths, { ...store, find: find as ObjectStore['find'] }) : shown
    return call.publishable ? publishableView(expanded) : expanded
  }

  function failure(error: unknown, request: ApiRequest, key?: KeyKind): { status: number; body: string } {
    const known =
      error instanceof StripeError
        ? error
        : new StripeError(500, {
            type: 'api_error',
            message: 'An error occurred inside the sandbox. Its log has the details.',
          })
    if (known !== error) deps.reportFault(error)
    const log = `https://dashboard.stripe.com/test/logs/${request.requestId}?t=${Math.floor(clock.now() / 1000)}`
    const body = key === 'publishable' ? publishableError(known.body) : known.body
    return { status: known.status, body: render({ error: { ...body, request_log_url: log } }) }
  }
}

function readForm(route: Route, request: ApiRequest): Form {
  const query = decodeForm(request.query)
  if (route.method === 'GET' || request.body === '') return query
  const type = request.contentType?.split(';')[0]?.trim().toLowerCase()
  if (type !== undefined && type !== 'application/x-www-form-urlencoded') {
    throw new StripeError(400, {
      type: 'invalid_request_error',
      message:
        'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have questions, we can help at https://support.stripe.com/.',
    })
  }
  return { ...query, ...decodeForm(request.body) }
}

function headersOf(error: unknown): Record<string, string> {
  if (!(error instanceof StripeError)) return {}
  if (error.status === 409) return { 'stripe-should-retry': 'true' }
  return error.status === 401 ? { 'www-authenticate': 'Basic realm="Stripe"' } : {}
}

/** Indented, as Stripe answers. */
function render(body: object): string {
  return `${JSON.stringify(body, null, 2)}\n`
}
