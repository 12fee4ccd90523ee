/** Time as an argument: features ask for a Clock, so that tests can move it. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** Time that only ever goes on: for leases and waiting. Nobody sets it, and it says nothing beyond this process. */
export interface SteadyClock {
  /** Milliseconds since some moment. */
  elapsed(): number
}

export const systemSteadyClock: SteadyClock = { elapsed: () => performance.now() }
