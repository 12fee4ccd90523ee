/** Builders of events as they come out of the inbox, with a Stripe event as payload and the facts lifted out of it. */
import type { EventStore, NewEvent, StoredEvent } from '../../packages/server/src/store/event-store.ts'
import { storedEvent } from '../../packages/server/src/store/stored-event.ts'
import { eventFacts } from '../../packages/server/src/stripe/event-facts.ts'

export interface EventWishes {
  readonly appId?: string
  readonly type?: string
  /** The charge; its PaymentIntent is `pi_` and the same rest. */
  readonly chargeId?: string
  readonly orderId?: string
  readonly amount?: number
  readonly receivedAt?: number
  readonly flag?: NewEvent['flag']
  /** Makes the payload at least this long. */
  readonly padding?: number
}

let made = 0

/** A `charge.*` event with personal data in it, of which a client must see nothing. */
export function anEvent(wishes: EventWishes = {}): NewEvent {
  made += 1
  const {
    appId = 'app_1',
    type = 'charge.succeeded',
    chargeId = `ch_${made}`,
    amount = 1999,
    padding = 0,
  } = wishes
  const receivedAt = wishes.receivedAt ?? Date.now()
  const payload = {
    id: `evt_${made}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(receivedAt / 1000),
    type,
    livemode: false,
    data: {
      object: {
        id: chargeId,
        object: 'charge',
        amount,
        currency: 'usd',
        status: 'succeeded',
        payment_intent: chargeId.replace(/^ch_/, 'pi_'),
        customer: 'cus_1',
        billing_details: { email: 'payer@example.com', name: 'Pat Payer' },
        receipt_email: 'payer@example.com',
        metadata: wishes.orderId === undefined ? {} : { order_id: wishes.orderId },
        ...(padding === 0 ? {} : { description: 'x'.repeat(padding) }),
      },
    },
  }
  return {
    ...eventFacts(payload),
    appId,
    objectId: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    receivedAt,
    source: 'webhook',
    flag: wishes.flag ?? null,
    payload: JSON.stringify(payload, null, 2),
  }
}

export function aStoredEvent(position: number, wishes: EventWishes = {}): StoredEvent {
  return storedEvent(anEvent(wishes), position)
}

/** Stores one more event, as the inbox does. */
export async function store(
  events: Pick<EventStore, 'insertOnce'>,
  wishes: EventWishes = {},
): Promise<StoredEvent> {
  const result = await events.insertOnce(anEvent(wishes), { leaseMs: 30_000 })
  if (result.outcome !== 'stored') throw new Error('The event was there already')
  return result.event
}
