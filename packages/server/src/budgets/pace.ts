/** How often something may be done, for each address, key and app: a token bucket each, in a bounded memory. */
import { networkOf } from '../access/network-of.ts'
import type { Holder, PerScope, Scope } from './holder.ts'

/** So many at once, and again as many over each time. */
export interface Rate {
  readonly count: number
  readonly overMs: number
}

export interface Pace {
  /** Counts one. @returns null, or who must wait for how long; then it counts for nobody. */
  take(holder: Holder): { readonly scope: Scope; readonly waitMs: number } | null
  readonly size: number
}

export interface PaceDeps {
  readonly limits: PerScope<Rate>
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  /** Above it, those that were used longest ago are forgotten, which gives them a fresh start. */
  readonly mostEntries?: number
}

interface Bucket {
  left: number
  at: number
}

export function createPace({ limits, now, mostEntries = 50_000 }: PaceDeps): Pace {
  /** In the order of their last use. */
  const buckets = new Map<string, Bucket>()

  function filled(name: string, { count, overMs }: Rate, at: number): Bucket {
    const bucket = buckets.get(name) ?? { left: count, at }
    bucket.left = Math.min(count, bucket.left + ((at - bucket.at) / overMs) * count)
    bucket.at = at
    return bucket
  }

  return {
    take({ address, key, appId }) {
      const at = now()
      const names = { address: networkOf(address), key, app: appId }
      const touched: [string, Bucket][] = []
      for (const scope of ['address', 'key', 'app'] as const) {
        const rate = limits[scope]
        const name = names[scope]
        if (rate === null || name === null) continue
        const bucket = filled(`${scope} ${name}`, rate, at)
        if (bucket.left < 1) return { scope, waitMs: ((1 - bucket.left) / rate.count) * rate.overMs }
        touched.push([`${scope} ${name}`, bucket])
      }
      for (const [name, bucket] of touched) {
        bucket.left -= 1
        buckets.delete(name)
        buckets.set(name, bucket)
      }
      for (const name of buckets.keys()) {
        if (buckets.size <= mostEntries) break
        buckets.delete(name)
      }
      return null
    },
    get size() {
      return buckets.size
    },
  }
}
