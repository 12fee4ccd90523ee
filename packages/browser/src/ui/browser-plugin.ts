/** What a plugin of the page is: named functions that show something, and end with one of their callbacks. */
import type { Page } from '../page.ts'

/** A message as its callbacks get it back: all that was sent, but the callbacks themselves. */
export interface OriginalMessage {
  readonly id: string
  /** Such as `plugin:stripe`. */
  readonly scope: string
  readonly name: string
  /** As sent; a plugin reads it as it reads any stranger's. */
  readonly data: unknown
  readonly [extra: string]: unknown
}

/** What a function of a plugin may do. */
export interface PluginApi {
  /**
   * Runs a callback of the message, in the page or on the app's server. Take everything off the screen before: the next
   * dialog may open. One that the sender did not declare ends the message all the same. Only the first call counts.
   */
  callback(message: OriginalMessage, name: string, data?: unknown): Promise<void>
  /** Whether the sender declared that callback. */
  declares(name: string): boolean
  /** Aborted when the message is over for this page: take everything away, and run no callback. */
  readonly signal: AbortSignal
  readonly page: Page
}

export interface PluginFunction {
  /** Names that a sender may declare; each of them ends the message. */
  readonly callbacks: readonly string[]
  /** Which of them gets `{error}` when `run` throws. */
  readonly onThrow: string
  /** Resolves when nothing of it is on the screen any more. */
  run(message: OriginalMessage, api: PluginApi): Promise<void>
}

export interface BrowserPlugin {
  /** Letters, digits and `_`: the part of the scope behind `plugin:`. */
  readonly name: string
  readonly functions: Readonly<Record<string, PluginFunction>>
}
