/** The shapes of messages to the page, in Slingr's words. */

export interface UiMessage<D = unknown> {
  /** Such as `plugin:stripe`. */
  readonly scope: string
  /** Such as `collectPaymentInformation`. */
  readonly name: string
  readonly data?: D
  /** By the callback's name: a function of this process, the name of a registered one, or that with data for it. */
  readonly callbacks?: Readonly<Record<string, UiCallbackRef>>
  /** `caller`, the default: the tab whose request is being answered. `users`: every tab of `targetUsers`. */
  readonly target?: 'caller' | 'users'
  readonly targetUsers?: readonly string[]
  /** Comes back in the original message. */
  readonly [extra: string]: unknown
}

export interface OriginalMessage<D = unknown> {
  /** `uim_…` */
  readonly id: string
  readonly scope: string
  readonly name: string
  readonly data: D
  readonly [extra: string]: unknown
}

export interface CallbackContext {
  /** `uim_…` */
  readonly messageId: string
  /** The name that ran. */
  readonly callback: string
  /** Whose page answered, or had it open where Stripe told the end without an answer. */
  readonly user: { readonly id: string } | null
  /** `uis_…`; null: no page had it open. */
  readonly sessionId: string | null
  /** The tab; null: no page had it open, and it was for none in particular. */
  readonly connectionId: string | null
  /** Whether Stripe itself confirmed the data; a page's word alone is never taken for a success. */
  readonly verified: boolean
  /** What a registered callback was sent with. */
  readonly data: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: what a message holds and a page answers, the message's author knows.
type Known = any

/**
 * Runs when the page answers, at least once: after a crash in the middle it runs again, so let what it does bear that.
 * @param data for `plugin:stripe`: `{setupIntent}`, `{paymentIntent}` or `{error}`, and the same below `result`
 */
export type UiCallback = (message: OriginalMessage<Known>, data: Known, context: CallbackContext) => unknown

export type UiCallbackRef = UiCallback | string | { readonly handler: string; readonly data?: unknown } | null

export interface SendOptions {
  /** How long the message waits for an answer; 30 minutes unless named. */
  readonly ttlMs?: number
  /** What to do when nobody can get it: `report` tells `onError`, which is the default; `throw` rejects. */
  readonly onUndeliverable?: 'throw' | 'report'
  /** Makes a repeat of the call the same message. */
  readonly idempotencyKey?: string
}

/** How a message ended. */
export type Settled =
  | { readonly callback: string; readonly data: unknown; readonly verified: boolean }
  | { readonly expired: true }
  | { readonly canceled: true }
  | { readonly undeliverable: true }

export interface SendReceipt {
  /** `uim_…` */
  readonly id: string
  readonly status: 'queued' | 'delivered' | 'undeliverable'
  /** Tabs that are connected now. */
  readonly recipients: number
  /** Seconds since the epoch. */
  readonly expires_at: number
  /** Resolves when the message has ended; never rejects, and stays open when `close()` comes first. */
  readonly settled: Promise<Settled>
}

/** A message as GET /v1/ui/messages/:id answers it. Times in seconds since the epoch. */
export interface UiMessageState {
  readonly object: 'ui_message'
  readonly id: string
  /** `ending`: over for every page, while Stripe is asked how the card or the payment ended. */
  readonly status:
    | 'queued'
    | 'delivered'
    | 'claimed'
    | 'ending'
    | 'settled'
    | 'canceled'
    | 'expired'
    | 'undeliverable'
  readonly expires_at: number
  readonly callback: { readonly name: string; readonly verified: boolean; readonly data: unknown } | null
  readonly handler: {
    readonly name: string | null
    readonly outcome: 'pending' | 'done' | 'failed'
    readonly error: string | null
  } | null
  readonly [field: string]: unknown
}

/** What the page shows with each request: `Tollbridge-Ui-Session`. */
export interface UiSession {
  readonly object: 'ui_session'
  /** `uis_…` */
  readonly id: string
  readonly user: string
  /** For the page. */
  readonly token: string
  /** Seconds since the epoch. */
  readonly expires_at: number
}

/** A callback as listeners get it, in Slingr's shape. */
export interface PluginEvent {
  readonly type: 'PLUGIN'
  readonly date: Date
  readonly plugin: string
  /** The callback's name: `plugin:stripe` raises no events of its own. */
  readonly event: string
  readonly callback: string
  readonly data: { readonly originalMessage: OriginalMessage; readonly callbackData: unknown }
  readonly context: CallbackContext
}
