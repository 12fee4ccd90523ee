/** The port through which every part of the server tells an operator what he must look at. */
import type { AlarmKey, NewAlarm } from '../store/alarm-store.ts'

export interface Alarms {
  /**
   * Opens an alarm, or counts it once more while it stands. What it means and what to do stands in `alarm-kinds.ts`; the
   * message says what happened. Never rejects: what the store does not take is kept in memory, logged, and sent all the same.
   */
  raise(alarm: NewAlarm): Promise<void>
  /** The condition is over. Does nothing, at the cost of a look, where no such alarm stands. Never rejects. */
  clear(alarm: AlarmKey): Promise<void>
}
