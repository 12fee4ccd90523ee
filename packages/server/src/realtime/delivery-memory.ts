/** Remembers how far each subscription of a Socket.IO client had come, so that a reconnect continues there. */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'

/** Someone who is receiving now, and can say how far it surely got. */
export interface Holder {
  /** The position up to which the client has everything; null: nothing is known yet. */
  provenPosition(): number | null
}

export interface DeliveryMemory {
  /** Makes `holder` the one who receives under this key. @returns where the previous one stopped, if known. */
  hold(key: string, holder: Holder): number | null
  /** The connection is gone: keeps `position` for the next holder, unless a newer one has taken over. */
  release(key: string, holder: Holder, position: number | null): void
  /** The client gave the subscription up itself. */
  forget(key: string, holder: Holder): void
  readonly size: number
}

export interface DeliveryMemoryDeps {
  readonly clock: Clock
  /** Must not be shorter than the time for which late subscribers get recent events, else those come twice. */
  readonly lifetimeMs: number
  /** The longest unused are given up first. */
  readonly mostEntries?: number
}

interface Stored {
  readonly position: number
  readonly until: number
}

export function createDeliveryMemory(deps: DeliveryMemoryDeps): DeliveryMemory {
  const { clock, lifetimeMs, mostEntries = 100_000 } = deps
  const held = new Map<string, Holder>()
  /** In the order of `until`, since each entry gets the same lifetime and is put at the end. */
  const stored = new Map<string, Stored>()

  const dropOld = (): void => {
    const now = clock.now()
    for (const [key, { until }] of stored) {
      if (until > now && stored.size <= mostEntries) break
      stored.delete(key)
    }
  }

  return {
    hold(key, holder) {
      const previous = held.get(key)
      held.set(key, holder)
      if (previous !== undefined) return previous.provenPosition()
      const entry = stored.get(key)
      stored.delete(key)
      return entry !== undefined && entry.until > clock.now() ? entry.position : null
    },
    release(key, holder, position) {
      if (held.get(key) !== holder) return
      held.delete(key)
      if (position === null) return
      stored.delete(key)
      stored.set(key, { position, until: clock.now() + lifetimeMs })
      dropOld()
    },
    forget(key, holder) {
      if (held.get(key) === holder) held.delete(key)
    },
    get size() {
      return held.size + stored.size
    },
  }
}

/** One fixed-size key for everything that must be the same for a subscription to be the same. */
export function deliveryKey(...parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}
