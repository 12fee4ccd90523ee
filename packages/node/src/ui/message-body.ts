/** The body of POST /v1/ui/messages, checked where the server could not see the mistake any more. */
import type { Caller } from './caller.ts'
import type { SendOptions, UiMessage } from './messages.ts'
import type { WireRef } from './sent-messages.ts'

/** Throws TypeError for what is no message, and for functions outside of callbacks, which JSON would drop. */
export function checkMessage(message: UiMessage): void {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new TypeError(
      'A message must be an object such as {scope: "plugin:stripe", name, data, callbacks}.',
    )
  for (const field of ['scope', 'name'] as const) {
    if (typeof message[field] !== 'string')
      throw new TypeError(`The field ${field} of a message must be a text.`)
  }
  const { callbacks, ...rest } = message
  if (
    callbacks !== undefined &&
    callbacks !== null &&
    (typeof callbacks !== 'object' || Array.isArray(callbacks))
  )
    throw new TypeError('The field callbacks of a message must be an object of functions and names.')
  refuseFunctions(rest, 'message', 0)
}

/** @param message checked */
export function messageBody(
  message: UiMessage,
  callbacks: Readonly<Record<string, WireRef>> | undefined,
  caller: Caller | null,
  { ttlMs }: SendOptions,
): Readonly<Record<string, unknown>> {
  const { callbacks: _, ...rest } = message
  return {
    ...rest,
    ...(callbacks === undefined ? {} : { callbacks }),
    // Slingr's default.
    ...(message.target === undefined || message.target === 'caller' ? { target: 'caller', caller } : {}),
    ...(ttlMs === undefined ? {} : { ttlMs }),
  }
}

/** Deeper objects than this are the server's to refuse. */
const DEEPEST = 50

function refuseFunctions(value: unknown, at: string, depth: number): void {
  if (typeof value === 'function')
    throw new TypeError(`The field ${at} is a function: functions travel in callbacks only.`)
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return
  for (const [name, it] of Object.entries(value)) refuseFunctions(it, `${at}.${name}`, depth + 1)
}
