/** The header `Idempotency-Key`. */
import { ServiceError } from '../errors.ts'

/** @returns null for none, and for an empty one. Throws `parameter_invalid`. */
export function idempotencyKeyHeader(key: string | readonly string[] | null | undefined): string | null {
  if (typeof key !== 'string' || key === '') return null
  if (key.length <= 255) return key
  throw new ServiceError('parameter_invalid', {
    message: 'The header Idempotency-Key may have at most 255 characters.',
    param: 'Idempotency-Key',
  })
}
