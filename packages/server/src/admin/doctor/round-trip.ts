/** Posts a signed test event to our own public address, as Stripe would, and looks for the proof that it verified. Repeats nothing of what answers. */
import { createHmac } from 'node:crypto'
import { type ErrorCode, errorCodes, errorRow } from '@tollbridge/protocol'
import {
  describeOutboundFailure,
  type Outbound,
  type OutboundFailure,
} from '../../outbound/create-outbound.ts'
import type { OnBehalfOf } from '../../outbound/reach.ts'
import { probeEvent } from '../../stripe/probe-event.ts'
import { type Check, fail, ok } from './check.ts'

export interface RoundTripFacts {
  readonly outbound: Outbound
  /** The mode of the app. */
  readonly onBehalfOf: OnBehalfOf
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
  if (answer.outcome !== 'answered') {
    const why = describeOutboundFailure(answer)
    return [
      answer.outcome === 'failed'
        ? fail(
            'endpoint_url',
            `${url} cannot be reached from here: ${why}.`,
            'Check DNS, the firewall, the reverse proxy and its certificate; Stripe needs an address that the internet reaches.',
          )
        : fail(
            'endpoint_url',
            `${url} is not called from here: ${why}.`,
            'Activate the app with the address that the internet reaches. If that name leads to a private address only inside your network, add that network to OUTBOUND_ADDRESSES.',
          ),
    ]
  }
  if (answer.status >= 300 && answer.status < 400) {
    return [
      fail(
        'endpoint_url',
        `${url} answers ${answer.status}, which points elsewhere: Stripe follows no redirect and counts it as a failure.`,
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
        `A signed test event was refused: ${answer.meaning ?? 'status 400'}`,
        'See that the server at this address uses this database, that its clock is right, and that no proxy changes the body.',
      ),
    ]
  }
  return [
    fail(
      'endpoint_url',
      `${url} answers ${answer.status}, and not as this server does.`,
      'Something else answers there: check the public URL, the path rules of the proxy, and that the server runs.',
    ),
  ]
}

type Answer =
  | OutboundFailure
  | {
      readonly outcome: 'answered'
      readonly status: number
      readonly verified: unknown
      /** What a refusal of ours means; null: it is none, or of another server. */
      readonly meaning: string | null
    }

async function post({
  outbound,
  onBehalfOf,
  url,
  signingSecret,
  eventId,
  now,
  timeoutMs,
}: RoundTripFacts): Promise<Answer> {
  const body = probeEvent(eventId, now)
  const seconds = Math.floor(now / 1000)
  const v1 = createHmac('sha256', signingSecret).update(`${seconds}.${body}`).digest('hex')
  const answer = await outbound.send({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${v1}` },
    body,
    onBehalfOf,
    timeoutMs,
  })
  if (answer.outcome !== 'answered') return answer
  const { verified, error } = objectOf(answer.body.toString('utf8'))
  const { code } = objectLike(error)
  const meaning = typeof code === 'string' && isErrorCode(code) ? errorRow(code).meaning : null
  return { outcome: 'answered', status: answer.status, verified, meaning }
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

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
