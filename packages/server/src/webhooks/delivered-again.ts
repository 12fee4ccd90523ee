/** The second delivery of an event: it must say the same, and Stripe's "resend" gets handled what was given up. */
import type { Alarms } from '../alarms/alarms.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { EventStore } from '../store/event-store.ts'
import { eventFacts } from '../stripe/event-facts.ts'
import type { StripeEventObject } from './parse-event.ts'
import { differencesOf } from './same-event.ts'

export interface DeliveredAgainDeps {
  readonly events: Pick<EventStore, 'findByEventId' | 'handling' | 'replay'>
  readonly alarms: Pick<Alarms, 'raise'>
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
}

/** Throws `event_conflict` where the id is that of a stored event and the content is not. */
export type DeliveredAgain = (appId: string, event: StripeEventObject) => Promise<void>

export function createDeliveredAgain({ events, alarms, clock, log }: DeliveredAgainDeps): DeliveredAgain {
  return async (appId, event) => {
    const stored = await events.findByEventId(appId, event.id)
    if (stored === null) return
    const differences = differencesOf(stored, { event, facts: eventFacts(event) })
    if (differences.length > 0) {
      await alarms.raise({
        appId,
        kind: 'event_conflict',
        subject: event.id,
        message: `A delivery of the event ${event.id} (${stored.type}) differs from the stored one in ${differences.join(', ')}.`,
      })
      throw conflict(event.id, differences)
    }
    const handling = await events.handling(stored.position)
    if (handling?.state !== 'dead' && handling?.state !== 'failed') return
    const givenBack = await events.replay(appId, [stored.position], clock.now())
    if (givenBack.length > 0) {
      log.info({ appId, eventId: event.id }, 'An event was sent again, and is handled anew')
    }
  }
}

function conflict(eventId: string, differences: readonly string[]): ServiceError {
  return new ServiceError('event_conflict', {
    message: `The event ${eventId} is stored already, with another content (${differences.join(', ')}). The stored one stays as it is, and this one was not kept.`,
  })
}
