/** A page's world in the hands of a test: time moves and news come only when it says so. */
import type { PageWorld } from './page-world.ts'

export interface ManualWorld extends PageWorld {
  advance(ms: number): Promise<void>
  returned(what: 'online' | 'visible'): Promise<void>
  /** Milliseconds until the next timer. */
  nextTimer(): number
  timers(): number
  listeners(): number
}

/** Its chance is always 0.5. */
export function manualWorld(): ManualWorld {
  let now = 1_000_000
  const timers = new Set<{ at: number; call(): void }>()
  const listeners = new Set<(what: 'online' | 'visible') => void>()
  /** What began goes on until it waits for the test. */
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  const earliest = () => [...timers].sort((a, b) => a.at - b.at)[0]

  return {
    now: () => now,
    random: () => 0.5,
    after(ms, call) {
      const timer = { at: now + ms, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    onReturn(call) {
      listeners.add(call)
      return () => listeners.delete(call)
    },
    async advance(ms) {
      const end = now + ms
      await settle()
      for (let next = earliest(); next !== undefined && next.at <= end; next = earliest()) {
        now = next.at
        timers.delete(next)
        next.call()
        await settle()
      }
      now = end
      await settle()
    },
    async returned(what) {
      for (const call of [...listeners]) call(what)
      await settle()
    },
    nextTimer: () => (earliest()?.at ?? Number.NaN) - now,
    timers: () => timers.size,
    listeners: () => listeners.size,
  }
}
