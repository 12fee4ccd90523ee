/** Timers as an argument, so that tests move them by hand. */

export type Cancel = () => void

export interface Timers {
  /** Runs after each `ms` milliseconds until cancelled; does not keep the process alive. */
  every(ms: number, run: () => void): Cancel
  /** Runs once after `ms` milliseconds unless cancelled; does not keep the process alive. */
  after(ms: number, run: () => void): Cancel
}

export const systemTimers: Timers = {
  every: (ms, run) => {
    const timer = setInterval(run, ms).unref()
    return () => clearInterval(timer)
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
