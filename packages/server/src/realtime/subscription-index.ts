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

export function createSubscriptionIndex<T>(): SubscriptionIndex<T> {
  /** Header → value → entries. No map or set in it is ever empty. */
  const pinned = new Map<string, Map<string, Set<T>>>()
  const loose = new Set<T>()
  let size = 0

  const addPinned = (entry: T, name: string, values: ReadonlySet<string>): void => {
    for (const value of values) {
      const byValue = getOrMake(pinned, name, () => new Map<string, Set<T>>())
      getOrMake(byValue, value, () => new Set<T>()).add(entry)
    }
  }

  const removePinned = (entry: T, name: string, values: ReadonlySet<string>): void => {
    const byValue = pinned.get(name)
    if (byValue === undefined) return
    for (const value of values) {
      const entries = byValue.get(value)
      entries?.delete(entry)
      if (entries?.size === 0) byValue.delete(value)
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
        for (const entry of entries ?? []) found.push(entry)
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

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
