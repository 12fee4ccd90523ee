/** Time that stands until a test moves it. */
import type { Clock } from '../../packages/server/src/clock.ts'
import type { Timers } from '../../packages/server/src/realtime/timers.ts'

export interface ManualTime extends Clock {
  readonly timers: Timers
  /** Runs what falls due, in order. */
  advance(ms: number): void
}

interface Planned {
  at: number
  readonly everyMs: number | null
  readonly run: () => void
}

export function createManualTime(start = Date.UTC(2026, 10, 21, 12)): ManualTime {
  let now = start
  const planned = new Set<Planned>()
  const plan = (ms: number, everyMs: number | null, run: () => void) => {
    const it: Planned = { at: now + ms, everyMs, run }
    planned.add(it)
    return () => {
      planned.delete(it)
    }
  }
  const nextDue = (until: number) =>
    [...planned].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]

  return {
    now: () => now,
    timers: {
      every: (ms, run) => plan(ms, ms, run),
      after: (ms, run) => plan(ms, null, run),
    },
    advance(ms) {
      const until = now + ms
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        now = due.at
        if (due.everyMs === null) planned.delete(due)
        else due.at += due.everyMs
        due.run()
      }
      now = until
    },
  }
}
