/** Who a page is: its session token, its tab, and the origin that the session was made for. */
import type { IncomingHttpHeaders } from 'node:http'
import type { UiSession, UiSessionTokens } from '../access/ui-session-token.ts'
import { ServiceError } from '../errors.ts'
import type { UiPage } from '../store/ui-message-store.ts'

/** A page whose token and origin were checked. */
export interface PageCaller {
  readonly session: UiSession
  readonly page: UiPage
}

export interface PageProof {
  readonly token: unknown
  readonly tab: unknown
  readonly headers: IncomingHttpHeaders
}

/** Throws `ui_session_invalid`, `ui_session_expired` or `origin_refused`. */
export type ReadPageCaller = (proof: PageProof) => Promise<PageCaller>

/** Long and random enough that nobody guesses another one's. */
export const TAB_ID = /^tab_[A-Za-z0-9_-]{16,64}$/

export function createReadPageCaller(tokens: Pick<UiSessionTokens, 'read'>): ReadPageCaller {
  return async ({ token, tab, headers }) => {
    if (typeof token !== 'string' || token === '') {
      throw invalid('No session was shown: send the header Tollbridge-Ui-Session with the token.')
    }
    const read = await tokens.read(token)
    if (read.outcome === 'expired') {
      throw new ServiceError('ui_session_expired', {
        message: 'The session of this page has expired; ask the app’s server for a new token.',
      })
    }
    if (read.outcome !== 'valid') {
      throw invalid('The session token is not one of this server; ask the app’s server for a new one.')
    }
    const { session } = read
    if (!isFrom(session.origins, headers)) {
      throw new ServiceError('origin_refused', {
        message: 'This page’s origin is none of those that its session was made for.',
      })
    }
    if (typeof tab !== 'string' || !TAB_ID.test(tab)) {
      throw invalid(
        'The tab has no id: send the header Tollbridge-Tab with tab_ and 16 to 64 random characters.',
      )
    }
    return { session, page: { user: session.user, tab, session: session.id } }
  }
}

/**
 * Browsers send `Origin` with every request to another origin and with every POST. What comes without it reads from its
 * own origin, or is no browser and could say what it likes: then the page's address has to fit, or the server's own.
 */
function isFrom(origins: readonly string[], headers: IncomingHttpHeaders): boolean {
  if (origins.includes('*')) return true
  if (headers.origin !== undefined) return origins.includes(headers.origin)
  if (headers.referer !== undefined) return origins.includes(originOf(headers.referer) ?? '')
  if (headers['sec-fetch-site'] !== 'same-origin') return false
  return origins.some((origin) => originOf(origin) !== null && new URL(origin).host === headers.host)
}

export function originOf(address: string): string | null {
  try {
    const { origin } = new URL(address)
    return origin === 'null' ? null : origin
  } catch {
    return null
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('ui_session_invalid', { message })
}
