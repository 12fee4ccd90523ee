/** The port to the event log: every Stripe event once, in the order of its commit, with its handling. */
import type { Expression, OrderTerm } from '@tollbridge/protocol'
import type { PaymentFacts } from '../payment-state/fold-payment.ts'

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
  /** The connected account (`acct_…`) that the event is about; null: the app's own. */
  readonly account: string | null
  /** Stripe's `context` of the event: where in an organization it happened. */
  readonly context: string | null
  /** Seconds since the epoch, as Stripe says; not an order. */
  readonly stripeCreated: number
}

/** How the event reached us. */
export type EventSource = 'webhook' | 'repair' | 'replay'

/**
 * Why an event is kept but means nothing to the app: it is of the other mode, of an account that the app does not
 * take, or a round trip of the doctor. Flagged events are never handled by rules, pushed, or shown to client keys.
 */
export type EventFlag = 'wrong_mode' | 'foreign_account' | 'doctor'

export interface NewEvent extends EventFacts {
  readonly appId: string
  /** Our own id of the row: a random UUID. */
  readonly objectId: string
  /** Milliseconds since the epoch at which we received it; the row's `created`. */
  readonly receivedAt: number
  readonly source: EventSource
  readonly flag: EventFlag | null
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
  /** When personal data was taken out of the payload; null: it is as Stripe sent it. */
  readonly updated: number | null
  readonly ownerId: string | null
  readonly source: EventSource
  readonly flag: EventFlag | null
  readonly payload: string
}

/** `none`: what the app is to know; else the events that bear this flag, or any of them. */
export type FlagFilter = EventFlag | 'none' | 'any'

export interface EventQuery {
  readonly appId: string
  /** Default: `none`. */
  readonly flag?: FlagFilter
  /** Only events whose handling has come so far; default: all. */
  readonly state?: HandlingState
  /** A where clause already checked against the columns. */
  readonly where: Expression | null
  /** Ties are broken by position in the direction of the last term; empty: `created desc`, the newest first. */
  readonly orderBy: readonly OrderTerm[]
  readonly limit: number
  readonly offset: number
}

/** One page of an app's log, read from a place in it: `after` goes forward from there, `before` backward. */
export type PageQuery = Pick<EventQuery, 'appId' | 'flag' | 'state' | 'where' | 'limit'> &
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
  /** The number of this try, from 1; counted anew once the event was given back with `replay`. */
  readonly attempt: number
}

export interface LeasedEvent {
  readonly event: StoredEvent
  readonly lease: Lease
}

/** What handling an event changes in our own rows: decided purely, written together with `handled`. */
export type EventChange =
  | { readonly kind: 'tally'; readonly day: string; readonly type: string }
  /** What the event says about a payment; the store folds it into the row. */
  | { readonly kind: 'payment'; readonly facts: PaymentFacts }

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

/** The columns that follow from the text of an event, and change with what the code makes of it. */
export type RefreshedColumns = Pick<
  EventFacts,
  'id' | 'chargeId' | 'paymentIntentId' | 'customerId' | 'orderId' | 'amount' | 'currency' | 'status'
>

/** Reads the columns out of a stored text; null: it cannot be read any more. */
export type FactsOf = (payload: string) => RefreshedColumns | null

/** Makes the text that replaces a payload. Pure, and quick: it runs inside the commit, for some it changes nothing. */
export type RewritePayload = (payload: string) => string

export interface EventStore {
  /**
   * Stores an event once per app and event id, and gives the caller the lease to handle it.
   * Resolves only when the row is on disk; requests that arrive while a commit runs share the next one.
   * Rejects with `store_unavailable` when the commit failed, and then nothing of it is kept.
   */
  insertOnce(event: NewEvent, options: { readonly leaseMs: number }): Promise<InsertOutcome>
  /**
   * Reads the log: events of all apps with a greater position, ascending, the flagged ones among them. Fewer than
   * `limit` may come although there are more, where they are large; none only at the end.
   */
  readAfter(position: number, limit: number): Promise<readonly StoredEvent[]>
  /** 0 for an empty log. */
  lastPosition(): Promise<number>
  find(query: EventQuery): Promise<readonly StoredEvent[]>
  /** Nearest to the place first; the place itself is left out. */
  page(query: PageQuery): Promise<readonly StoredEvent[]>
  count(query: Pick<EventQuery, 'appId' | 'flag' | 'state' | 'where'>): Promise<number>
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
  /**
   * Gives events back to be handled anew, at once and with all their tries: those that are dead, or wait for their next
   * try. Others, those that somebody is handling, and those of another app stay as they are. @returns the positions that
   * were given back.
   */
  replay(appId: string, positions: readonly number[], now: number): Promise<readonly number[]>
  /**
   * When gap repair stored the first event about a payment that no webhook brought, after the newest event that one
   * did bring; milliseconds since the epoch, null if there is none.
   */
  repairedSinceLastWebhook(appId: string): Promise<number | null>
  /**
   * Replaces payloads in one commit and notes the time in `updated`; the rows keep their places, so readers of the log
   * see nothing new. Positions that are not in the app's log are passed over. @returns how many payloads changed.
   */
  rewritePayloads(
    appId: string,
    positions: readonly number[],
    change: { readonly rewrite: RewritePayload; readonly now: number },
  ): Promise<number>
  /**
   * Rewrites the next events of the log, over all apps, as far as they were stored before `createdBefore`, and
   * remembers the place in the same commit: each event comes by once, whatever process asks.
   */
  rewriteOldest(options: {
    readonly createdBefore: number
    readonly limit: number
    readonly rewrite: RewritePayload
    readonly now: number
  }): Promise<{ readonly examined: number; readonly changed: number }>
  /**
   * Makes the columns of the next older events anew from their texts, over all apps, and remembers the place in the same
   * commit; the events keep their places in the log. Another `version` than that of the walk before begins a new one,
   * which ends where the log ends now.
   */
  refreshColumns(options: {
    readonly version: number
    readonly limit: number
    readonly factsOf: FactsOf
  }): Promise<{ readonly examined: number; readonly changed: number; readonly isDone: boolean }>
  /** Lets go of copies of what was overwritten, of any table, such as the database keeps in its write-ahead log. */
  eraseTraces(): Promise<void>
  tallies(appId: string, days: { readonly from: string; readonly to: string }): Promise<readonly Tally[]>
}
