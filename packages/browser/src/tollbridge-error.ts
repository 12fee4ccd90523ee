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
  readonly type: string
  readonly code: string
  readonly status: number
  readonly param: string | undefined
  readonly declineCode: string | undefined
  readonly requestId: string | undefined
  readonly retryAfter: number | undefined

  constructor(facts: TollbridgeErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.type = facts.type
    this.code = facts.code
    this.status = facts.status ?? 0
    this.param = facts.param
    this.declineCode = facts.declineCode
    this.requestId = facts.requestId
    this.retryAfter = facts.retryAfter
  }
}

/** A mistake of the page's author. */
export function misuse(code: string, message: string, param?: string): TollbridgeError {
  return new TollbridgeError({ type: 'invalid_request_error', code, message, param })
}
