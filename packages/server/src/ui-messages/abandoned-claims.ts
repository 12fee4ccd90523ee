/** Takes messages back from tabs that are gone, so that the next tab gets them. */
import type { Clock } from '../clock.ts'
import type { UiMessageStore } from '../store/ui-message-store.ts'

export interface AbandonedClaims {
  /** Looks once; called once a second. */
  look(): Promise<void>
}

export interface AbandonedClaimsDeps {
  readonly store: Pick<UiMessageStore, 'abandoned' | 'release'>
  readonly clock: Clock
  onChanged(): void
}

/** A reload and a short break of the network are over by then. Counted in looks, so that no clock decides. */
const LOOKS = 5
const AT_ONCE = 200

export function createAbandonedClaims({ store, clock, onChanged }: AbandonedClaimsDeps): AbandonedClaims {
  /** How often in a row each was seen without its tab. */
  let seen = new Map<string, number>()
  return {
    async look() {
      const abandoned = await store.abandoned(clock.now(), AT_ONCE)
      const before = seen
      seen = new Map()
      for (const { appId, id, claimedBy, claims } of abandoned) {
        const key = `${id} ${claims}`
        const looks = (before.get(key) ?? 0) + 1
        if (looks < LOOKS || claimedBy === null) seen.set(key, looks)
        else {
          await store.release(appId, id, claimedBy)
          onChanged()
        }
      }
    },
  }
}
