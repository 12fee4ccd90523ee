/** Stored Stripe events: looked up, listed, and followed live. */
import type { StreamMessage } from '@tollbridge/protocol'
import type { HandledEvent, StoredEvent } from './answers.ts'
import type { List } from './auto-paging.ts'
import { type FollowOptions, followEvents } from './follow-events.ts'
import type { CallOptions, ServerApi } from './server-api.ts'
import { idInPath, type V1Client } from './v1-client.ts'

export interface ListEventsFields {
  /** A where clause over the columns of StripeEvents, such as `orderId = 'order-17'`. */
  readonly where?: string
  /** Such as `charge.succeeded`. */
  readonly type?: string
  /** Of a page: 1 to 100, 10 unless named. */
  readonly limit?: number
  /** Events that do not concern the app. */
  readonly flag?: 'wrong_mode' | 'foreign_account' | 'doctor' | 'any'
  /** Forward, from this position on. */
  readonly after?: number
  /** Backward, from before this position. */
  readonly before?: number
}

export interface Events {
  /** The newest first; with `after`, forward in the order of the log. */
  list(fields?: ListEventsFields, options?: CallOptions): List<StoredEvent>
  /** @param eventId `evt_…` */
  retrieve(eventId: string, options?: CallOptions): Promise<HandledEvent>
  /**
   * Follows the log for as long as it is iterated over; comes back by itself after each break, and misses nothing.
   * Keep the last `position` and give it as `after` to go on after a restart. Throws what the server refuses.
   */
  stream(options?: FollowOptions): AsyncIterableIterator<StreamMessage>
}

export interface EventsDeps {
  readonly client: V1Client
  readonly api: Pick<ServerApi, 'open'>
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  random(): number
}

const EVENTS = '/v1/events'

export function createEvents({ client, api, sleep, random }: EventsDeps): Events {
  return {
    list(fields = {}, options = {}) {
      const next = (last: StoredEvent) =>
        fields.after === undefined ? { before: last.position } : { after: last.position }
      return client.list(EVENTS, fields, next, options)
    },
    retrieve: async (eventId, options) => client.get(`${EVENTS}/${idInPath('an event', eventId)}`, options),
    stream: (options = {}) => followEvents({ open: api.open, sleep, random }, options),
  }
}
