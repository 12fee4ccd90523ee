/** What a listener receives: one stored event, published on a channel. */

/** The names of the columns and headers that identify a transaction; a client key must pin one of them. */
export const TRANSACTION_PINS = ['id', 'paymentIntentId', 'orderId'] as const
export type TransactionPin = (typeof TRANSACTION_PINS)[number]

/** Header name → value, always strings; a column without a value has no header. Selectors see these. */
export type PublicationHeaders = Readonly<Record<string, string>>

/** The `data:` of one `message` on `GET /v1/stream`, and what the browser package hands on. */
export interface StreamMessage {
  /** Place in the event log; also the SSE `id:`. Grows, never reused. */
  readonly position: number
  readonly channel: string
  /** `message:<objectId>`: the same for every reader and every delivery of this event. */
  readonly messageId: string
  /** Milliseconds since the epoch at which the event was stored. */
  readonly timestamp: number
  readonly headers: PublicationHeaders
  /** The Stripe event, with client secrets and personal data left out for client keys. */
  readonly message: Readonly<Record<string, unknown>>
}
