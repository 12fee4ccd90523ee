/** The port to the event log: every Stripe event once, in the order of its commit, with its handling. */
import type { Expression, OrderTerm } from '@tollbridge/protocol'

export type EventId = `evt_${string}`

/** The columns lifted out of a Stripe event; `null` where the event has no such thing. */
export interface EventFacts {
  /** Stripe's id of the event. */
  readonly eventId: string
  readonly type: string
  /** The transaction: the charge id where the object is or belongs to a charge, else the object's id. */
  readonly id: string
  readonly objectType: string | null
  readonly chargeId: string | null
  readonly paymentIntentId: string | null
  readonly customerId: string | null
  readonly orderId: string | null
  /** Minor units. */
  readonly amount: number | null
  readonly currency: string | null
  readonly status: string | null
  readonly livemode: boolean
  readonly apiVersion: string | null
  /** Seconds since the epoch, as Stripe says; not an order. */
  readonly stripeCreated: number
}

/** How the event reached us. */
export type EventSource = 'webhook' | 'repair' | 'replay'

export interface NewEvent extends EventFacts {
  readonly appId: string
  /** Our own id of the row: a random UUID. */
  readonly objectId: string
  /** Milliseconds since the epoch at which we received it; the row's `created`. */
  readonly receivedAt: number
  readonly source: EventSource
  /** The JSON text exactly as Stripe sent it. */
  readonly payload: string
}

export interface StoredEvent extends EventFacts {
  /** Place in the log: grows with each commit, never reused. */
  readonly position: number
  readonly appId: string
  readonly objectId: string
  /** Milliseconds since the epoch; when the row was stored. */
  readonly created: number
  readonly updated: number | null
  readonly ownerId: string | null
  readonly source: EventSource
  readonly payload: string
}

export interface EventQuery {
  readonly appId: string
  /** A where clause already checked against the columns. */
  readonly where: Expression | null
  /** Ties are broken by position in the direction of the last term; default: newest first. */
  readonly orderBy: readonly OrderTerm[]
  readonly limit: number
  readonly offset: number
}
