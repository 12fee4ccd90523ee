/** Stored events as `/v1/events` answers them: the columns of StripeEvents under their own names, and the event. */
import { type PayloadView, showPayload } from '../access/payload-view.ts'
import { type StripeEventColumn, stripeEventColumns } from '../store/event-columns.ts'
import type { StoredEvent } from '../store/event-store.ts'
import { readStoredJson } from '../store/stored-json.ts'

export type EventJson = Readonly<Record<StripeEventColumn, unknown>> & {
  readonly object: 'stripe_event'
  /** Place in the log: what `after` and `before` take. */
  readonly position: number
  /** How the event reached us. */
  readonly source: StoredEvent['source']
  readonly context: string | null
  /** Why the event is not dispatched; null for the app's own. */
  readonly flag: StoredEvent['flag']
}

const COLUMNS = Object.keys(stripeEventColumns) as StripeEventColumn[]

/** Times are milliseconds since the epoch, and names those that where clauses, selectors and headers use. */
export function eventJson(event: StoredEvent, view: PayloadView): EventJson {
  const payload: unknown = readStoredJson(event.payload)
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, event[name]]))
  return {
    object: 'stripe_event',
    position: event.position,
    source: event.source,
    context: event.context,
    flag: event.flag,
    ...(columns as Record<StripeEventColumn, unknown>),
    payload: showPayload(payload, view),
  }
}
