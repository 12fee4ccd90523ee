/** Finds the subscriptions that a publication may concern, by the values that their selectors pin. */
import type { PinnedLiterals } from '../access/read-access.ts'

export interface SubscriptionIndex<T> {
  /** Keeps the entry under one of its pins, or with the loose ones; the result takes it out again. */
  add(entry: T, pins: PinnedLiterals): () => void
  /** Every entry whose pin allows these headers, and all loose ones; each entry once. */
  candidates(headers: Readonly<Record<string, string>>): T[]
  readonly size: number
}

/** Narrowest first: a transaction has a handful of events, a type has thousands. */
const BEST_NAMES = ['id', 'eventId', 'paymentIntentId', 'orderId', 'chargeId', 'customerId']

/** Most values have one entry, which then stands for itself: a set for each would cost memory, and time to reach. */
type Entries<T> = T | Set<T>

/** @typeParam T anything but a Set. */
export function createSubscriptionIndex<T extends object>(): SubscriptionIndex<T> {
  /** Header → value → entries. No map or set in it is ever empty. */
  const pinned = new Map<string, Map<string, Entries<T>>>()
  const loose = new Set<T>()
  let size = 0

  const addPinned = (entry: T, name: string, values: ReadonlySet<string>): void => {
    for (const value of values) {
      const byValue = pinned.get(name) ?? new Map<string, Entries<T>>()
      pinned.set(name, byValue)
      const entries = byValue.get(value)
      if (entries === undefined) byValue.set(value, entry)
      else if (entries instanceof Set) entries.add(entry)
      else byValue.set(value, new Set([entries, entry]))
    }
  }

  const removePinned = (entry: T, name: string, values: ReadonlySet<string>): void => {
    const byValue = pinned.get(name)
    if (byValue === undefined) return
    for (const value of values) {
      const entries = byValue.get(value)
      if (entries instanceof Set) entries.delete(entry)
      if (entries === entry || (entries instanceof Set && entries.size === 0)) byValue.delete(value)
    }
    if (byValue.size === 0) pinned.delete(name)
  }

  return {
    add(entry, pins) {
      const pin = choosePin(pins)
      size++
      if (pin === null) loose.add(entry)
      else addPinned(entry, pin.name, pin.values)
      return () => {
        size--
        if (pin === null) loose.delete(entry)
        else removePinned(entry, pin.name, pin.values)
      }
    },
    candidates(headers) {
      const found = [...loose]
      // An entry stands under one name, and a publication has one value of it, so none is found twice.
      for (const [name, byValue] of pinned) {
        const value = headers[name]
        const entries = value === undefined ? undefined : byValue.get(value)
        if (entries instanceof Set) for (const entry of entries) found.push(entry)
        else if (entries !== undefined) found.push(entries)
      }
      return found
    },
    get size() {
      return size
    },
  }
}

function choosePin(pins: PinnedLiterals): { name: string; values: ReadonlySet<string> } | null {
  let best: { name: string; values: ReadonlySet<string> } | null = null
  for (const [name, values] of pins) {
    if (best === null || isNarrower(name, values, best)) best = { name, values }
  }
  return best
}

function isNarrower(
  name: string,
  values: ReadonlySet<string>,
  than: { name: string; values: ReadonlySet<string> },
): boolean {
  const [rank, bestRank] = [rankOf(name), rankOf(than.name)]
  return rank === bestRank ? values.size < than.values.size : rank < bestRank
}

function rankOf(name: string): number {
  const rank = BEST_NAMES.indexOf(name)
  return rank === -1 ? BEST_NAMES.length : rank
}
