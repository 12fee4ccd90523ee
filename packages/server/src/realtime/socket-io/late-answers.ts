/**
 * Refusals that are told late. The Java client asks again 200 ms after each one, for ever, whatever it is told: what slows it
 * down is that it waits for the answer.
 */
import type { Timers } from '../timers.ts'

/** Below the ten seconds within which a client has to join. */
const LATE_MS = 6_000
/** More are answered at once, so that waiting clients cannot fill the memory. */
const MOST_WAITING = 500

export interface LateAnswers {
  /** Runs it after a while, or now if many wait already. */
  run(answer: () => void): void
}

export function lateAnswers(timers: Pick<Timers, 'after'>): LateAnswers {
  let waiting = 0
  return {
    run(answer) {
      if (waiting >= MOST_WAITING) return answer()
      waiting += 1
      timers.after(LATE_MS, () => {
        waiting -= 1
        answer()
      })
    },
  }
}
