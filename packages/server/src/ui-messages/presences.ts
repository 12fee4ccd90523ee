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
  readonly store: Pick<UiMessageStore, 'putPresence' | 'renewPresence' | 'dropPresence'>
  readonly clock: Clock
  readonly timers: Pick<Ticking, 'every'>
  readonly log: Log
}

const RENEW_MS = 10_000
const LASTS_MS = 35_000

export function createPresences({ store, clock, timers, log }: PresencesDeps): Presences {
  const holders = new Set<string>()
  const failed = (error: unknown) => log.warn({ err: error }, 'Who is connected could not be written down')
  const stop = timers.every(RENEW_MS, () => {
    if (holders.size === 0) return
    store.renewPresence([...holders], clock.now() + LASTS_MS).catch(failed)
  })
  return {
    async enter(who) {
      holders.add(who.holder)
      await store.putPresence({ ...who, until: clock.now() + LASTS_MS })
    },
    leave(holder) {
      if (holders.delete(holder)) store.dropPresence(holder).catch(failed)
    },
    stop,
  }
}
