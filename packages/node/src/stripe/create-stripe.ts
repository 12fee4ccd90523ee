/** Stripe's whole API under Slingr's names, through the server's passthrough: no secret key here. */
import type { CallOptions, ServerApi } from '../server-api.ts'
import { buildTree } from './build-tree.ts'
import { type GivenObject, readCallArguments, readGivenObject } from './call-arguments.ts'
import type { StripeConfiguration } from './configuration.ts'
import { encodeForm } from './encode-form.ts'
import { fileParts } from './file-parts.ts'
import { type Operation, parseOperations } from './operation-table.ts'
import { operations } from './operations.ts'
import { readRawPath } from './raw-path.ts'
import type { FullResponse, HttpOptions, RawCall } from './stripe-call.ts'
import type { StripeSections } from './stripe-sections.ts'
import type { StripeTree } from './stripe-tree.ts'

export interface RawCalls {
  readonly get: RawCall
  readonly post: RawCall
  readonly put: RawCall
  readonly patch: RawCall
  readonly delete: RawCall
}

export interface StripeDoor extends StripeSections, Omit<StripeTree, keyof StripeSections>, RawCalls {
  /** What Slingr's scripts read of an endpoint, without its secrets; filled by `ready()` or the first call. */
  readonly _configuration: StripeConfiguration
  readonly _name: string
}

export interface StripeDeps {
  readonly api: Pick<ServerApi, 'call'>
  readonly configuration: StripeConfiguration
  readonly name: string
  /** Makes `_configuration` readable after the first call; never rejects. */
  loadConfiguration(): Promise<unknown>
}

/** Where the server forwards Stripe's API. */
export const PASSTHROUGH = '/v1/stripe'

const RAW_METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

export function createStripe(deps: StripeDeps): StripeDoor {
  const { api, configuration } = deps

  async function send(method: string, path: string, query: string, name: string, given: GivenObject) {
    const request = requestOf(method, path, query, name, given)
    // At the same time: the first call of a process costs no more than the slower of the two.
    const [response] = await Promise.all([api.call(request), deps.loadConfiguration()])
    if (given.kind !== 'options' || given.options.fullResponse !== true) return response.body
    const { status, headers, body } = response
    return { status, headers, body } satisfies FullResponse<unknown>
  }

  async function runOperation(name: string, list: readonly Operation[], args: readonly unknown[]) {
    const counts = list.map(({ idCount }) => idCount).sort((a, b) => a - b)
    const { ids, given } = readCallArguments(name, counts, args)
    const operation = list.find(({ idCount }) => idCount === ids.length) as Operation
    return send(operation.method, fillIn(operation.path, ids), '', name, given)
  }

  async function runRaw(method: string, args: readonly unknown[]) {
    const [first, second] = args
    const given = readGivenObject(method, typeof first === 'string' ? second : first)
    const named = given.kind === 'options' ? given.options.path : undefined
    const { path, query } = readRawPath(method, typeof first === 'string' ? first : named)
    return send(method.toUpperCase(), path, query, method, given)
  }

  const raw = RAW_METHODS.map(
    (method) => [method, async (...args: readonly unknown[]) => runRaw(method, args)] as const,
  )
  return Object.freeze({
    ...buildTree(parseOperations(operations), runOperation),
    ...Object.fromEntries(raw),
    _configuration: configuration,
    _name: deps.name,
  }) as unknown as StripeDoor
}

/** @param ids encoded */
export function fillIn(path: string, ids: readonly string[]): string {
  let next = 0
  return path.replace(/:id/g, () => ids[next++] ?? '')
}

function requestOf(method: string, path: string, query: string, name: string, given: GivenObject) {
  const takesBody = method !== 'GET' && method !== 'DELETE'
  const options: HttpOptions =
    given.kind === 'options'
      ? given.options
      : takesBody
        ? { body: given.fields }
        : { params: given.fields ?? {} }
  const { params, body, headers } = options
  if (!takesBody && body !== undefined && body !== null)
    throw new TypeError(`${name} has no body: put its fields into params.`)
  const queries = [query, encodeForm(params ?? {})].filter((it) => it !== '')
  return {
    method,
    path: `${PASSTHROUGH}${path}${queries.length === 0 ? '' : `?${queries.join('&')}`}`,
    ...callOptions(options),
    ...(headers === undefined || headers === null ? {} : { headers }),
    ...(body === undefined || body === null ? {} : { body: bodyOf(method, path, name, body) }),
  }
}

function callOptions({ idempotencyKey, signal, timeoutMs }: HttpOptions): CallOptions {
  return {
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }
}

function bodyOf(method: string, path: string, name: string, body: unknown) {
  if (path.startsWith('/v2/')) return { kind: 'json', value: body } as const
  if (typeof body === 'string') return { kind: 'form', text: body } as const
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new TypeError(`The body of ${name} must be an object of fields, or a text in form encoding.`)
  const fields = body as Readonly<Record<string, unknown>>
  if (method === 'POST' && path === '/v1/files') return { kind: 'parts', parts: fileParts(fields) } as const
  return { kind: 'form', text: encodeForm(fields) } as const
}
