/** Remembers, for the time of a request, which tab it came from, so that `target: 'caller'` means that tab. */
import { AsyncLocalStorage } from 'node:async_hooks'

/** The headers of the page's own request, whose token the server checks; in a callback, who answered. */
export type Caller =
  | { readonly session: string; readonly tab: string }
  | { readonly user: string; readonly tab: string }

/** A request of node:http, Express or Fastify, a fetch Request, or its headers alone. */
export type RequestLike =
  | Headers
  | { readonly headers: Headers | Readonly<Record<string, unknown>> }
  | Readonly<Record<string, unknown>>

export interface CallerContext {
  current(): Caller | null
  /** Runs `fn`, and all that it awaits, as that caller; null: nobody's request. */
  run<T>(caller: Caller | null, fn: () => T): T
}

export function createCallerContext(): CallerContext {
  const storage = new AsyncLocalStorage<Caller | null>()
  return {
    current: () => storage.getStore() ?? null,
    run: (caller, fn) => storage.run(caller, fn),
  }
}

/** @returns null when the request carries not both headers, or carries them in another form */
export function callerOf(request: RequestLike): Caller | null {
  const headers = 'headers' in request ? request.headers : request
  const session = headerOf(headers, 'Tollbridge-Ui-Session')
  const tab = headerOf(headers, 'Tollbridge-Tab')
  if (session === null || !/^[\w.~-]{1,4096}$/.test(session)) return null
  if (tab === null || !/^tab_[\w-]{16,64}$/.test(tab)) return null
  return { session, tab }
}

function headerOf(headers: unknown, name: string): string | null {
  if (headers instanceof Headers) return headers.get(name)
  const wanted = name.toLowerCase()
  const entries = typeof headers === 'object' && headers !== null ? Object.entries(headers) : []
  const value = entries.find(([key]) => key.toLowerCase() === wanted)?.[1]
  return typeof value === 'string' ? value : null
}
