/** What each event changes in our own rows: rules for every type, and rules for one type only. */
import type Stripe from 'stripe'
import type { EventChange, StoredEvent } from '../store/event-store.ts'

/** Decides, and does nothing: the changes are written together with the mark that the event is handled. */
export type EventHandler = (event: StoredEvent) => readonly EventChange[]

export interface EventHandlers {
  /** For events of any type, those that Stripe has yet to invent among them. */
  readonly everyType: readonly EventHandler[]
  readonly byType: { readonly [type in Stripe.Event['type']]?: EventHandler }
}

export const eventHandlers: EventHandlers = {
  everyType: [countByDay],
  byType: {},
}

/** All that an event changes; throws what a handler throws. */
export function changesOf(event: StoredEvent, handlers: EventHandlers): readonly EventChange[] {
  const general = handlers.everyType.flatMap((handle) => handle(event))
  const special = hasHandler(handlers, event.type) ? handlers.byType[event.type] : undefined
  return special === undefined ? general : [...general, ...special(event)]
}

function hasHandler(handlers: EventHandlers, type: string): type is Stripe.Event['type'] {
  return Object.hasOwn(handlers.byType, type)
}

function countByDay(event: StoredEvent): readonly EventChange[] {
  return [{ kind: 'tally', day: new Date(event.created).toISOString().slice(0, 10), type: event.type }]
}
