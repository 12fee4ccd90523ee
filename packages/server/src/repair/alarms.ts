/** Raises and clears alarms, and logs each once when it begins and once when it is over. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { AlarmStore, NewAlarm } from '../store/alarm-store.ts'

export interface Alarms {
  raise(alarm: NewAlarm): Promise<void>
  clear(alarm: Omit<NewAlarm, 'message'>): Promise<void>
}

export interface AlarmsDeps {
  readonly store: Pick<AlarmStore, 'raise' | 'clear'>
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
}

export function createAlarms({ store, clock, log }: AlarmsDeps): Alarms {
  return {
    async raise({ appId, kind, subject, message }) {
      const outcome = await store.raise({ appId, kind, subject, message }, clock.now())
      if (outcome === 'raised') log.warn({ appId, alarm: kind, subject }, message)
    },
    async clear({ appId, kind, subject }) {
      const outcome = await store.clear({ appId, kind, subject }, clock.now())
      if (outcome === 'cleared') log.warn({ appId, alarm: kind, subject }, 'The alarm is over')
    },
  }
}
