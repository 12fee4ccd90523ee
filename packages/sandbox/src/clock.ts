/** The sandbox's only source of time, so that tests can move it. */

/** Tells the time in epoch milliseconds. */
export interface Clock {
  now(): number
}

/** A clock that stands still until it is set. */
export interface ManualClock extends Clock {
  /** Moves the clock to `epochMs`; never backwards, because stored times must not lie in the future. */
  set(epochMs: number): void
}

export const systemClock: Clock = { now: () => Date.now() }

/** Creates a clock that shows `startMs` (epoch milliseconds) until `sandbox.advance()` moves it. */
export function createManualClock(startMs: number): ManualClock {
  let current = startMs
  return {
    now: () => current,
    set(epochMs) {
      if (epochMs < current) throw new RangeError('A manual clock cannot go backwards.')
      current = epochMs
    },
  }
}

export function isManualClock(clock: Clock): clock is ManualClock {
  return 'set' in clock
}
