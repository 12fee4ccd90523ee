/** Webhooks as bytes: the signature is over exactly those, whatever the content type says. */
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Stripe's events stay far below; what is larger is not one. */
export const WEBHOOK_LIMIT_BYTES = 1024 * 1024

export function readRawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  const options = { parseAs: 'buffer', bodyLimit: WEBHOOK_LIMIT_BYTES } as const
  scope.addContentTypeParser('*', options, (_request, body, done) => done(null, body))
}

/** What arrived, with its signature; only for routes under `readRawBodies`. */
export function signedBody({ body, headers }: FastifyRequest): {
  readonly rawBody: Uint8Array
  readonly signatureHeader: string | null
} {
  const signature = headers['stripe-signature']
  return {
    rawBody: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    signatureHeader: typeof signature === 'string' && signature !== '' ? signature : null,
  }
}
