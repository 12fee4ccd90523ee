/** Plain HTTP against the product: JSON in, status, headers and JSON out. */
import type { Tollbridge } from './start-tollbridge.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: unknown
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls `/v1/…` with the server key unless told otherwise. */
export async function call(
  server: Pick<Tollbridge, 'url' | 'serverKey'>,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { body, key = server.serverKey, headers = {} } = options
  const method = options.method ?? (body === undefined ? 'GET' : 'POST')
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

/** A server key with these scopes and no others, made by the operator. */
export async function serverKeyWith(
  server: Pick<Tollbridge, 'url' | 'serverKey' | 'appId' | 'operatorKey'>,
  scopes: readonly string[],
): Promise<{ readonly id: string; readonly key: string }> {
  const path = `/v1/admin/apps/${server.appId}/server_keys`
  const { status, body } = await call(server, path, { key: server.operatorKey ?? '', body: { scopes } })
  if (status !== 201) throw new Error(`No key was made: ${JSON.stringify(body)}`)
  return { id: String(body['id']), key: String(body['server_key']) }
}

/** The seed's charge, with the client key unless told otherwise. */
export async function charge(
  server: Pick<Tollbridge, 'url' | 'appId' | 'clientKey'>,
  body: Readonly<Record<string, unknown>>,
  { key = server.clientKey, headers = {} }: Pick<CallOptions, 'key' | 'headers'> = {},
): Promise<Answer> {
  // A server's own key travels in a header; what stands in the path is the client key.
  const isServer = key.startsWith('tbk_')
  const path = `/${server.appId}/${isServer ? server.clientKey : key}/services/Stripe/charge`
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(isServer ? { authorization: `Bearer ${key}` } : {}),
      ...headers,
    },
    body: JSON.stringify(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

/** The code of an error in either shape: Stripe's, or the envelope of the Backendless surface. */
export function codeOf({ body }: Answer): unknown {
  const details = body['errorData'] ?? body['error']
  return typeof details === 'object' && details !== null
    ? (details as Record<string, unknown>)['code']
    : undefined
}
