/** Holds the clock of this machine against Stripe's, as every answer tells it, and says so when they part. */
import type { Alarms } from '../alarms/alarms.ts'

export interface SkewWatchDeps {
  readonly alarms: Alarms
  /** How far the clock of this machine is ahead, in milliseconds, by each Stripe that has answered. */
  skewsMs(): readonly number[]
}

/** Beyond that it is an alarm. */
const RAISED_MS = 60_000
/** So that a clock at the edge does not come and go. */
const CLEARED_MS = 45_000

const ALARM = { appId: null, kind: 'clock_skew', subject: 'clock' } as const

export function createSkewWatch({ alarms, skewsMs }: SkewWatchDeps): { check(): Promise<void> } {
  /** null: nothing is known yet, also not of an alarm of before. */
  let isWrong: boolean | null = null
  return {
    async check() {
      const [worst] = [...skewsMs()].sort((a, b) => Math.abs(b) - Math.abs(a))
      if (worst === undefined) return
      const distance = Math.abs(worst)
      if (distance > RAISED_MS && isWrong !== true) {
        isWrong = true
        const seconds = Math.round(distance / 1000)
        await alarms.raise({
          ...ALARM,
          message: `The clock of this machine is ${seconds} s ${worst > 0 ? 'ahead of' : 'behind'} Stripe’s.`,
        })
      } else if (distance < CLEARED_MS && isWrong !== false) {
        isWrong = false
        await alarms.clear(ALARM)
      }
    },
  }
}
