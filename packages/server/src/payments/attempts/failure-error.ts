/** Stored failures as errors, so that a repeat is told the same as the first request. */
import { type ErrorCode, errorCodes } from '@tollbridge/protocol'
import { ServiceError } from '../../errors.ts'
import type { StoredFailure } from '../../store/payment-attempt-store.ts'

export function failureError({ code, message, param, details }: StoredFailure): ServiceError {
  return new ServiceError(isErrorCode(code) ? code : 'stripe_rejected', {
    message,
    details,
    ...(param === null ? {} : { param }),
  })
}

/** Rows outlive versions: a code of an older one may be gone. */
function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
