/** Calls the sandbox's API with a publishable key. */
import { formBody } from './form-body.ts'
import type { StripeJsError } from './stripe-js-error.ts'

export type ApiObject = Record<string, unknown> & { id: string; object: string }
export type ApiResult =
  | { object: ApiObject; error?: undefined }
  | { object?: undefined; error: StripeJsError }

export interface ApiClient {
  get(path: string, query?: Readonly<Record<string, unknown>>): Promise<ApiResult>
  post(path: string, fields: Readonly<Record<string, unknown>>): Promise<ApiResult>
}

export interface ApiClientOptions {
  /** Of the sandbox; '' inside its own frames. */
  origin: string
  key: string
  apiVersion?: string | undefined
}

/** The calls never reject: what goes wrong is the result's error. */
export function createApiClient({ origin, key, apiVersion }: ApiClientOptions): ApiClient {
  async function request(path: string, init: RequestInit): Promise<ApiResult> {
    const headers = { authorization: `Bearer ${key}`, ...(apiVersion && { 'stripe-version': apiVersion }) }
    try {
      const response = await fetch(`${origin}${path}`, { ...init, headers, credentials: 'omit' })
      const json = (await response.json()) as ApiObject & { error?: StripeJsError }
      return json.error ? { error: json.error } : { object: json }
    } catch (error) {
      return {
        error: {
          type: 'api_connection_error',
          message: `We are experiencing issues connecting to our payments provider. (The sandbox did not answer ${path}: ${String(error)})`,
        },
      }
    }
  }
  return {
    get: (path, query = {}) => request(`${path}?${formBody(query)}`, { method: 'GET' }),
    post: (path, fields) => request(path, { method: 'POST', body: formBody(fields) }),
  }
}
