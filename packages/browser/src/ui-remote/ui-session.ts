/** The session of a page: its token, made anew when it is over, and the requests that show it. */

import type { PageApi, PageRequest } from '../page-api.ts'
import type { Memory } from '../payments/memory.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import { takeTabId } from './tab-id.ts'

/** A token of `POST /v1/ui/sessions`, or how to get one from the app's own server, each time when one is needed. */
export type SessionSource = string | (() => string | Promise<string>)

/** The two headers by which the app's server knows which tab asks. */
export type UiHeaders = Readonly<Record<'Tollbridge-Ui-Session' | 'Tollbridge-Tab', string>>

export interface UiSession {
  /** @throws what the page's own function throws */
  headers(): Promise<UiHeaders>
  /** As PageApi.open, once more with a new token where the server no longer takes the old one. */
  open(method: string, path: string, options?: PageRequest): Promise<Response>
  /** The next request asks for a new token. */
  forget(): void
}

/** Longer than a request takes to reach the app's server and from there us. */
const SOON_MS = 30_000

let tab: Promise<string> | undefined

export function createUiSession(api: PageApi, memory: Memory, source: SessionSource): UiSession {
  let token: Promise<string> | undefined

  function current(): Promise<string> {
    if (typeof source === 'string') return Promise.resolve(source)
    if (token) return token
    const asked = Promise.resolve().then(source)
    token = asked
    // Another try, should it fail.
    asked.catch(() => {
      if (token === asked) token = undefined
    })
    return asked
  }

  const session: UiSession = {
    async headers() {
      // One for the page, however many of us are in it.
      tab ??= takeTabId(memory, navigator.locks)
      if (token && expiresSoon(await current())) session.forget()
      return { 'Tollbridge-Ui-Session': await current(), 'Tollbridge-Tab': await tab }
    },
    async open(method, path, options) {
      const ask = async () =>
        api.open(method, path, { ...options, headers: { ...options?.headers, ...(await session.headers()) } })
      try {
        return await ask()
      } catch (error) {
        if (typeof source === 'string' || !isOver((error as TollbridgeError).code)) throw error
        session.forget()
        return ask()
      }
    },
    forget() {
      token = undefined
    },
  }
  return session
}

export function isOver(code: unknown): boolean {
  return code === 'ui_session_expired' || code === 'ui_session_invalid'
}

/** Read without being checked: that is the server's to do. */
function expiresSoon(token: string): boolean {
  try {
    const claims = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    return Number(JSON.parse(claims).exp) * 1_000 < Date.now() + SOON_MS
  } catch {
    return false
  }
}
