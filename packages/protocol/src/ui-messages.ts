/** Messages to the page (Slingr's shape): what server, page and the app's own server say to each other. PROTOCOL.md §7. */

/** Who gets a message that a server sends. `allUsers` is refused. */
export type UiTarget = 'caller' | 'users'

/** Fields of a message that belong to the envelope; every other one comes back in the original message. */
export const UI_ENVELOPE_FIELDS = [
  'scope',
  'name',
  'data',
  'callbacks',
  'target',
  'targetUsers',
  'caller',
  'ttlMs',
] as const

/** A message as the page gets it from the server: names of callbacks, never functions. */
export interface PageMessage {
  /** `uim_…` */
  readonly id: string
  /** Such as `plugin:stripe`. */
  readonly scope: string
  /** Such as `collectPaymentInformation`. */
  readonly name: string
  readonly data: unknown
  /** The callbacks that the sender declared, in his order. */
  readonly callbackNames: readonly string[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** The sender's other top-level fields. */
  readonly extras: Readonly<Record<string, unknown>>
}

/** Why a message that a page holds is over for it. */
export type PageMessageEnd = 'claimed' | 'settled' | 'canceled' | 'expired'

/** What a page posts back, and nothing else. */
export interface PageCallback {
  readonly id: string
  readonly callback: string
  readonly data: unknown
}

/** A plugin's functions, with the callbacks that each may run; all of them end the message. */
export const uiPlugins = {
  stripe: {
    collectPaymentInformation: ['onSuccess', 'onFail', 'onCancel'],
    handleCardAction: ['cardActionCallback', 'onSuccess', 'onFail'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** @returns the callbacks of a plugin's function, or null where there is no such plugin or function. */
export function callbacksOf(scope: string, name: string): readonly string[] | null {
  const plugin = /^plugin:(\w+)$/.exec(scope)?.[1] ?? ''
  const functions = own(uiPlugins, plugin)
  return functions === undefined ? null : (own(functions, name) ?? null)
}

function own<T>(of: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined
}
