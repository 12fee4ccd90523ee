/** The body of a call: taken in whole, to be looked into; files pass as they come. Up to a limit, either way. */
import type { IncomingMessage } from 'node:http'
import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { ServiceError } from '../errors.ts'
import { passesOn } from '../http/connections.ts'

/** Above the largest file that Stripe takes. */
export const LARGEST_FILE = 64 * 1024 * 1024
/** Every other call stays far below. */
export const LARGEST_CALL = 1024 * 1024

export interface CallBody {
  /** null: there is none. */
  readonly content: Uint8Array | Readable | null
  /** Of what has been read so far. */
  bytes(): number
}

/** Whether what follows is a file, which takes no card; the one upload of Stripe's API. */
export function isFileUpload(method: string, path: string): boolean {
  return method === 'POST' && path === '/v1/files'
}

/** Throws `body_too_large`, and `body_invalid` for one that breaks off. */
export async function readCallBody(
  request: IncomingMessage,
  { isFile }: { readonly isFile: boolean },
): Promise<CallBody> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (length === undefined && encoding === undefined) return { content: null, bytes: () => 0 }
  const most = isFile ? LARGEST_FILE : LARGEST_CALL
  if (length !== undefined && Number(length) > most) throw tooLarge(most)
  if (!isFile) {
    const whole = await readAll(request, most)
    return { content: whole, bytes: () => whole.length }
  }
  passesOn(request)
  const counted = counting(request)
  return { content: counted, bytes: () => counted.bytes }
}

async function readAll(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    // Left in the middle, the connection stays, so that the refusal can be read.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length
      if (length > most) break
      chunks.push(chunk as Buffer)
    }
  } catch (cause) {
    throw brokenOff(cause)
  }
  if (length > most) throw tooLarge(most)
  return Buffer.concat(chunks)
}

class CountingTransform extends Transform {
  bytes = 0
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length
    if (this.bytes > LARGEST_FILE) done(tooLarge(LARGEST_FILE))
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

function tooLarge(most: number): ServiceError {
  return new ServiceError('body_too_large', {
    message: `The body is larger than ${most / 1024 / 1024} MiB, more than Stripe takes of ${most === LARGEST_FILE ? 'a file' : 'a call without a file'}.`,
  })
}

function brokenOff(cause: unknown): ServiceError {
  return new ServiceError('body_invalid', { message: 'The body of the request broke off.', cause })
}
