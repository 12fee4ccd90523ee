/** Turns a condition that is looked at again and again into an alarm that is raised, counted now and then, and cleared. */
import type { Alarms } from '../alarms/alarms.ts'
import type { SteadyClock } from '../clock.ts'
import type { AlarmKey } from '../store/alarm-store.ts'

export interface ConditionAlarms {
  /** @param message what is the matter; null: nothing is */
  set(key: AlarmKey, message: string | null): void
}

/** While a condition goes on, its alarm is counted once more, and gets its newest message, so often. */
const REPEAT_MS = 60_000

export function createConditionAlarms(alarms: Alarms, steady: SteadyClock): ConditionAlarms {
  /** When each alarm was last raised; null: it does not stand. Absent: nobody knows, an earlier run may have raised it. */
  const raisedAt = new Map<string, number | null>()
  return {
    set(key, message) {
      const name = JSON.stringify([key.appId, key.kind, key.subject])
      const last = raisedAt.get(name)
      if (message === null) {
        if (last === null) return
        raisedAt.set(name, null)
        void alarms.clear(key)
        return
      }
      const now = steady.elapsed()
      if (typeof last === 'number' && now - last < REPEAT_MS) return
      raisedAt.set(name, now)
      void alarms.raise({ ...key, message })
    },
  }
}
