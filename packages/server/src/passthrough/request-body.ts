/** The body of a call: small ones are taken in whole, large ones pass as they come, up to a limit. */
import type { IncomingMessage } from 'node:http'
import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { ServiceError } from '../errors.ts'
import { passesOn } from '../http/connections.ts'

/** Above the largest file that Stripe takes. */
export const LARGEST_BODY = 64 * 1024 * 1024
/** Every call but an upload stays below. */
const SMALL = 64 * 1024

export interface CallBody {
  /** null: there is none. */
  readonly content: Uint8Array | Readable | null
  /** Of what has been read so far. */
  bytes(): number
}

/** Throws `body_too_large`, and `body_invalid` for one that breaks off. */
export async function readCallBody(request: IncomingMessage): Promise<CallBody> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (length === undefined && encoding === undefined) return { content: null, bytes: () => 0 }
  const announced = length === undefined ? null : Number(length)
  if (announced !== null && announced > LARGEST_BODY) throw tooLarge()
  if (announced === null || announced > SMALL) {
    passesOn(request)
    const counted = counting(request)
    return { content: counted, bytes: () => counted.bytes }
  }
  const whole = await readAll(request)
  return { content: whole, bytes: () => whole.length }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch (cause) {
    throw brokenOff(cause)
  }
  return Buffer.concat(chunks)
}

class CountingTransform extends Transform {
  bytes = 0
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length
    if (this.bytes > LARGEST_BODY) done(tooLarge())
    else done(null, chunk)
  }
}

function counting(request: IncomingMessage): CountingTransform {
  const counted = new CountingTransform()
  // Until it is sent nobody else listens, and an error that nobody hears would end the process.
  counted.on('error', () => undefined)
  request.once('error', (cause) => counted.destroy(brokenOff(cause)))
  request.once('close', () => {
    if (!request.complete) counted.destroy(brokenOff(undefined))
  })
  return request.pipe(counted)
}

function tooLarge(): ServiceError {
  return new ServiceError('body_too_large', {
    message: `The body is larger than ${LARGEST_BODY / 1024 / 1024} MiB, more than Stripe takes of a file.`,
  })
}

function brokenOff(cause: unknown): ServiceError {
  return new ServiceError('body_invalid', { message: 'The body of the request broke off.', cause })
}
