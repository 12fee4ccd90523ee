/** The id of an alarm: the same for the same alarm, so that it is known before the store has taken it. */
import { createHash } from 'node:crypto'
import type { AlarmId, AlarmKey } from './alarm-store.ts'

export function alarmId({ appId, kind, subject }: AlarmKey): AlarmId {
  const text = JSON.stringify([appId, kind, subject])
  return `alm_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
}
