/** Records an event for each change, and says which webhook endpoints are told. */
import type Stripe from 'stripe'
import type { Delivery, DeliveryLog } from './delivery-log.ts'
import type { Ids } from './ids.ts'
import { previousAttributes } from './previous-attributes.ts'
import type { ObjectStore } from './store/object-store.ts'
import type { AnyStored, StoredEvent } from './store/stored-objects.ts'

/** The version in which all objects here are shaped, and the account's default. */
export const API_VERSION = '2026-10-28.endive'

export interface EventRequest {
  id: string | null
  idempotency_key: string | null
}

export interface RecordEventDeps {
  store: Pick<ObjectStore, 'put' | 'list'>
  deliveries: Pick<DeliveryLog, 'add'>
  ids: Ids
  nowMs: number
  request: EventRequest
}

/** Stores the event, with `object` as it is now, and returns the deliveries that follow from it. */
export function recordEvent(
  { store, deliveries, ids, nowMs, request }: RecordEventDeps,
  type: Stripe.Event.Type,
  object: AnyStored,
  before?: AnyStored,
): Delivery[] {
  const endpoints = store
    .list({ kind: 'webhook_endpoint', limit: 16 })
    .objects.filter((endpoint) => endpoint.status === 'enabled' && wants(endpoint.enabled_events, type))
  const event: StoredEvent = {
    id: ids.next('evt_1') as StoredEvent['id'],
    object: 'event',
    api_version: API_VERSION,
    created: Math.floor(nowMs / 1000),
    data: { object, ...(before && { previous_attributes: previousAttributes(before, object) }) },
    livemode: false,
    pending_webhooks: endpoints.length,
    request,
    type,
  }
  store.put(event)
  return endpoints.map(({ id }) =>
    deliveries.add({ eventId: event.id, endpointId: id, nextAt: nowMs, byHand: false }),
  )
}

/** The body of a delivery: the event in the endpoint's version, indented as Stripe sends it. */
export function renderEvent(event: StoredEvent, endpointVersion: string | null): string {
  return JSON.stringify({ ...event, api_version: endpointVersion ?? event.api_version }, null, 2)
}

function wants(enabledEvents: string[], type: string): boolean {
  return enabledEvents.includes('*') || enabledEvents.includes(type)
}
