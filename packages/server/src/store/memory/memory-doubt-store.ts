/** The doubts in memory. */
import type { Doubt, DoubtStore } from '../doubt-store.ts'

export function createMemoryDoubtStore(): DoubtStore {
  const doubts = new Map<string, Doubt>()
  return {
    standing: async (appId) => doubts.get(appId) ?? null,
    list: async () => [...doubts.values()],
    async raise(doubt) {
      const since = Math.min(doubt.since, doubts.get(doubt.appId)?.since ?? doubt.since)
      doubts.set(doubt.appId, { ...doubt, since })
    },
    async settle({ appId, since, notedAt }) {
      const standing = doubts.get(appId)
      if (standing !== undefined && (standing.since !== since || standing.notedAt !== notedAt))
        return 'changed'
      doubts.delete(appId)
      return 'settled'
    },
  }
}
