/** The health of the store in memory, counted from its event log. */
import type { EventStore } from '../event-store.ts'
import type { Backlog, StoreHealth } from '../store-health.ts'

const PAGE = 500

export function createMemoryStoreHealth(
  events: Pick<EventStore, 'readAfter' | 'handling'>,
  openAttempts: () => number,
): StoreHealth {
  async function* eventsOf(appId: string | null) {
    let position = 0
    for (;;) {
      const page = await events.readAfter(position, PAGE)
      yield* page.filter((event) => appId === null || event.appId === appId)
      if (page.length < PAGE) return
      position = page.at(-1)?.position ?? position
    }
  }

  return {
    trouble: () => null,
    onNews: () => () => {},
    onCommit: () => () => {},
    space: async () => null,
    probeWrite: async () => {},
    missingMigrations: async () => [],
    async queues() {
      const due: number[] = []
      for await (const { position } of eventsOf(null)) {
        const at = (await events.handling(position))?.nextAttemptAt ?? null
        if (at !== null) due.push(at)
      }
      return { oldestDueAt: due.length === 0 ? null : Math.min(...due), openAttempts: openAttempts() }
    },
    async backlog(appId) {
      let backlog: Backlog = { waiting: 0, oldestAt: null, dead: 0 }
      for await (const { position, created } of eventsOf(appId)) {
        const state = (await events.handling(position))?.state
        if (state === 'dead') backlog = { ...backlog, dead: backlog.dead + 1 }
        if (state !== 'received' && state !== 'failed') continue
        const oldestAt = Math.min(backlog.oldestAt ?? created, created)
        backlog = { ...backlog, waiting: backlog.waiting + 1, oldestAt }
      }
      return backlog
    },
  }
}
