/** One reader's way through the log: first what it missed, from the store, then live, without a gap or a double. */
import { setImmediate as immediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import { createConcurrencyGate } from './concurrency-gate.ts'
import type { Hub, Subscription } from './hub.ts'
import type { ListenRequest } from './listen-request.ts'
import type { LogReader } from './log-reader.ts'
import { createMissedEvents, type MissedEvents } from './missed-events.ts'
import { createPublication, type Publication } from './publication.ts'

export type StartingPoint =
  /** What comes from now on; before it, once, the recent events of a transaction that the selector names. */
  | { readonly kind: 'recent' }
  /** Everything after this position, however long ago. */
  | { readonly kind: 'after'; readonly position: number }

export interface Follower {
  readonly appId: string
  readonly request: ListenRequest
  /** Gets each matching event once, in the order of the log. */
  deliver(publication: Publication): void
  /** Awaited between two missed events, so that a long past is not written faster than it is read. */
  ready(): Promise<void> | undefined
  /** Every event up to `position` was delivered; what follows is live. */
  caughtUp?(position: number): void
  /** The store could not be read; nothing more will come. */
  failed(error: unknown): void
}

export interface FollowLogDeps {
  readonly events: Pick<EventStore, 'find' | 'readAfter' | 'lastPosition'>
  readonly hub: Pick<Hub, 'subscribe'>
  readonly head: LogReader['head']
  readonly clock: Clock
  /** How far back "recent" goes; 0: nothing is repeated to late subscribers. */
  readonly recentEventsMs: number
  /** Resolves in the next turn of the event loop; `setImmediate` unless told. */
  nextTurn?(): Promise<unknown>
}

export type FollowLog = (follower: Follower, start: StartingPoint) => Subscription

/** So many events of a long past are handed over before others have their turn of the event loop. */
const EVENTS_A_TURN = 50
/** How many readers may ask the store for their past at one time. */
const MOST_READS = 8

export function createFollowLog(deps: FollowLogDeps): FollowLog {
  const missed = createMissedEvents({ events: deps.events, gate: createConcurrencyGate(MOST_READS) })
  return (follower, start) => {
    const reading = createReading({ ...deps, missed }, follower)
    void reading.run(start).catch((error: unknown) => {
      if (!reading.isClosed()) follower.failed(error)
    })
    return { close: reading.close }
  }
}

function createReading(
  {
    missed,
    hub,
    head,
    clock,
    recentEventsMs,
    nextTurn = immediate,
  }: FollowLogDeps & { readonly missed: MissedEvents },
  follower: Follower,
) {
  const { appId, request } = follower
  /** Every event up to here was delivered or does not match. */
  let cursor = 0
  let live: Subscription | null = null
  let closed = false

  const deliverMissed = async (event: StoredEvent): Promise<void> => {
    if (closed || event.appId !== appId || event.flag !== null) return
    const publication = createPublication(event)
    if (!request.matches(publication)) return
    follower.deliver(publication)
    await follower.ready()
  }

  /** A past may be millions of events: without a pause, a resolved promise after the other would hold up everybody. */
  const deliverInTurns = async (
    events: readonly StoredEvent[],
    before: (event: StoredEvent) => void = () => {},
  ): Promise<void> => {
    for (const [index, event] of events.entries()) {
      before(event)
      await deliverMissed(event)
      if (index % EVENTS_A_TURN === EVENTS_A_TURN - 1) await nextTurn()
    }
  }

  const readRecent = async (): Promise<void> => {
    const upTo = head()
    if (recentEventsMs > 0 && missed.namesTransaction(request.pins)) {
      const since = clock.now() - recentEventsMs
      await deliverInTurns(await missed.recent({ appId, pins: request.pins, upTo, since }))
    }
    cursor = upTo
  }

  const readAfter = async (position: number): Promise<void> => {
    const upTo = head()
    cursor = position
    // A position that the log never reached is of another database: waiting for it would hide what comes now.
    if (position > upTo && position > (await missed.lastPosition())) cursor = upTo
    if (cursor >= upTo) return
    const events = await missed.since({ appId, pins: request.pins, upTo, after: cursor })
    if (events === null) return
    await deliverInTurns(events)
    cursor = upTo
  }

  const readPage = async (): Promise<void> => {
    const page = await missed.page(cursor)
    await deliverInTurns(page, ({ position }) => {
      cursor = position
    })
    await nextTurn()
    if (page.length === 0) cursor = Math.max(cursor, head())
  }

  const join = (): void => {
    live = hub.subscribe({
      appId,
      ...request,
      deliver: (publication) => {
        // The store may be ahead of the hub, so an event read there can come by once more.
        if (publication.position <= cursor) return
        cursor = publication.position
        follower.deliver(publication)
      },
    })
    follower.caughtUp?.(cursor)
  }

  return {
    async run(start: StartingPoint): Promise<void> {
      if (start.kind === 'recent') await readRecent()
      else await readAfter(start.position)
      // No await between the look at head() and join(): an event published in between would be lost.
      for (;;) {
        if (closed) return
        if (cursor >= head()) return join()
        await readPage()
      }
    },
    close() {
      closed = true
      live?.close()
    },
    isClosed: () => closed,
  }
}
