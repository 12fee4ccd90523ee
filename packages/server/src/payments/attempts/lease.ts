/** How long a process may go on with an attempt: by steady time, and over at once when the two clocks part. */
import type { Clock, SteadyClock } from '../../clock.ts'

export interface Lease {
  isOver(): boolean
}

/** What the rows are told: hints when to look, from which nothing about money follows. Milliseconds since the epoch. */
export interface LeaseTimes {
  readonly now: number
  readonly leaseUntil: number
  /** Nothing is due later: a row that says so was written by a clock that has been set back since. */
  readonly latest: number
}

export interface LeaseDeps {
  readonly clock: Clock
  readonly steady: SteadyClock
  readonly lengthMs: number
}

/** The longest pause between two looks, and some. */
const LATEST_MS = 600_000
/** The machine slept, or its clock was set: whoever was to wait for this process may have stopped waiting. */
const PARTED_MS = 60_000

export function createLease({ clock, steady, lengthMs }: LeaseDeps) {
  return {
    begin(): Lease {
      const start = { wall: clock.now(), steady: steady.elapsed() }
      return {
        isOver() {
          const steadyMs = steady.elapsed() - start.steady
          const wallMs = clock.now() - start.wall
          return steadyMs >= lengthMs || Math.abs(wallMs - steadyMs) > PARTED_MS
        },
      }
    },
    times(): LeaseTimes {
      const now = clock.now()
      return { now, leaseUntil: now + lengthMs, latest: now + lengthMs + LATEST_MS }
    },
  }
}
