/** Who listens to what: hands each publication to the subscriptions whose selectors it matches, in log order. */
import type { PinnedLiterals } from '../access/read-access.ts'
import type { Log } from '../log.ts'
import type { Publication } from './publication.ts'
import { createSubscriptionIndex, type SubscriptionIndex } from './subscription-index.ts'

export interface Listener {
  readonly appId: string
  /** The values outside of which `matches` is false; what makes a publication cheap. */
  readonly pins: PinnedLiterals
  /** Whether a pinned value alone is a match, so that `matches` need not be asked. */
  readonly decidedByPins: boolean
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
  readonly decidedByPins: boolean
  closed: boolean
}

const DONE = Promise.resolve()
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function createHub({ log, yieldToLoop = nextTurn }: HubDeps): Hub {
  const apps = new Map<string, SubscriptionIndex<Entry>>()
  let size = 0
  let last: Promise<void> | null = null

  /** @returns what the delivery cost. */
  const offer = (entry: Entry, publication: Publication): number => {
    if (entry.closed) return 0
    try {
      if (!entry.decidedByPins && !entry.listener.matches(publication)) return 1
      entry.listener.deliver(publication)
    } catch (error) {
      // One broken listener must not keep the others from their events.
      log.error({ err: error, position: publication.position }, 'A listener failed')
    }
    return DELIVERY_COST
  }

  /** @returns the index of the first entry that must wait for the next turn of the loop. */
  const offerSome = (entries: readonly Entry[], from: number, publication: Publication): number => {
    let spent = 0
    for (let at = from; at < entries.length; at++) {
      if (spent >= BUDGET) return at
      const entry = entries[at]
      if (entry !== undefined) spent += offer(entry, publication)
    }
    return entries.length
  }

  const offerRest = async (entries: readonly Entry[], from: number, publication: Publication) => {
    for (let at = from; at < entries.length; ) {
      await yieldToLoop()
      at = offerSome(entries, at, publication)
    }
  }

  return {
    subscribe(listener) {
      const entry: Entry = { listener, decidedByPins: listener.decidedByPins, closed: false }
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
      const reached = last === null ? offerSome(entries, 0, publication) : 0
      // Nearly every publication ends here, within one turn and without a promise of its own.
      if (last === null && reached === entries.length) return DONE
      const rest = () => offerRest(entries, reached, publication)
      const turn = last === null ? rest() : last.then(rest)
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
