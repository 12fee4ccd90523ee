/** Lifts the columns that we query out of a Stripe event; the event itself is stored as received. */
import type { EventFacts } from '../store/event-store.ts'
import { objectFacts } from './object-facts.ts'
import { type Json, objectIn, text, whole } from './read-json.ts'

export { ORDER_ID_METADATA } from './object-facts.ts'

/** The metadata key under which Stripe's objects carry the attempt that made them; how a lost answer is found. */
export const ATTEMPT_METADATA = 'tollbridge_attempt'

/** The metadata key under which a payment carries what was sold, where that fits. */
export const ITEMS_METADATA = 'tollbridge_items'

/**
 * Grows when `eventFacts` makes other columns of the same event: stored rows are then brought up to date in the
 * background.
 */
export const FACTS_VERSION = 1

/** @param event a snapshot event (`object: event`) or a thin one (`object: v2.core.event`), already verified. */
export function eventFacts(event: Json): EventFacts {
  const object = objectIn(objectIn(event['data'])?.['object'])
  return object === null ? thinEventFacts(event) : snapshotEventFacts(event, object)
}

function snapshotEventFacts(event: Json, object: Json): EventFacts {
  const { transaction, ...facts } = objectFacts(object)
  return {
    ...commonFacts(event),
    ...facts,
    // Some objects (a balance, a deleted source) have no id of their own; the event's id still names the row.
    id: transaction ?? text(object['id']) ?? String(event['id']),
    objectType: text(object['object']),
    livemode: event['livemode'] === true,
    apiVersion: text(event['api_version']),
  }
}

/** A thin event carries only a reference to what changed. */
function thinEventFacts(event: Json): EventFacts {
  const related = objectIn(event['related_object'])
  const relatedId = text(related?.['id'])
  const isA = (prefix: RegExp) => (relatedId !== null && prefix.test(relatedId) ? relatedId : null)
  return {
    ...commonFacts(event),
    id: relatedId ?? String(event['id']),
    objectType: text(related?.['type']),
    chargeId: isA(/^(ch|py)_/),
    paymentIntentId: isA(/^pi_/),
    customerId: isA(/^cus_/),
    orderId: null,
    amount: null,
    currency: null,
    status: null,
    livemode: event['livemode'] === true,
    apiVersion: null,
  }
}

function commonFacts(
  event: Json,
): Pick<EventFacts, 'eventId' | 'type' | 'account' | 'context' | 'stripeCreated'> {
  return {
    eventId: String(event['id']),
    type: String(event['type']),
    account: text(event['account']),
    context: text(event['context']),
    stripeCreated: seconds(event['created']),
  }
}

/** Snapshot events say seconds; thin events an ISO date. 0 for what is neither, or fits into no column. */
function seconds(created: unknown): number {
  const parsed = typeof created === 'string' ? Date.parse(created) / 1000 : created
  return whole(typeof parsed === 'number' ? Math.floor(parsed) : null) ?? 0
}
