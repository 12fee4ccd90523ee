/** The one error class of the service: a code from THE error table with what the caller needs to act. */
import { type ErrorCode, type ErrorRow, errorRow } from '@tollbridge/protocol'

export interface ServiceErrorOptions {
  /** A sentence for the caller that names the field and the fix. */
  readonly message: string
  /** The field at fault, as the caller spelled it. */
  readonly param?: string
  /** Further public facts in Stripe's names, such as `decline_code` and `charge`. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>
  /** Seconds after which a retry makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** Stripe never heard of the request, as the connection shows: nothing was done. */
  readonly isUnsent?: boolean
  /** Opens the payment that the failed request began, to its payer; becomes `Tollbridge-Watch-Token`. */
  readonly watchToken?: string
  readonly cause?: unknown
}

export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: ErrorCode
  readonly param: string | undefined
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds: number | undefined
  readonly isUnsent: boolean
  readonly watchToken: string | undefined

  constructor(code: ErrorCode, options: ServiceErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.param = options.param
    this.details = options.details ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds
    this.isUnsent = options.isUnsent ?? false
    this.watchToken = options.watchToken
  }

  /** The same, for the payer of a payment. */
  forPayer(watchToken: string): ServiceError {
    const { message, param, details, retryAfterSeconds, cause } = this
    return new ServiceError(this.code, {
      message,
      details,
      watchToken,
      ...(param === undefined ? {} : { param }),
      isUnsent: this.isUnsent,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(cause === undefined ? {} : { cause }),
    })
  }

  /** Family, HTTP status and retry advice come from the table, never from the throw site. */
  get row(): ErrorRow {
    return errorRow(this.code)
  }
}
