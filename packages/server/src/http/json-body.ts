/** Bodies of JSON as they were sent: bytes that are no text are refused, not replaced. */
import type { FastifyInstance } from 'fastify'
import { ServiceError } from '../errors.ts'

export const JSON_TYPE = 'application/json'

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Two different texts whose bad bytes are replaced are one text, and one order. Where no body is a value too, it is
 * `undefined`.
 */
export function readJsonAsSent(
  scope: FastifyInstance,
  { mayBeEmpty }: { readonly mayBeEmpty: boolean },
): void {
  // `error`: a body that tries to set a prototype is refused.
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeContentTypeParser(JSON_TYPE)
  scope.addContentTypeParser<Buffer>(JSON_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    let text: string
    try {
      text = UTF_8.decode(body)
    } catch {
      return done(new ServiceError('body_invalid', { message: 'The body must be text in UTF-8.' }))
    }
    if (mayBeEmpty && text.trim() === '') done(null, undefined)
    else parse(request, text, done)
  })
}
