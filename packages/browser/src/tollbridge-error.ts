/** What the browser SDK throws: Stripe's error shape, whoever said it. */

export interface TollbridgeErrorFacts {
  readonly type: string
  /** A code of THE error table, of Stripe, or one of the page's own: `server_unreachable`, `stripe_js_unavailable`, … */
  readonly code: string
  readonly message: string
  /** HTTP status; 0 when there was no answer. */
  readonly status?: number
  readonly param?: string | undefined
  readonly declineCode?: string | undefined
  readonly requestId?: string | undefined
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

export class TollbridgeError extends Error {
  override readonly name = 'TollbridgeError'
  // Declared only: the constructor takes them over as they come, and the bundle is counted by the byte.
  declare readonly type: string
  declare readonly code: string
  declare readonly status: number
  declare readonly param: string | undefined
  declare readonly declineCode: string | undefined
  declare readonly requestId: string | undefined
  declare readonly retryAfter: number | undefined

  constructor({ message, ...facts }: TollbridgeErrorFacts) {
    super(message)
    Object.assign(this, { status: 0 }, facts)
  }
}

/** A mistake of the page's author. */
export function misuse(code: string, message: string, param?: string): TollbridgeError {
  return new TollbridgeError({ type: 'invalid_request_error', code, message, param })
}
