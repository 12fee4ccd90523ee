/** Says in the store who is connected to this process, and keeps saying it. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { UiMessageStore, UiPresence } from '../store/ui-message-store.ts'
import type { Ticking } from './ports.ts'

export interface Presences {
  /** Resolves when every process can see it. */
  enter(who: Omit<UiPresence, 'until'>): Promise<void>
  leave(holder: string): void
  stop(): void
}

export interface PresencesDeps {
  readonly store: Pick<UiMessageStore, 'putPresence' | 'renewPresences' | 'dropPresence'>
  readonly clock: Clock
  readonly timers: Pick<Ticking, 'every'>
  readonly log: Log
}

const RENEW_MS = 10_000
const LASTS_MS = 35_000

export function createPresences({ store, clock, timers, log }: PresencesDeps): Presences {
  const present = new Map<string, Omit<UiPresence, 'until'>>()
  const failed = (error: unknown) => log.warn({ err: error }, 'Who is connected could not be written down')
  const stop = timers.every(RENEW_MS, () => {
    if (present.size === 0) return
    const until = clock.now() + LASTS_MS
    store.renewPresences([...present.values()].map((who) => ({ ...who, until }))).catch(failed)
  })
  return {
    async enter(who) {
      await store.putPresence({ ...who, until: clock.now() + LASTS_MS })
      present.set(who.holder, who)
    },
    leave(holder) {
      if (present.delete(holder)) store.dropPresence(holder).catch(failed)
    },
    stop,
  }
}
