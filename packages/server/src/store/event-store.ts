/** The port to the event log: every Stripe event once, in the order of its commit, with its handling. */
import type { Expression, OrderTerm } from '@tollbridge/protocol'

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
  /** Ties are broken by position in the direction of the last term; empty: `created desc`, the newest first. */
  readonly orderBy: readonly OrderTerm[]
  readonly limit: number
  readonly offset: number
}

/** One page of an app's log, read from a place in it: `after` goes forward from there, `before` backward. */
export type PageQuery = Pick<EventQuery, 'appId' | 'where' | 'limit'> &
  ({ readonly after: number } | { readonly before: number })

export type InsertOutcome =
  | { readonly outcome: 'stored'; readonly event: StoredEvent; readonly lease: Lease }
  | { readonly outcome: 'duplicate' }

/** `received → handled`, or `failed` until its next try, in the end `dead`. */
export type HandlingState = 'received' | 'handled' | 'failed' | 'dead'

/** The right of one worker to handle one event until the lease runs out. */
export interface Lease {
  readonly appId: string
  readonly position: number
  readonly token: string
  /** The number of this try, from 1. */
  readonly attempt: number
}

export interface LeasedEvent {
  readonly event: StoredEvent
  readonly lease: Lease
}

/** What handling an event changes in our own rows: decided purely, written together with `handled`. */
export type EventChange = { readonly kind: 'tally'; readonly day: string; readonly type: string }

/** One try at handling an event. */
export interface Attempt {
  readonly number: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly outcome: 'handled' | 'failed'
  readonly error: string | null
}

export interface Handling {
  readonly state: HandlingState
  readonly attempts: readonly Attempt[]
  /** Milliseconds since the epoch; null when nothing more is planned. */
  readonly nextAttemptAt: number | null
  readonly handledAt: number | null
}

/** How many events of one type an app received on one UTC day. */
export interface Tally {
  readonly day: string
  readonly type: string
  readonly count: number
}

export interface EventStore {
  /**
   * Stores an event once per app and event id, and gives the caller the lease to handle it.
   * Resolves only when the row is on disk; requests that arrive while a commit runs share the next one.
   * Rejects with `store_unavailable` when the commit failed, and then nothing of it is kept.
   */
  insertOnce(event: NewEvent, options: { readonly leaseMs: number }): Promise<InsertOutcome>
  /** Reads the log: events of all apps with a greater position, ascending. */
  readAfter(position: number, limit: number): Promise<readonly StoredEvent[]>
  /** 0 for an empty log. */
  lastPosition(): Promise<number>
  find(query: EventQuery): Promise<readonly StoredEvent[]>
  /** Nearest to the place first; the place itself is left out. */
  page(query: PageQuery): Promise<readonly StoredEvent[]>
  count(query: Pick<EventQuery, 'appId' | 'where'>): Promise<number>
  findByObjectId(appId: string, objectId: string): Promise<StoredEvent | null>
  /** @param eventId Stripe's id of the event. */
  findByEventId(appId: string, eventId: string): Promise<StoredEvent | null>
  /** Leases events whose time has come: received or failed, due, and not under a living lease. Oldest first. */
  leaseDue(options: {
    readonly now: number
    readonly leaseMs: number
    readonly limit: number
  }): Promise<readonly LeasedEvent[]>
  /** Writes the changes and marks the event handled, in one commit; `lease_lost` changes nothing. */
  finish(
    lease: Lease,
    result: { readonly changes: readonly EventChange[]; readonly startedAt: number; readonly now: number },
  ): Promise<'done' | 'lease_lost'>
  /** Records the failed try; `retryAt: null` means dead. */
  fail(
    lease: Lease,
    result: {
      readonly error: string
      readonly retryAt: number | null
      readonly startedAt: number
      readonly now: number
    },
  ): Promise<'done' | 'lease_lost'>
  handling(position: number): Promise<Handling | null>
  tallies(appId: string, days: { readonly from: string; readonly to: string }): Promise<readonly Tally[]>
}
