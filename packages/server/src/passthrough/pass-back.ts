/** Stripe's answer on its way back: unchanged, but for what speaks of our key. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Log } from '../log.ts'
import type { StripeAnswer } from '../stripe/stripe-forwarder.ts'
import type { Ending } from './call-record.ts'
import { answerWithError, asServiceError } from './error-answer.ts'
import { hideKey, speaksOfKey } from './hide-key.ts'
import type { IdempotencyKey } from './idempotency.ts'
import { headersFromStripe } from './pick-headers.ts'

export interface PassBackTo {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly log: Pick<Log, 'error'>
}

/** Resolves when the answer has left, or cannot; never rejects. */
export async function passBack(
  answer: StripeAnswer,
  key: IdempotencyKey | null,
  to: PassBackTo,
): Promise<Ending> {
  const { request, response } = to
  const facts = { stripeRequestId: requestIdOf(answer), bytesSent: 0 }
  const head = (headers: StripeAnswer['headers']) => {
    const picked = headersFromStripe(withGivenKey(headers, key))
    // An answer before the end of an upload leaves bytes on the connection that nobody will read.
    response.writeHead(answer.status, request.complete ? picked : [...picked, 'connection', 'close'])
  }

  if (speaksOfKey(answer)) {
    try {
      const whole = await hideKey(answer)
      head(whole.headers)
      response.end(whole.body)
      return {
        ...facts,
        outcome: 'answered',
        status: answer.status,
        error: null,
        bytesReceived: whole.body.length,
      }
    } catch (error) {
      const failure = asServiceError(error, to.requestId, to.log)
      answerWithError(request, response, failure, { requestId: to.requestId, shouldRetry: null })
      const { status } = failure.row
      return { ...facts, outcome: 'answered', status, error: failure.code, bytesReceived: 0 }
    }
  }

  let bytesReceived = 0
  answer.body.on('data', (chunk: Buffer) => {
    bytesReceived += chunk.length
  })
  head(answer.headers)
  try {
    // A break in the middle destroys the response: half an answer must not look like a whole one.
    await pipeline(answer.body, response)
    return { ...facts, outcome: 'answered', status: answer.status, error: null, bytesReceived }
  } catch {
    return { ...facts, outcome: 'broken_off', status: answer.status, error: null, bytesReceived }
  }
}

/** Stripe repeats the key that it got; the caller shall find its own. */
function withGivenKey(headers: StripeAnswer['headers'], key: IdempotencyKey | null): StripeAnswer['headers'] {
  const given = key?.given ?? null
  if (given === null) return headers
  return headers.map(([name, value]) => [name, name.toLowerCase() === 'idempotency-key' ? given : value])
}

function requestIdOf({ headers }: StripeAnswer): string | null {
  return headers.find(([name]) => name.toLowerCase() === 'request-id')?.[1].slice(0, 255) ?? null
}
