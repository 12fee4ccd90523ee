/** The newest end of the log in memory, so that readers just behind it cost the database nothing. */
import type { StoredEvent } from './event-store.ts'

export interface RecentEvents {
  /** Takes the next event of the log, in its order. */
  add(event: StoredEvent): void
  /** Events with a greater position, ascending; null when memory does not reach back that far. */
  after(position: number, limit: number): readonly StoredEvent[] | null
  /** Forgets everything: from now on memory covers what comes after `position`. */
  restart(position: number): void
}

export interface RecentEventsLimits {
  readonly mostEvents: number
  /** Of all payloads together. */
  readonly mostCharacters: number
}

/** A few commits' worth: readers are woken by each, and what lives longer costs the garbage collector. */
const LIMITS: RecentEventsLimits = { mostEvents: 512, mostCharacters: 16 * 1024 * 1024 }

/** @param position the last position of the log at this moment. */
export function createRecentEvents(position: number, limits: RecentEventsLimits = LIMITS): RecentEvents {
  /** Every event after this position is in `events`. */
  let coveredAfter = position
  let events: StoredEvent[] = []
  let characters = 0

  function forgetOldHalf(): void {
    const half = events.slice(Math.ceil(events.length / 2))
    coveredAfter = events[events.length - half.length - 1]?.position ?? coveredAfter
    events = half
    characters = half.reduce((sum, event) => sum + event.payload.length, 0)
  }

  return {
    add(event) {
      events.push(event)
      characters += event.payload.length
      if (events.length > limits.mostEvents || characters > limits.mostCharacters) forgetOldHalf()
    },
    after(after, limit) {
      if (after < coveredAfter) return null
      const start = firstIndexAfter(events, after)
      return events.slice(start, start + limit)
    },
    restart(at) {
      coveredAfter = at
      events = []
      characters = 0
    },
  }
}

function firstIndexAfter(events: readonly StoredEvent[], position: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle]?.position ?? 0) <= position) low = middle + 1
    else high = middle
  }
  return low
}
