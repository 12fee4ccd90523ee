/** What the callback stream brings, read from its text. PROTOCOL.md §7.5. */
import type { CallbackContext, OriginalMessage } from './messages.ts'

/** A callback to run. */
export interface CallbackJob {
  /** `uic_…`; the same for every delivery. */
  readonly id: string
  /** Of this delivery. */
  readonly lease: string
  readonly message_id: string
  readonly callback: string
  /** null: declared without one, for listeners. */
  readonly handler: string | null
  readonly handler_data: unknown
  readonly original_message: OriginalMessage
  readonly callback_data: unknown
  readonly context: Omit<CallbackContext, 'data'>
}

export type StreamEvent =
  | { readonly kind: 'callback'; readonly job: CallbackJob }
  | {
      readonly kind: 'settled'
      readonly messageId: string
      readonly callback: string
      readonly data: unknown
      readonly verified: boolean
    }
  | { readonly kind: 'ended'; readonly messageId: string; readonly reason: EndReason }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }

export type EndReason = 'expired' | 'canceled' | 'undeliverable'

/** @returns null for a kind that a later server may send */
export function readStreamEvent(event: string, data: string): StreamEvent | null {
  const it = JSON.parse(data)
  switch (event) {
    case 'callback':
      return { kind: 'callback', job: it }
    case 'settled': {
      const { message_id: messageId, callback, data: settledWith, verified } = it
      return { kind: 'settled', messageId, callback, data: settledWith, verified }
    }
    case 'ended':
      return { kind: 'ended', messageId: it.message_id, reason: it.reason }
    case 'error':
      return { kind: 'error', code: String(it.error?.code), message: String(it.error?.message) }
    default:
      return null
  }
}
