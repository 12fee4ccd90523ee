/**
 * Refusals that the Java SDK is told late: it looks up and connects again 200 ms after each, for ever, whatever it is told. What
 * slows it down is that it waits for the answer.
 */

/** Below the ten seconds within which a client of Socket.IO has to join. */
const LATE_MS = 6_000
/** Of those that wait; a crowd of wrong clients must not hold the places of others. */
const MOST_WAITING = 200

export interface LateRefusals {
  /** Resolves when the refusal may be told. */
  due(): Promise<void>
  /** Lets go of all that wait, for a stop. */
  release(): void
}

/** Runs once, later, unless the returned function is called. */
export type After = (ms: number, run: () => void) => () => void

export function createLateRefusals(after: After): LateRefusals {
  const waiting = new Set<() => void>()
  return {
    due() {
      if (waiting.size >= MOST_WAITING) return Promise.resolve()
      return new Promise((resolve) => {
        const end = () => {
          cancel()
          waiting.delete(end)
          resolve()
        }
        const cancel = after(LATE_MS, end)
        waiting.add(end)
      })
    },
    release() {
      for (const end of [...waiting]) end()
    },
  }
}
