/** Lifts the columns that we query out of a Stripe event; the event itself is stored as received. */
import type { EventFacts } from '../store/event-store.ts'
import { isStorableText } from '../store/storable-text.ts'

type Json = Readonly<Record<string, unknown>>

/** The metadata key under which an app's order id travels on Stripe objects. */
export const ORDER_ID_METADATA = 'order_id'

/** The metadata key under which Stripe's objects carry the attempt that made them; how a lost answer is found. */
export const ATTEMPT_METADATA = 'tollbridge_attempt'

/** The metadata key under which a payment carries what was sold, where that fits. */
export const ITEMS_METADATA = 'tollbridge_items'

/** @param event a snapshot event (`object: event`) or a thin one (`object: v2.core.event`), already verified. */
export function eventFacts(event: Json): EventFacts {
  const object = asObject(asObject(event['data'])?.['object'])
  return object === null ? thinEventFacts(event) : snapshotEventFacts(event, object)
}

function snapshotEventFacts(event: Json, object: Json): EventFacts {
  const objectType = text(object['object'])
  const objectId = text(object['id'])
  const belongsTo = reference(object['charge'])
  return {
    ...commonFacts(event),
    // Some objects (a balance, a deleted source) have no id of their own; the event's id still names the row.
    id: (objectType === 'charge' ? objectId : (belongsTo ?? objectId)) ?? String(event['id']),
    objectType,
    chargeId: objectType === 'charge' ? objectId : (belongsTo ?? reference(object['latest_charge'])),
    paymentIntentId: objectType === 'payment_intent' ? objectId : reference(object['payment_intent']),
    customerId: objectType === 'customer' ? objectId : reference(object['customer']),
    orderId: text(asObject(object['metadata'])?.[ORDER_ID_METADATA]),
    amount: integer(object['amount']) ?? integer(object['amount_total']),
    currency: text(object['currency']),
    status: text(object['status']),
    livemode: event['livemode'] === true,
    apiVersion: text(event['api_version']),
  }
}

/** A thin event carries only a reference to what changed. */
function thinEventFacts(event: Json): EventFacts {
  const related = asObject(event['related_object'])
  const relatedId = text(related?.['id'])
  const isA = (prefix: string) => (relatedId?.startsWith(prefix) === true ? relatedId : null)
  return {
    ...commonFacts(event),
    id: relatedId ?? String(event['id']),
    objectType: text(related?.['type']),
    chargeId: isA('ch_'),
    paymentIntentId: isA('pi_'),
    customerId: isA('cus_'),
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
  return integer(typeof parsed === 'number' ? Math.floor(parsed) : null) ?? 0
}

/** A reference is an id, or the whole object where it was expanded. */
function reference(value: unknown): string | null {
  return text(value) ?? text(asObject(value)?.['id'])
}

function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && isStorableText(value) ? value : null
}

function integer(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
