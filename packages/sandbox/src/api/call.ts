/** What one request, or one timer that comes due, may do: read and write objects, and record events. */

import type Stripe from 'stripe'
import type { ObjectStore } from '../store/object-store.ts'
import type { AnyStored } from '../store/stored-objects.ts'
import type { TimerKind } from '../timers.ts'

export interface Call {
  store: ObjectStore
  /** Now, in whole seconds, as Stripe writes time. */
  now: number
  newId(prefix: string, length?: number): string
  /** Records an event about `object` as it is now; `before` gives `previous_attributes`. */
  record(type: Stripe.Event.Type, object: AnyStored, before?: AnyStored): void
  /** Has the timer of this kind act on the object when the delay has passed on the sandbox's clock. */
  later(kind: TimerKind, objectId: string, delayMs: number): void
  /** Sends an event to an endpoint once more. */
  redeliver(eventId: string, endpointId: string): void
  /** The version the caller asked for, or the account's. */
  apiVersion: string
  /** Whether a publishable key called, which sees and may do less. */
  publishable: boolean
  /** Address of this sandbox, for links in objects. */
  baseUrl: string
  /** Dashboard link for error bodies. */
  requestLogUrl: string
  accountId: string
}
