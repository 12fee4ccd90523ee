/** The progress of gap repair in memory. */
import type { RepairProgressStore } from '../repair-progress-store.ts'

export function createMemoryRepairProgressStore(): RepairProgressStore {
  const byApp = new Map<string, number>()
  return {
    get: async (appId) => byApp.get(appId) ?? null,
    async advance(appId, stripeCreated) {
      byApp.set(appId, Math.max(byApp.get(appId) ?? 0, stripeCreated))
    },
  }
}
