/** Speaks to the admin API as an operator's own script would. */

export type Json = Readonly<Record<string, unknown>>

export interface AdminAnswer {
  readonly status: number
  readonly body: Json
  readonly text: string
}

export type AdminClient = (method: string, path: string, body?: unknown) => Promise<AdminAnswer>

export function adminClient(url: string, key: string): AdminClient {
  return async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: JSON.parse(text) as Json, text }
  }
}

export function errorOf({ body }: AdminAnswer): Json {
  return body['error'] as Json
}

export function dataOf({ body }: AdminAnswer): readonly Json[] {
  return body['data'] as readonly Json[]
}
