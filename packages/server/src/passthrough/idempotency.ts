/** The idempotency key under which Stripe gets a call: one scope for each server key, and never none where one helps. */
import { createHash } from 'node:crypto'
import { ServiceError } from '../errors.ts'
import type { Caller } from './caller.ts'

export interface IdempotencyKey {
  /** What the caller sent; null: nothing, so the key is ours and good for this one request. */
  readonly given: string | null
  readonly sent: string
}

const LONGEST = 255

/**
 * Apps can share a Stripe account, where their keys would meet, and so would theirs with those of Tollbridge's own
 * calls. @returns null where Stripe takes no key. Throws `parameter_invalid`.
 */
export function idempotencyKeyFor(
  { method, path, given }: { readonly method: string; readonly path: string; readonly given: string | null },
  caller: Caller,
  newId: () => string,
): IdempotencyKey | null {
  if (!takesKey(method, path)) return null
  if (given === null) return { given, sent: `tbp_${newId()}` }
  if (given.length > LONGEST) {
    throw new ServiceError('parameter_invalid', {
      message: `The header Idempotency-Key may have at most ${LONGEST} characters.`,
      param: 'Idempotency-Key',
    })
  }
  const scope = JSON.stringify([caller.appId, caller.keyHash, given])
  return { given, sent: `tbp_${createHash('sha256').update(scope).digest('base64url')}` }
}

/** In v1 a key means nothing to other methods; v2 takes one for DELETE as well. */
function takesKey(method: string, path: string): boolean {
  return method === 'POST' || (method === 'DELETE' && path.startsWith('/v2/'))
}
