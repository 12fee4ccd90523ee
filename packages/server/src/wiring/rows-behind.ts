/** Since when the rows of an app may lack payments that Stripe has: a doubt that stands, or a start not yet compared. */
import type { RowsBehind } from '../payments/attempts/catch-up.ts'
import type { RepairedApp } from '../repair/repair-loop.ts'
import type { DoubtStore } from '../store/doubt-store.ts'
import type { RepairProgressStore } from '../store/repair-progress-store.ts'

export interface RowsBehindDeps {
  readonly doubts: Pick<DoubtStore, 'standing'>
  readonly progress: Pick<RepairProgressStore, 'get'>
  appOf(appId: string): RepairedApp
  /** Whether the log was held against Stripe's list since the start. */
  hasCompared(appId: string): boolean
}

export function createRowsBehind({ doubts, progress, appOf, hasCompared }: RowsBehindDeps): RowsBehind {
  /** A write-ahead log that was cut takes its newest rows with it, and leaves no note of that. */
  async function sinceLastSeen(appId: string): Promise<number | null> {
    if (hasCompared(appId)) return null
    return (await progress.get(appId)) ?? Math.floor(appOf(appId).createdAt / 1000)
  }
  return {
    async since(appId) {
      const times = [(await doubts.standing(appId))?.since ?? null, await sinceLastSeen(appId)]
      const known = times.filter((time) => time !== null)
      return known.length === 0 ? null : Math.min(...known)
    },
  }
}
