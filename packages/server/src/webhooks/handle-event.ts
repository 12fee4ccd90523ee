/** Handles one leased event: decide what it changes, then write that and the mark `handled` in one commit. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EventChange, EventStore, LeasedEvent } from '../store/event-store.ts'
import { changesOf, type EventBody, type EventHandlers, eventHandlers } from './event-handlers.ts'
import { MOST_ATTEMPTS, retryAt } from './retry-schedule.ts'

export interface HandleEventDeps {
  readonly events: Pick<EventStore, 'finish' | 'fail'>
  /** The rules of the product unless told. */
  readonly handlers?: EventHandlers
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

export interface FreshEvent extends LeasedEvent {
  /** The event as it came, parsed; absent after a time in the store. */
  readonly body?: EventBody
}

export type HandlingOutcome = 'handled' | 'failed' | 'lease_lost'

type Decision =
  | { readonly outcome: 'handled'; readonly changes: readonly EventChange[] }
  | { readonly outcome: 'failed'; readonly error: string }

/** Rejects only when the store does; the lease then runs out, and the event is due again. */
export async function handleEvent(leased: FreshEvent, deps: HandleEventDeps): Promise<HandlingOutcome> {
  const { events, clock, log } = deps
  const { event, lease } = leased
  const startedAt = clock.now()
  const decision = decide(leased, deps.handlers ?? eventHandlers)
  const now = clock.now()
  if (decision.outcome === 'handled') {
    const written = await events.finish(lease, { changes: decision.changes, startedAt, now })
    return written === 'done' ? 'handled' : 'lease_lost'
  }
  const next = retryAt(lease.attempt, now)
  const written = await events.fail(lease, { error: decision.error, retryAt: next, startedAt, now })
  if (written === 'lease_lost') return 'lease_lost'
  const facts = { appId: event.appId, eventId: event.eventId, type: event.type, attempt: lease.attempt }
  if (next === null) log.error({ ...facts, error: decision.error }, 'Event is dead: no try is left')
  else log.warn({ ...facts, error: decision.error, retryAt: next }, 'Event handling failed')
  return 'failed'
}

function decide({ event, lease, body }: FreshEvent, handlers: EventHandlers): Decision {
  // What does not concern the app has no rules.
  if (event.flag !== null) return { outcome: 'handled', changes: [] }
  // A lease beyond the last try means that the tries before it ended with the process, not with an error.
  if (lease.attempt > MOST_ATTEMPTS) {
    return {
      outcome: 'failed',
      error: `The process ended ${lease.attempt - 1} times while handling this event`,
    }
  }
  try {
    return { outcome: 'handled', changes: changesOf(event, handlers, body) }
  } catch (error) {
    return { outcome: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}
