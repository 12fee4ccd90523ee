/** What a charge call carries: old clients send their one argument inside an array, newer ones bare. */
import { ServiceError } from '../../errors.ts'

/** @returns the argument object; an empty call is an empty object, whose missing fields are then named. */
export function unwrapChargeBody(body: unknown): Readonly<Record<string, unknown>> {
  const argument = Array.isArray(body) && body.length === 1 ? (body[0] as unknown) : body
  if (argument === undefined || argument === null) return {}
  if (typeof argument === 'object' && !Array.isArray(argument)) return argument as Record<string, unknown>
  throw new ServiceError('body_invalid', {
    message: 'The body must be one JSON object such as {"token": "tok_…", "amount": 1999}.',
  })
}
