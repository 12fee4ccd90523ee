/** Keeps the account's secret key out of Stripe's refusals, which quote a part of it. */
import { gunzipSync } from 'node:zlib'
import { ServiceError } from '../errors.ts'
import type { StripeAnswer } from '../stripe/stripe-forwarder.ts'

export interface WholeAnswer {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

/** Refusals are short; what is longer is none. */
const LONGEST = 64 * 1024
const KEY = /\b[sr]k_(?:test|live)_[\w*•…]+/g

/** Whether an answer may speak of the key: it was not accepted, or may not do this. */
export function speaksOfKey({ status }: StripeAnswer): boolean {
  return status === 401 || status === 403
}

/** Throws `stripe_key_rejected` for a 401, which is about our key and not the caller's. */
export async function hideKey(answer: StripeAnswer): Promise<WholeAnswer> {
  if (answer.status === 401) {
    answer.body.destroy()
    throw new ServiceError('stripe_key_rejected', {
      message:
        'Stripe does not accept the key of this server; its operator finds the reason with tollbridge doctor.',
    })
  }
  const raw = await readUpTo(answer, LONGEST)
  const isPacked = answer.headers.some(([name]) => name.toLowerCase() === 'content-encoding')
  // A HEAD is answered with the headers of a body alone.
  const text = (isPacked && raw.length > 0 ? unpacked(raw) : raw).toString('utf8')
  const body = Buffer.from(text.replace(KEY, 'the key of this server'))
  const headers = answer.headers.filter(
    ([name]) => !['content-length', 'content-encoding'].includes(name.toLowerCase()),
  )
  return { headers: [...headers, ['content-length', String(body.length)]], body }
}

async function readUpTo({ body }: StripeAnswer, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length > most) throw failed()
  }
  return Buffer.concat(chunks)
}

function unpacked(raw: Buffer): Buffer {
  try {
    return gunzipSync(raw, { maxOutputLength: 16 * LONGEST })
  } catch {
    throw failed()
  }
}

function failed(): ServiceError {
  return new ServiceError('stripe_failed', {
    message: 'Stripe refused the call, in words that cannot be read.',
  })
}
