/** The error of a result, as Stripe.js gives it. */

export interface StripeJsError {
  type: string
  code?: string
  message?: string
  decline_code?: string
  param?: string
  [more: string]: unknown
}

/** A field that is not filled in, or wrongly. */
export interface FieldError {
  type: 'validation_error'
  code: string
  message: string
}

export function fieldError(code: string, message: string): FieldError {
  return { type: 'validation_error', code, message }
}
