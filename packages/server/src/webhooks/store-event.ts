/** Stores one event of Stripe's once, whatever way it came, and hands it on once it is on disk. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EventFacts, EventFlag, EventSource, EventStore } from '../store/event-store.ts'
import { eventFacts } from '../stripe/event-facts.ts'
import { type EventHome, eventFlag } from './event-flag.ts'
import type { FreshEvent } from './handle-event.ts'
import { LEASE_MS } from './lease.ts'
import { makeObjectId } from './object-id.ts'
import type { StripeEventObject } from './parse-event.ts'

export interface StoreEventDeps {
  readonly events: Pick<EventStore, 'insertOnce'>
  /** What an app takes for its own; other events are stored and flagged. */
  homeOf(appId: string): EventHome
  /** Whether the app charges on a connected account: then it is not foreign, though nobody listed it. */
  chargesOn(appId: string, account: string): Promise<boolean>
  /** Told of each new event once it is committed, with the lease to handle it. Must not throw. */
  onStored(stored: FreshEvent): void
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** A random UUID. */
  newId(): string
}

export interface ArrivedEvent {
  readonly appId: string
  readonly event: StripeEventObject
  /** The event as JSON text. */
  readonly payload: string
  readonly source: EventSource
}

export type StoreEvent = (arrived: ArrivedEvent) => Promise<'stored' | 'duplicate'>

/** Rejects with `store_unavailable` when nothing was kept. */
export function createStoreEvent(deps: StoreEventDeps): StoreEvent {
  return async ({ appId, event, payload, source }) => {
    const receivedAt = deps.clock.now()
    const facts = eventFacts(event)
    const flag = await flagOf(appId, facts)
    const objectId = makeObjectId(receivedAt, deps.newId())
    const result = await deps.events.insertOnce(
      { ...facts, appId, objectId, receivedAt, source, flag, payload },
      { leaseMs: LEASE_MS },
    )
    if (result.outcome === 'duplicate') return 'duplicate'
    if (flag !== null && flag !== 'doctor') warnOf(flag, facts, appId)
    deps.onStored({ event: result.event, lease: result.lease, body: event })
    return 'stored'
  }

  async function flagOf(appId: string, facts: EventFacts): Promise<EventFlag | null> {
    const flag = eventFlag(facts, deps.homeOf(appId))
    if (flag !== 'foreign_account' || facts.account === null) return flag
    return (await deps.chargesOn(appId, facts.account)) ? null : flag
  }

  /** Kept without effect: an operator who meant to take it needs to see it. */
  function warnOf(flag: EventFlag, { eventId, type, account }: EventFacts, appId: string): void {
    deps.log.warn({ appId, eventId, type, account, flag }, 'Event stored, but not dispatched')
  }
}
