/** Takes a signed delivery from Stripe and stores it once. Returns only when the event is on disk; acts afterwards. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { EventFacts, EventFlag, EventStore, LeasedEvent } from '../store/event-store.ts'
import { eventFacts } from '../stripe/event-facts.ts'
import { type EventHome, eventFlag } from './event-flag.ts'
import { LEASE_MS } from './lease.ts'
import { makeObjectId } from './object-id.ts'
import { parseEvent } from './parse-event.ts'
import { verifySignature } from './verify-signature.ts'

export interface ReceiveWebhookDeps {
  readonly events: Pick<EventStore, 'insertOnce'>
  /** The signing secrets of an app, asked for at each delivery; none: the endpoint does not exist. */
  signingSecrets(appId: string): readonly string[]
  /** What an app takes for its own; other events are stored and flagged. */
  homeOf(appId: string): EventHome
  /** Told of each new event once it is committed, with the lease to handle it. Must not throw. */
  onStored(stored: LeasedEvent): void
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** A random UUID. */
  newId(): string
  readonly toleranceSeconds: number
}

export interface WebhookDelivery {
  readonly appId: string
  readonly rawBody: Uint8Array
  readonly signatureHeader: string | null
}

export interface WebhookAnswer {
  readonly status: 200
  readonly body: { readonly received: true }
  /** Stripe is answered alike for both. */
  readonly outcome: 'stored' | 'duplicate'
}

export type ReceiveWebhook = (delivery: WebhookDelivery) => Promise<WebhookAnswer>

/**
 * Stripe is answered 200 for whatever is in the store, else with the status of the ServiceError thrown:
 * `stripe_not_configured` 404, `signature_invalid` and `event_invalid` 400, `store_unavailable` 503, at which Stripe
 * delivers again.
 */
export function createReceiveWebhook(deps: ReceiveWebhookDeps): ReceiveWebhook {
  return async ({ appId, rawBody, signatureHeader }) => {
    const secrets = deps.signingSecrets(appId)
    if (secrets.length === 0) throw notConfigured()
    const now = deps.clock.now()
    const { toleranceSeconds } = deps
    const signature = verifySignature({ rawBody, header: signatureHeader, secrets, now, toleranceSeconds })
    if (!signature.valid) throw refuse('signature_invalid', signature.reason, appId)

    const payload = asText(rawBody)
    const parsed = parseEvent(payload)
    if (!parsed.ok) throw refuse('event_invalid', parsed.reason, appId)
    const facts = eventFacts(parsed.event)
    const flag = eventFlag(facts, deps.homeOf(appId))
    const result = await deps.events.insertOnce(
      {
        ...facts,
        appId,
        objectId: makeObjectId(now, deps.newId()),
        receivedAt: now,
        source: 'webhook',
        flag,
        payload,
      },
      { leaseMs: LEASE_MS },
    )
    if (result.outcome === 'stored' && flag !== null && flag !== 'doctor') warnOf(flag, facts, appId)
    if (result.outcome === 'stored') deps.onStored({ event: result.event, lease: result.lease })
    return { status: 200, body: { received: true }, outcome: result.outcome }
  }

  /** Kept without effect: an operator who meant to take it needs to see it. */
  function warnOf(flag: EventFlag, { eventId, type, account }: EventFacts, appId: string): void {
    deps.log.warn({ appId, eventId, type, account, flag }, 'Event stored, but not dispatched')
  }

  /** Nothing of a refused delivery is kept but this line: an operator with a wrong secret needs to see it. */
  function refuse(code: 'signature_invalid' | 'event_invalid', reason: string, appId: string): ServiceError {
    deps.log.warn({ appId, code, reason }, 'Webhook refused')
    return new ServiceError(code, { message: reason })
  }
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function notConfigured(): ServiceError {
  return new ServiceError('stripe_not_configured', {
    message:
      'This app has no webhook signing secret, so it takes no webhooks: set STRIPE_WEBHOOK_SECRET to the secret of the endpoint (whsec_…).',
  })
}
