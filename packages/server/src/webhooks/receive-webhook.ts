/** Takes a signed delivery from Stripe and stores it once. Returns only when the event is on disk; acts afterwards. */
import { ServiceError } from '../errors.ts'
import { isTooDeep } from '../store/stored-json.ts'
import { isProbeEvent } from '../stripe/probe-event.ts'
import type { DeliveredAgain } from './delivered-again.ts'
import { parseEvent } from './parse-event.ts'
import { createStoreEvent, type StoreEventDeps } from './store-event.ts'
import { verifySignature } from './verify-signature.ts'
import type { SignatureWatch } from './watch-signatures.ts'

export interface ReceiveWebhookDeps extends StoreEventDeps {
  /** Looks at the second delivery of an event. Throws `event_conflict`. */
  readonly deliveredAgain: DeliveredAgain
  readonly signatures: SignatureWatch
  /** The signing secrets of an app, asked for at each delivery; none: the endpoint does not exist. */
  signingSecrets(appId: string): readonly string[]
  readonly toleranceSeconds: number
  /** How far the clock of this machine is ahead of the app's Stripe, in milliseconds; null: not measured. */
  skewMs?(appId: string): number | null
  /** Told of every delivery that is in the store now, be its event new or not. */
  onDelivered?(appId: string): void
}

export interface WebhookDelivery {
  readonly appId: string
  readonly rawBody: Uint8Array
  readonly signatureHeader: string | null
}

export interface WebhookAnswer {
  readonly status: 200
  /** `verified` repeats the id of the doctor's test event. */
  readonly body: { readonly received: true; readonly verified?: string }
  /** Stripe is answered alike for the first two. `probe`: the doctor's test event, which is not stored. */
  readonly outcome: 'stored' | 'duplicate' | 'probe'
}

export type ReceiveWebhook = (delivery: WebhookDelivery) => Promise<WebhookAnswer>

/**
 * Stripe is answered 200 for whatever is in the store, else with the status of the ServiceError thrown:
 * `stripe_not_configured` 404, `signature_invalid` and `event_invalid` 400, `event_conflict` 409, `store_unavailable`
 * 503, at which Stripe delivers again.
 */
export function createReceiveWebhook(deps: ReceiveWebhookDeps): ReceiveWebhook {
  const storeEvent = createStoreEvent(deps)

  return async ({ appId, rawBody, signatureHeader }) => {
    const secrets = deps.signingSecrets(appId)
    if (secrets.length === 0) throw notConfigured()
    const now = deps.clock.now()
    const { toleranceSeconds } = deps
    const skewMs = deps.skewMs?.(appId) ?? null
    const signature = verifySignature({
      rawBody,
      header: signatureHeader,
      secrets,
      now,
      toleranceSeconds,
      skewMs,
    })
    if (!signature.valid) {
      deps.signatures.refused(appId, signature.reason)
      throw refuse('signature_invalid', signature.reason, appId)
    }
    deps.signatures.accepted(appId)

    const payload = asText(rawBody)
    const parsed = parseEvent(payload)
    if (!parsed.ok) throw refuse('event_invalid', parsed.reason, appId)
    if (isProbeEvent(parsed.event)) {
      return { status: 200, body: { received: true, verified: parsed.event.id }, outcome: 'probe' }
    }
    const outcome = await storeEvent({ appId, event: parsed.event, payload, source: 'webhook' })
    if (outcome === 'duplicate') await deps.deliveredAgain(appId, parsed.event)
    if (outcome === 'stored' && isTooDeep(payload)) {
      const eventId = parsed.event.id
      deps.log.warn({ appId, eventId }, 'Event stored as it came, but nested too deep to be read in whole')
    }
    deps.onDelivered?.(appId)
    return { status: 200, body: { received: true }, outcome }
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
