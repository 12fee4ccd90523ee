/** Who listens to what: hands each publication to the subscriptions whose selectors it matches, in log order. */
import type { PinnedLiterals } from '../access/read-access.ts'
import type { Log } from '../log.ts'
import type { Publication } from './publication.ts'
import { createSubscriptionIndex, type SubscriptionIndex } from './subscription-index.ts'

export interface Listener {
  readonly appId: string
  /** The values outside of which `matches` is false; what makes a publication cheap. */
  readonly pins: PinnedLiterals
  matches(publication: Publication): boolean
  /** Must only hand on: a slow receiver is the receiver's to drop. */
  deliver(publication: Publication): void
}

export interface Subscription {
  /** Nothing is delivered after this. */
  close(): void
}

export interface Hub {
  subscribe(listener: Listener): Subscription
  /**
   * Delivers to every subscription that exists at this moment and matches. Resolves when all have it; a second call
   * meanwhile waits its turn, so that each subscription sees publications in the order of the calls.
   */
  publish(publication: Publication): Promise<void>
  readonly size: number
}

export interface HubDeps {
  readonly log: Log
  /** Lets other work of the process run in the middle of a long fan-out. */
  readonly yieldToLoop?: () => Promise<void>
}

/** A delivery is about one write to a socket (6 to 8 µs), a test of a selector a tenth of it. */
const DELIVERY_COST = 10
/** About 2 ms of work between two turns of the event loop. */
const BUDGET = 2_500

interface Entry {
  readonly listener: Listener
  closed: boolean
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function createHub({ log, yieldToLoop = nextTurn }: HubDeps): Hub {
  const apps = new Map<string, SubscriptionIndex<Entry>>()
  let size = 0
  let last: Promise<void> | null = null

  /** @returns what the delivery cost. */
  const offer = (entry: Entry, publication: Publication): number => {
    if (entry.closed) return 0
    try {
      if (!entry.listener.matches(publication)) return 1
      entry.listener.deliver(publication)
    } catch (error) {
      // One broken listener must not keep the others from their events.
      log.error({ err: error, position: publication.position }, 'A listener failed')
    }
    return DELIVERY_COST
  }

  const fanOut = async (entries: readonly Entry[], publication: Publication): Promise<void> => {
    let spent = 0
    for (const entry of entries) {
      spent += offer(entry, publication)
      if (spent < BUDGET) continue
      spent = 0
      await yieldToLoop()
    }
  }

  return {
    subscribe(listener) {
      const entry: Entry = { listener, closed: false }
      const index = apps.get(listener.appId) ?? createSubscriptionIndex<Entry>()
      apps.set(listener.appId, index)
      const remove = index.add(entry, listener.pins)
      size++
      return {
        close() {
          if (entry.closed) return
          entry.closed = true
          size--
          remove()
          if (index.size === 0 && apps.get(listener.appId) === index) apps.delete(listener.appId)
        },
      }
    },
    publish(publication) {
      const entries = apps.get(publication.appId)?.candidates(publication.headers) ?? []
      const turn =
        last === null ? fanOut(entries, publication) : last.then(() => fanOut(entries, publication))
      const done = turn.then(() => {
        if (last === done) last = null
      })
      last = done
      return done
    },
    get size() {
      return size
    },
  }
}
