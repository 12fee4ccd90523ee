/** What a page does with messages from the app's own server. PROTOCOL.md §7. */
import type { Page } from '../page.ts'
import type { Memory } from '../payments/memory.ts'
import type { Following } from '../sse/follow-stream.ts'
import type { BrowserPlugin, OriginalMessage } from '../ui/browser-plugin.ts'
import { connectUi } from './connect-ui.ts'
import { createUiSession, type SessionSource, type UiHeaders, type UiSession } from './ui-session.ts'

export interface ConnectOptions {
  /** A token that the app's server made (`tollbridge.ui.createSession`), or a function that fetches one whenever needed. */
  readonly session: SessionSource
  /**
   * Hears what went wrong: an answer that the app's server cannot get (`ui_callback_gone`, …), of which the shopper is
   * told too, or a session that is of no use, with no message. Without it errors go to `reportError`.
   */
  readonly onError?: ((error: unknown, message: OriginalMessage | null) => void) | undefined
}

export interface UiRemote {
  /** Receives messages until it is closed; dialogs of theirs that are open close with it. The last call counts. */
  connect(options: ConnectOptions): Following
  /**
   * Headers for requests to the app's own server, so that it can send to this very tab (`target: 'caller'`).
   * Empty before `connect`. Rejects when no token can be had.
   */
  headers(): Promise<UiHeaders | Record<string, never>>
}

export function createUiRemote(
  page: Page,
  plugins: ReadonlyMap<string, BrowserPlugin>,
  memory: Memory,
): UiRemote {
  let session: UiSession | undefined
  let open: Following | undefined
  return {
    connect({ session: source, onError = reportError }) {
      open?.close()
      session = createUiSession(page.api, memory, source)
      open = connectUi({ page, plugins, memory, session, onError })
      return open
    },
    headers: async () => session?.headers() ?? {},
  }
}
