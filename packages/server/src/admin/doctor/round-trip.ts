/** Posts a signed test event to our own public address, as Stripe would, and looks for the proof that it verified. */
import { createHmac } from 'node:crypto'
import { probeEvent } from '../../stripe/probe-event.ts'
import { type Check, fail, ok } from './check.ts'

export interface RoundTripFacts {
  readonly url: string
  readonly signingSecret: string
  /** A fresh id, which only a server that verified the event repeats. */
  readonly eventId: string
  readonly now: number
  readonly timeoutMs: number
}

/** @returns the findings about the address and about the signature. */
export async function roundTrip(facts: RoundTripFacts): Promise<readonly Check[]> {
  const { url, eventId } = facts
  const answer = await post(facts)
  if ('failure' in answer) {
    return [
      fail(
        'endpoint_url',
        `${url} cannot be reached from here: ${answer.failure}.`,
        'Check DNS, the firewall, the reverse proxy and its certificate; Stripe needs an address that the internet reaches.',
      ),
    ]
  }
  if (answer.status >= 300 && answer.status < 400) {
    return [
      fail(
        'endpoint_url',
        `${url} answers ${answer.status} and points to ${answer.location ?? 'nowhere'}: Stripe follows no redirect and counts it as a failure.`,
        'Activate the app with the final address as its public URL (https, the right host, no slash at the end), or take the redirect away.',
      ),
    ]
  }
  if (answer.verified === eventId) {
    return [
      ok('endpoint_url', `${url} reaches this server.`),
      ok('round_trip', 'A signed test event arrived and verified. It was not stored.'),
    ]
  }
  if (answer.status === 400) {
    return [
      ok('endpoint_url', `${url} answers.`),
      fail(
        'round_trip',
        `A signed test event was refused: ${answer.message ?? 'status 400'}`,
        'See that the server at this address uses this database, that its clock is right, and that no proxy changes the body.',
      ),
    ]
  }
  return [
    fail(
      'endpoint_url',
      `${url} answers ${answer.status}, and not as this server does${answer.message === null ? '' : `: ${answer.message}`}.`,
      'Something else answers there: check the public URL, the path rules of the proxy, and that the server runs.',
    ),
  ]
}

type Answer =
  | { readonly failure: string }
  | {
      readonly status: number
      readonly location: string | null
      readonly verified: unknown
      readonly message: string | null
    }

async function post({ url, signingSecret, eventId, now, timeoutMs }: RoundTripFacts): Promise<Answer> {
  const body = probeEvent(eventId, now)
  const seconds = Math.floor(now / 1000)
  const v1 = createHmac('sha256', signingSecret).update(`${seconds}.${body}`).digest('hex')
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${v1}` },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { verified, error, message } = objectOf(await response.text())
    return {
      status: response.status,
      location: response.headers.get('location'),
      verified,
      message: textOf(objectLike(error)['message']) ?? textOf(message),
    }
  } catch (error) {
    return { failure: reasonOf(error) }
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectLike(JSON.parse(text))
  } catch {
    return {}
  }
}

function objectLike(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Whatever answers there wrote it, so it is cut short. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 300) : null
}

/** fetch says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error
  if (cause instanceof Error) return cause.message || String(objectLike(cause)['code'] ?? error.message)
  return error.message
}
