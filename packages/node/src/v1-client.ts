/** Calls of the server's own routes, with arguments in our names and answers as the server gives them. */
import { createList, type List, type Page } from './auto-paging.ts'
import type { CallOptions, ServerApi } from './server-api.ts'
import { encodeForm } from './stripe/encode-form.ts'
import { wireFields } from './wire-fields.ts'

export interface V1Client {
  get<T>(path: string, options?: CallOptions): Promise<T>
  post<T>(path: string, fields: object, options?: PostOptions): Promise<T>
  delete<T>(path: string, options?: CallOptions): Promise<T>
  /** @param nextPage the query that continues behind an entry */
  list<T>(path: string, query: object, nextPage: (last: T) => object, options?: CallOptions): List<T>
}

export interface PostOptions extends CallOptions {
  readonly automaticKey?: boolean
}

export function createV1Client(api: Pick<ServerApi, 'call'>): V1Client {
  async function call<T>(request: Parameters<ServerApi['call']>[0]): Promise<T> {
    return (await api.call(request)).body as T
  }

  return {
    get: (path, options = {}) => call({ ...options, method: 'GET', path }),
    post: (path, fields, options = {}) =>
      call({ ...options, method: 'POST', path, body: { kind: 'json', value: wireFields(fields) } }),
    delete: (path, options = {}) => call({ ...options, method: 'DELETE', path }),
    list: <T>(path: string, query: object, nextPage: (last: T) => object, options: CallOptions = {}) =>
      createList<T>((last) => {
        const fields = encodeForm(wireFields(last === undefined ? query : { ...query, ...nextPage(last) }))
        return call<Page<T>>({ ...options, method: 'GET', path: fields === '' ? path : `${path}?${fields}` })
      }),
  }
}

/** @param what for the message. Throws TypeError for what is no id, so that no other route is reached by mistake. */
export function idInPath(what: string, id: string): string {
  if (typeof id === 'string' && /^\w{1,255}$/.test(id)) return id
  throw new TypeError(
    `The id of ${what} must be a text such as "pi_1", not ${JSON.stringify(id)?.slice(0, 80)}.`,
  )
}
