/** What each event changes in our own rows: rules for every type, and rules for one type only. */
import type Stripe from 'stripe'
import { paymentSnapshot } from '../payment-state/snapshot.ts'
import type { EventChange, StoredEvent } from '../store/event-store.ts'
import { readStoredJson } from '../store/stored-json.ts'
import { ATTEMPT_METADATA, ORDER_ID_METADATA } from '../stripe/event-facts.ts'

/**
 * Decides, and does nothing: the changes are written together with the mark that the event is handled.
 * @param body the event as Stripe sent it, parsed
 */
export type EventHandler = (event: StoredEvent, body: () => EventBody) => readonly EventChange[]

export type EventBody = Readonly<Record<string, unknown>>

export interface EventHandlers {
  /** For events of any type, those that Stripe has yet to invent among them. */
  readonly everyType: readonly EventHandler[]
  readonly byType: { readonly [type in Stripe.Event['type']]?: EventHandler }
}

export const eventHandlers: EventHandlers = {
  everyType: [countByDay, foldIntoPayment],
  byType: {},
}

/**
 * All that an event changes; throws what a handler throws.
 * @param parsed the body, where somebody has parsed it already
 */
export function changesOf(
  event: StoredEvent,
  handlers: EventHandlers,
  parsed: EventBody | null = null,
): readonly EventChange[] {
  const body = () => parsed ?? (readStoredJson(event.payload) as EventBody)
  const general = handlers.everyType.flatMap((handle) => handle(event, body))
  const special = hasHandler(handlers, event.type) ? handlers.byType[event.type] : undefined
  return special === undefined ? general : [...general, ...special(event, body)]
}

function hasHandler(handlers: EventHandlers, type: string): type is Stripe.Event['type'] {
  return Object.hasOwn(handlers.byType, type)
}

function countByDay(event: StoredEvent): readonly EventChange[] {
  return [{ kind: 'tally', day: new Date(event.created).toISOString().slice(0, 10), type: event.type }]
}

/** The objects that tell about payments, whatever the type of their event. */
const PAYMENT_OBJECTS: ReadonlySet<string | null> = new Set(['payment_intent', 'charge', 'refund', 'dispute'])

const METADATA_KEYS = { orderId: ORDER_ID_METADATA, attempt: ATTEMPT_METADATA }

function foldIntoPayment(event: StoredEvent, body: () => EventBody): readonly EventChange[] {
  if (!PAYMENT_OBJECTS.has(event.objectType)) return []
  const data = body()['data'] as { readonly object?: unknown } | undefined
  const isBeginning = event.type === 'payment_intent.created'
  const snapshot = paymentSnapshot(
    { object: data?.object, at: event.stripeCreated, isBeginning },
    METADATA_KEYS,
  )
  if (snapshot === null) return []
  return [{ kind: 'payment', facts: { snapshot, at: event.stripeCreated, account: event.account } }]
}
