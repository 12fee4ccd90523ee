/** The message bus of the page: a message goes to its plugin, and its callbacks run right here. */
import type { Page } from '../page.ts'
import { misuse } from '../tollbridge-error.ts'
import type { UiRemote } from '../ui-remote/ui-remote.ts'
import type { BrowserPlugin, OriginalMessage } from './browser-plugin.ts'
import { findFunction, runMessage } from './run-message.ts'

/** Runs in the page, with the message that was sent and what the plugin has to say. */
// biome-ignore lint/suspicious/noExplicitAny: a callback knows what its own message holds
export type LocalCallback = (originalMessage: any, callbackData: any) => unknown

export interface MessageBody {
  readonly name: string
  readonly data?: unknown
  readonly callbacks?: Readonly<Record<string, LocalCallback>> | undefined
  /** Whatever else there is comes back in the original message. */
  readonly [extra: string]: unknown
}

export interface UiMessage extends MessageBody {
  readonly scope: `plugin:${string}`
}

export interface PluginMessage extends MessageBody {
  readonly plugin: string
}

export interface LocalRun {
  readonly id: string
  /** The callback that ended the message, after it ran; `callback: null` when it was closed. Never rejects. */
  readonly settled: Promise<{ readonly callback: string | null; readonly data: unknown }>
  /** Takes the message's dialog away, or its place in the queue; no callback runs. */
  close(): void
}

export interface Ui extends UiRemote {
  /**
   * Sends a message to a plugin of this page; at once, or after the dialogs before it.
   * @throws TollbridgeError for an unknown plugin or function, and for callbacks that are no functions
   */
  sendMessage(message: UiMessage): LocalRun
  /** The same, with `plugin: 'stripe'` in place of `scope: 'plugin:stripe'`. */
  sendPluginMessage(message: PluginMessage): LocalRun
  /** Adds a plugin of the page's own. */
  use(plugin: BrowserPlugin): Ui
}

let lastId = 0

export function createUi(page: Page, plugins: Map<string, BrowserPlugin>, remote: UiRemote): Ui {
  function send(scope: unknown, given: MessageBody): LocalRun {
    const { callbacks, ...rest } = given
    const handlers = checkCallbacks(callbacks)
    const id = `uim_page_${++lastId}`
    // A copy of its own: what the page changes later is not what was sent.
    const message = { data: undefined, ...copied(rest), id, scope } as OriginalMessage
    findFunction(plugins, message)
    const abort = new AbortController()
    let outcome: { callback: string | null; data: unknown } = { callback: null, data: null }
    const run = {
      message,
      declared: [...handlers.keys()],
      signal: abort.signal,
      async callback(name: string, data: unknown) {
        outcome = { callback: name, data }
        try {
          await handlers.get(name)?.(message, data)
        } catch (error) {
          // The page's own code failed; the message has ended all the same.
          reportError(error)
        }
      },
    }
    const settled = runMessage({ plugins, page }, run)
      .catch(reportError)
      .then(() => outcome)
    return { id, settled, close: () => abort.abort() }
  }

  const ui: Ui = {
    ...remote,
    sendMessage: (message) => send(message.scope, message),
    sendPluginMessage: (message) => send(`plugin:${message.plugin}`, message),
    use(plugin) {
      plugins.set(plugin.name, plugin)
      return ui
    },
  }
  return ui
}

function checkCallbacks(callbacks: MessageBody['callbacks']): Map<string, LocalCallback> {
  const given = Object.entries(callbacks ?? {})
  for (const [name, callback] of given) {
    if (typeof callback !== 'function')
      throw misuse('parameter_invalid', `callbacks.${name} must be a function.`, `callbacks.${name}`)
  }
  return new Map(given)
}

function copied<T>(value: T): T {
  try {
    return structuredClone(value)
  } catch {
    // It holds what cannot be copied, such as a function or a node: then it is passed as it is.
    return value
  }
}
